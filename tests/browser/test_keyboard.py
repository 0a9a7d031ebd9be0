"""From the door to a released plan with the keyboard alone: Tab, Enter, typing and the keys that the pages name."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tools import watching
from tools.serving import Person, Site

TABS_MAX = 120
JOB_MS = 60_000
FOCUSED = """() => { const e = document.activeElement, said = /^(A|BUTTON|SUMMARY)$/.test(e.tagName) ? e.innerText : '';
  return [e.getAttribute('aria-label') || '', ...[...(e.labels || [])].map(l => l.innerText), said].join(' '); }"""
pytestmark = pytest.mark.timeout(900)


def test_from_the_door_to_a_released_plan(chromium: Browser, site: Site):
    with watching.context(chromium, site) as context:
        page = context.new_page()
        sign_in(page, site.people["resource_clerk"])
        follow(page, "分配")
        follow(page, "新方案")
        tab_to(page, "求解力度")
        page.keyboard.press("Control+A")
        page.keyboard.type("100000")
        enter(page)
        expect(page.get_by_text(re.compile(r"方案 \d+ 已生成"))).to_be_visible(timeout=JOB_MS)
        follow(page, "已生成")
        expect(page.get_by_role("heading", level=1)).to_contain_text("待审批")
        sign_out(page)

        sign_in(page, site.people["branch_manager"])
        follow(page, "分配")
        follow(page, "方案 1")
        follow(page, "审批这个方案")
        enter(page, leads_away=False)  # the desk's own key: accept; it asks once
        expect(page.locator("dialog#approve-ask")).to_be_visible()
        enter(page, leads_away=False)  # in the field for the day: approves nothing
        expect(page.locator("dialog#approve-ask")).to_be_visible()
        tab_to(page, "批准", exactly=True)
        enter(page)
        expect(page.get_by_role("status")).to_contain_text("方案 1 已批准")
        sign_out(page)

        sign_in(page, site.people["resource_clerk"])
        follow(page, "分配")
        follow(page, "方案 1")
        follow(page, "下发到期", leads_away=False)
        expect(page.locator("dialog#release")).to_be_visible()
        tab_to(page, "下发", exactly=True)
        enter(page)
        expect(page.get_by_role("status").first).to_contain_text(re.compile(r"第 1 期已下发 [1-9]"))


def test_the_keys_that_pages_name(chromium: Browser, site: Site):
    with watching.context(chromium, site) as context:
        page = context.new_page()
        sign_in(page, site.people["resource_clerk"])
        page.keyboard.press("/")
        assert "搜索" in page.evaluate(FOCUSED)
        page.keyboard.press("Escape")
        page.goto("/policies/")
        page.keyboard.press("Tab")
        assert "跳到正文" in page.evaluate(FOCUSED)  # the first stop leads past the navigation
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.locator("body").press("]")
        page.wait_for_url("**after=**")
        page.locator("body").press("[")
        page.wait_for_url("**before=**")


def sign_in(page: Page, person: Person) -> None:
    page.goto("/sign-in/")
    page.wait_for_function("document.activeElement.name === 'login'")  # the first field has the focus
    page.keyboard.type(person.staff_number)
    page.keyboard.press("Tab")
    page.keyboard.type(person.password)
    enter(page)
    assert "/sign-in/" not in page.url, page.get_by_role("alert").all_inner_texts()


def sign_out(page: Page) -> None:
    follow(page, "我的菜单", leads_away=False)
    follow(page, "退出")
    expect(page.get_by_role("heading", name="登录", exact=True)).to_be_visible()


def follow(page: Page, words: str, *, leads_away: bool = True) -> None:
    """Tab to the link or button that says so and press Enter."""
    tab_to(page, words)
    enter(page, leads_away=leads_away)


def enter(page: Page, *, leads_away: bool = True) -> None:
    """Press Enter, and wait for the page that it leads to."""
    if not leads_away:
        page.keyboard.press("Enter")
        return
    with page.expect_navigation():
        page.keyboard.press("Enter")


def tab_to(page: Page, words: str, *, exactly: bool = False) -> None:
    """Press Tab until what has the focus says these words."""
    heard: list[str] = []
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        heard.append(" ".join(page.evaluate(FOCUSED).split()))
        if heard[-1] == words if exactly else words in heard[-1]:
            return
    raise AssertionError(f"Tab never reached {words!r}: {heard}")


def test_a_list_is_walked_and_records_are_read_one_after_the_other(chromium: Browser, site: Site):
    with watching.context(chromium, site, post="resource_clerk") as context:
        page = context.new_page()
        page.goto("/policies/?view=orphans&sort=number")
        numbers = page.locator("tbody a.tg-id").all_inner_texts()
        for key in "jjk":
            page.keyboard.press(key)
        assert page.evaluate("document.activeElement.innerText") == numbers[0]
        page.keyboard.press("x")
        expect(page.locator("[data-tg-picked]")).to_have_text("1")
        page.keyboard.press("x")
        expect(page.locator("[data-tg-bulk]")).to_be_hidden()
        page.keyboard.press("j")
        enter(page)
        expect(page.get_by_text(re.compile(r"第 2 条 / 共"))).to_be_visible()
        page.keyboard.press("j")
        page.wait_for_url(f"**/{numbers[2]}/**")
        expect(page.get_by_text(re.compile(r"第 3 条 / 共"))).to_be_visible()
        page.keyboard.press("k")
        page.wait_for_url(f"**/{numbers[1]}/**")


def test_keys_are_named_on_every_page_and_are_letters_while_somebody_types(chromium: Browser, site: Site):
    with watching.context(chromium, site, post="resource_clerk") as context:
        page = context.new_page()
        page.goto("/customers/")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="键盘快捷键")).to_be_visible()
        expect(page.locator("[data-tg-keys]")).to_contain_text("下一页")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="键盘快捷键")).to_be_hidden()
        page.locator("input[form=find]").focus()
        page.keyboard.type("jx?k")
        assert page.locator("input[form=find]").input_value() == "jx?k"
        expect(page.get_by_role("dialog", name="键盘快捷键")).to_be_hidden()


def test_columns_stay_as_they_were_ticked(chromium: Browser, site: Site):
    with watching.context(chromium, site, post="resource_clerk") as context:
        page = context.new_page()
        page.goto("/policies/")
        page.get_by_text("列", exact=True).click()
        with page.expect_response("**/lists/policies/columns/"):
            page.locator("[data-tg-column=phone]").uncheck()
        expect(page.locator("th[data-col=phone]")).to_be_hidden()
        page.reload()
        expect(page.locator("th[data-col=phone]")).to_be_hidden()
        expect(page.locator("th[data-col=holder]")).to_be_visible()
