"""A manager at customers' doors, on a phone of 390 px: six taps, no network, a customer who has moved, a week planned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pages
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tools import watching
from tools.serving import Site

pytestmark = pytest.mark.timeout(900)
TAPS_MAX = 6
POST = "account_manager"


class Thumb:
    """Taps, and how many."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def on(self, selector: str) -> None:
        self.page.locator(selector).first.tap()
        self.taps += 1

    def word(self, word: str) -> None:
        """A word to be chosen."""
        chip(self.page, word).tap()
        self.taps += 1


def chip(page: Page, word: str) -> Locator:
    """A choice of the form."""
    return page.locator(".tg-ph-opt label:visible").filter(has=page.get_by_text(word, exact=True)).first


@pytest.fixture(scope="module")
def ready(demo_site: Site) -> Site:
    """The demo on the morning after the roll: tasks stand on the phone."""
    demo_site.tuogu("tasks", "roll", "--token", demo_site.people["team_lead"].token)
    return demo_site


@pytest.fixture
def page(chromium: Browser, ready: Site) -> Iterator[Page]:
    with ExitStack() as stack:
        yield opened(stack, chromium, ready)


def opened(stack: ExitStack, browser: Browser, site: Site, *, refusals: bool = False) -> Page:
    context = stack.enter_context(watching.context(browser, site, post=POST, phone=True, refusals=refusals))
    page = context.new_page()
    page.goto("/m/")
    return page


def customers(page: Page) -> list[str]:
    """The numbers of the first customers on the list."""
    html = page.request.get("/m/customers/").text()
    return list(dict.fromkeys(re.findall(r"/m/customers/([^/\"]+)/", html)))


def worker_ready(page: Page) -> None:
    """Wait until the worker controls the page and keeps the empty form."""
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.wait_for_function("async () => (await caches.match('/m/outbox/')) !== undefined")


@pytest.mark.req("P-21")
def test_a_visit_is_recorded_in_six_taps_from_the_list_of_today(page: Page):
    number = customers(page)[0]
    page.goto("/m/customers/")
    thumb = Thumb(page)
    thumb.on(f'a[href="/m/customers/{number}/"]')
    thumb.on(f'a[href="/m/customers/{number}/record/"]')
    thumb.word("解释条款")
    thumb.word("热情")
    thumb.on("[data-tg-fill=card_questions]")
    thumb.on("[data-tg-send]")
    page.wait_for_url(f"**/m/customers/{number}/")
    expect(page.get_by_role("status").filter(has_text="已登记")).to_be_visible()
    assert thumb.taps <= TAPS_MAX
    expect(page.get_by_text("首访还没完成")).to_be_visible()


@pytest.mark.req("P-21")
def test_offline_it_waits_on_the_phone_and_is_sent_once_when_the_line_is_back(page: Page):
    number = customers(page)[1]
    worker_ready(page)
    page.goto(f"/m/customers/{number}/record/?kind=call")
    page.context.set_offline(True)
    expect(page.get_by_text("没有网络")).to_be_visible()
    chip(page, "冷淡").tap()
    page.locator("[data-tg-send]").tap()
    page.wait_for_url("**/m/outbox/")
    expect(page.locator("[data-tg-sent]").get_by_text("待发送")).to_be_visible()
    stored = page.evaluate(
        """() => new Promise(done => { const ask = indexedDB.open('tuogu-outbox', 1); ask.onsuccess = () => {
          const all = ask.result.transaction('records').objectStore('records').getAll();
          all.onsuccess = () => done(JSON.stringify(all.result)); }; })"""
    )
    assert number not in stored, "what a record says lies sealed"
    assert pages.axe_findings(page) == []
    page.context.set_offline(False)
    expect(page.locator("[data-tg-sent]").get_by_text("已发送")).to_be_visible()
    page.reload()
    page.goto(f"/m/customers/{number}/")
    calls = page.locator(".row1").filter(has_text="已联系上")
    expect(calls).to_have_count(1)


def renewals(page: Page) -> list[str]:
    """The addresses of the first renewals on the list whose cover still runs."""
    html = page.request.get("/m/renewals/").text()
    return list(dict.fromkeys(re.findall(r'href="(/m/renewals/\d+/)"', html)))[-4:]


@pytest.mark.req("P-21", "S3-08")
@pytest.mark.parametrize("kept", [True, False])
def test_an_intention_tapped_offline_is_sent_once_when_the_line_is_back(page: Page, kept: bool):
    """On a page that was opened before, and on the empty form for one that was not."""
    path = renewals(page)[kept]
    worker_ready(page)
    page.wait_for_function("async () => (await caches.match('/m/renewals/blank/')) !== undefined")
    if kept:
        page.goto(path)
    page.context.set_offline(True)
    page.goto(path)
    expect(page.locator("[data-tg-renewal]")).to_have_attribute(
        "data-tg-renewal", "case" if kept else "blank"
    )
    page.locator("button[name=intention][value=will]").tap()
    page.wait_for_url("**/m/outbox/")
    line = page.locator("[data-tg-sent] li").first
    expect(line).to_contain_text("续保联系")
    expect(line).to_contain_text("待发送")
    assert pages.axe_findings(page) == []
    page.context.set_offline(False)
    expect(page.locator("[data-tg-sent] li").first).to_contain_text("已发送")
    page.evaluate("() => Promise.all([self.tgPhone.send(), self.tgPhone.send()])")
    line = page.locator(f'.tg-ph-list a[href="{path}"]')
    page.goto("/m/renewals/")
    expect(line).to_contain_text("愿意续保")
    expect(line).to_contain_text("联系 1 次")


@pytest.mark.parametrize("offline", [False, True])
def test_a_photo_that_cannot_be_read_costs_nothing_that_was_written(page: Page, offline: bool):
    number = customers(page)[7 + offline]
    page.goto(f"/m/customers/{number}/record/")
    chip(page, "不在家").tap()
    page.locator("details:has([data-tg-consent=photo]) summary").tap()
    page.locator("[data-tg-consent=photo]").check()
    broken = {"name": "x.heic", "mimeType": "image/heic", "buffer": b"no picture"}
    page.set_input_files("[name=photo]", broken)  # type: ignore[arg-type]
    page.context.set_offline(offline)
    page.locator("[data-tg-send]").tap()
    expect(page.get_by_role("alert").get_by_text("这张照片读不出来")).to_be_visible()
    expect(page.locator('[name="outcome"][value="not_home"]')).to_be_checked()
    page.set_input_files("[name=photo]", [])
    page.locator("[data-tg-send]").tap()
    page.wait_for_url("**/m/outbox/" if offline else f"**/m/customers/{number}/")
    if offline:
        expect(page.locator("[data-tg-sent]").get_by_text("打开修改")).to_be_hidden()


def test_not_at_home_ends_in_the_next_appointment(page: Page):
    number = customers(page)[2]
    page.goto(f"/m/customers/{number}/record/")
    chip(page, "不在家").tap()
    expect(page.get_by_text("请电话告知客户已如期前来")).to_be_visible()
    page.locator("[data-tg-days='1']").tap()
    page.locator("[data-tg-send]").tap()
    page.wait_for_url(f"**/m/customers/{number}/")
    expect(page.get_by_text("赴约").first).to_be_visible()


def test_a_refusal_names_the_way_of_collecting_or_says_why_not(chromium: Browser, ready: Site):
    with ExitStack() as stack:
        page = opened(stack, chromium, ready, refusals=True)
        number = customers(page)[3]
        page.goto(f"/m/customers/{number}/record/?kind=call")
        chip(page, "不愿见面").tap()
        page.locator("[data-tg-send]").tap()
        expect(page.get_by_role("alert").get_by_text("请确认续收保费方式")).to_be_visible()
        chip(page, "银行转账").tap()
        page.locator("[data-tg-send]").tap()
        page.wait_for_url(f"**/m/customers/{number}/")


def test_the_first_visit_is_signed_on_the_screen(page: Page):
    number = customers(page)[4]
    page.goto(f"/m/customers/{number}/record/")
    chip(page, "核实保单信息").tap()
    chip(page, "热情").tap()
    page.locator("[data-tg-fill=card_questions]").tap()
    for name in ("manner", "knowledge", "punctual", "accepted"):
        page.locator(f'label:has([name="mark_{name}"][value="5"])').tap()
    pad = page.locator("[data-tg-pad]")
    pad.scroll_into_view_if_needed()
    frame = pad.bounding_box()
    assert frame is not None
    page.mouse.move(frame["x"] + 30, frame["y"] + 60)
    page.mouse.down()
    page.mouse.move(frame["x"] + 180, frame["y"] + 30, steps=5)
    page.mouse.up()
    page.locator("[data-tg-send]").tap()
    expect(page.get_by_role("alert").get_by_text("要先请客户同意")).to_be_visible()
    page.locator("[data-tg-consent=signature]").check()
    page.locator("[data-tg-send]").tap()
    page.wait_for_url(f"**/m/customers/{number}/")
    expect(page.get_by_text("问卷已签名").first).to_be_visible()
    expect(page.get_by_text("首访还没完成")).to_have_count(0)


@pytest.mark.req("S4-26")
def test_next_week_is_planned_on_the_phone(page: Page):
    page.goto("/m/week/")
    days = page.locator("select[name=day]")
    expect(days.first).to_be_visible()
    days.first.select_option(index=1)
    page.get_by_role("button", name="提交周计划").tap()
    expect(page.get_by_role("status").get_by_text(re.compile(r"已提交 \d+ 户的周计划"))).to_be_visible()
    expect(page.get_by_role("button", name="重新提交周计划")).to_be_visible()


def test_signing_out_with_unsent_records_asks_first_and_then_forgets_all(chromium: Browser, ready: Site):
    with ExitStack() as stack:
        context = stack.enter_context(watching.context(chromium, ready, phone=True, refusals=True))
        page = watching.enter(context.new_page(), ready.people[POST])
        page.goto("/m/")
        worker_ready(page)
        number = customers(page)[5]
        page.goto(f"/m/customers/{number}/record/?kind=call")
        page.context.set_offline(True)
        page.evaluate(
            "() => { self.tgPhone.later = () => Promise.resolve(); }"
        )  # nor does the worker send it
        chip(page, "热情").tap()
        page.locator("[data-tg-send]").tap()
        page.wait_for_url("**/m/outbox/")
        page.evaluate("() => { self.tgPhone.send = () => Promise.resolve(0); }")
        page.route("**/m/records/", lambda route: route.fulfill(status=403, body=""))
        page.context.set_offline(False)
        page.goto("/me/")
        page.get_by_role("button", name="退出", exact=True).tap()
        expect(page.locator("#leave")).to_be_visible()
        expect(page.locator("#leave b")).to_have_text("1")
        page.locator("#leave [data-tg-close]").tap()
        page.get_by_role("button", name="退出", exact=True).tap()
        page.locator("#leave [data-tg-leave]").tap()
        page.wait_for_url(lambda url: "/me/" not in url)
        page.wait_for_function(
            "async () => (await caches.keys()).length === 0 && !(await indexedDB.databases()).length"
        )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_of_care_is_accessible_and_fits(chromium: Browser, ready: Site, theme: str):
    with ExitStack() as stack:
        page = opened(stack, chromium, ready)
        number = customers(page)[0]
        urls = ["/m/", "/m/tasks/?view=all", "/m/calls/", "/m/names/", "/m/week/", "/m/route/", "/m/outbox/", "/m/record/",
                f"/m/customers/{number}/", f"/m/customers/{number}/record/",
                "/m/renewals/", "/m/renewals/open/", "/m/renewals/blank/", renewals(page)[0]]  # fmt: skip
        for width in (390, 360):
            page.set_viewport_size({"width": width, "height": 780})
            for url in urls:
                page.goto(f"{url}{'&' if '?' in url else '?'}theme={theme}")
                page.evaluate(
                    "() => document.querySelectorAll('details').forEach(part => { part.open = true; })"
                )
                assert pages.axe_findings(page) == [], (url, width)
                assert pages.overflow(page) == [], (url, width)
