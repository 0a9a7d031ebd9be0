"""Signing in for real: a password, a one-time code from the shown key, recovery codes; no demo's door."""

from __future__ import annotations

import base64
import hmac
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pages
import pytest
from playwright.sync_api import Browser, Page, expect

from tools import serving, watching
from tools.serving import Person, Site

STEP_S = 30


@pytest.fixture(scope="module")
def site(imported_branch: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """As an insurer runs it: without the demo's door."""
    folder = serving.copied(imported_branch, tmp_path_factory.mktemp("real") / "branch")
    with serving.served(folder, demo=False) as running:
        yield running


def one_time_code(key: str, at_s: float) -> str:
    """RFC 6238, as an authenticator shows it: SHA-1, 30 s, six digits."""
    digest = hmac.digest(base64.b32decode(key), struct.pack(">Q", int(at_s // STEP_S)), "sha1")
    place = digest[-1] & 0xF
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def give_password(page: Page, person: Person, password: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("工号").fill(person.staff_number)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def sign_out(page: Page) -> None:
    page.get_by_text("我的菜单").locator("..").click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()


def test_the_one_time_code_is_that_of_the_standard():
    """The last digits of RFC 6238's example: key 1234567890 twice, 59 s, 94287082."""
    assert one_time_code(base64.b32encode(b"12345678901234567890").decode(), 59) == "287082"


def test_nobody_gets_in_without_the_second_factor(chromium: Browser, site: Site):
    person = site.people["resource_clerk"]
    with watching.context(chromium, site) as context:
        page = context.new_page()
        page.goto("/sign-in/")
        expect(page.get_by_text("演示：以一位虚构人员进入")).to_have_count(0)
        give_password(page, person, "not-the-password-1")
        expect(page.get_by_role("alert")).to_be_visible()
        give_password(page, person, person.password)
        expect(page.get_by_role("heading", name="设置动态口令")).to_be_visible()
        page.goto("/")
        expect(page.get_by_role("heading", name="设置动态口令")).to_be_visible()

        assert pages.axe_findings(page) == []
        key = "".join(page.locator(".tg-secret").inner_text().split())
        now = time.time()
        right = one_time_code(key, now)
        wrong = f"{(int(right) + 1) % 1_000_000:06d}"
        page.get_by_label("六位动态口令").fill(wrong)
        page.get_by_role("button", name="启用").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("六位动态口令").fill(right)
        page.get_by_role("button", name="启用").click()
        expect(page.get_by_role("heading", name="恢复码")).to_be_visible()
        codes = page.locator(".tg-codes li").all_inner_texts()
        assert pages.axe_findings(page) == []
        assert len(codes) == 10
        assert len(set(codes)) == 10
        page.get_by_role("link", name="已抄好，开始工作").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.url == f"{site.url}/"
        for address in (
            "/me/",
            "/me/second-factor/codes/",
            "/me/second-factor/codes/new/",
            "/me/second-factor/remove/",
        ):
            page.goto(address)
            assert pages.axe_findings(page) == []
            assert pages.overflow(page) == []

        page.goto("/")
        sign_out(page)
        give_password(page, person, person.password)
        expect(page.get_by_role("heading", name="动态口令")).to_be_visible()
        page.goto("/")
        assert pages.axe_findings(page) == []
        assert page.url.startswith(f"{site.url}/sign-in/code/")  # a password alone opens nothing
        page.get_by_label("动态口令或恢复码").fill(one_time_code(key, now + STEP_S))
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(f"{site.url}/")

        for code, opens in ((codes[0], True), (codes[0], False)):  # a recovery code works once
            sign_out(page)
            give_password(page, person, person.password)
            page.get_by_label("动态口令或恢复码").fill(code)
            page.get_by_role("button", name="登录").click()
            if opens:
                page.wait_for_url(f"{site.url}/")
            else:
                expect(page.get_by_role("alert")).to_be_visible()
                break
