"""Browser contexts that notice what a person would not: console errors, broken scripts, refused styles, strange hosts.

In: Debian's Chromium and a site. Out: pages of somebody signed in. Never: a request that leaves this machine (Chromium is
started so that no other host resolves), a fault that passes because nobody looked at the console.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, StorageState, ViewportSize

from tools.serving import Person, Site

CHROMIUM = Path(os.environ.get("TUOGU_CHROMIUM", shutil.which("chromium") or "/usr/bin/chromium"))
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
DESK, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
WAIT_MS = 15_000
_KEPT: dict[tuple[str, str], StorageState] = {}


@dataclass
class Watch:
    """What went wrong in a context, in the order in which it happened."""

    site: Site
    refusals: bool = False  # the test asks for pages that say no: their status is no fault
    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Begin to watch a context and every page that it opens."""
        context.on("console", lambda message: self._told(message.type, message.text))
        context.on("weberror", lambda failure: self.faults.append(f"script: {failure.error}"))
        context.on("request", lambda request: self._asked(request.url))
        context.on("response", lambda response: self._answered(response.status, response.url))

    def _told(self, kind: str, text: str) -> None:
        if self.refusals and "the server responded with a status of 4" in text:
            return
        if kind in {"error", "warning"}:
            self.faults.append(f"console: {text}")

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and f"{parts.scheme}://{parts.netloc}" != self.site.url:
            self.faults.append(f"request outside the machine: {url}")

    def _answered(self, status: int, url: str) -> None:
        if status >= 500:
            self.faults.append(f"{status}: {url}")


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium, without a window. Its own date fields are English unless chromium-l10n is installed."""
    return playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)


@contextmanager
def context(
    browser: Browser,
    site: Site,
    *,
    post: str = "",
    phone: bool = False,
    english: bool = False,
    refusals: bool = False,
) -> Iterator[BrowserContext]:
    """A fresh browser context on the site, signed in as the person of `post`; fails at its end when anything went wrong."""
    opened = browser.new_context(
        storage_state=_signed_in(browser, site, post) if post else None,
        base_url=site.url, viewport=PHONE if phone else DESK, has_touch=phone, is_mobile=phone,
        locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True,
    )  # fmt: skip
    opened.set_default_timeout(WAIT_MS)
    if english:
        opened.add_cookies([{"name": "django_language", "value": "en", "url": site.url}])
    watch = Watch(site, refusals)
    watch.over(opened)
    try:
        yield opened
        assert watch.faults == [], watch.faults
    except Exception:
        _keep_pictures(opened, site)
        raise
    finally:
        opened.close()


def _keep_pictures(opened: BrowserContext, site: Site) -> None:
    """What the pages showed when something went wrong: beside the site's log."""
    for number, page in enumerate(opened.pages):
        page.screenshot(
            path=site.folder / f"failed-{len(list(site.folder.glob('failed-*')))}-{number}.png",
            full_page=True,
        )


def _signed_in(browser: Browser, site: Site, post: str) -> StorageState:
    """The cookies of that person; asked for once a site and post."""
    if (site.url, post) not in _KEPT:
        visit = browser.new_context(base_url=site.url)
        enter(visit.new_page(), site.people[post])
        _KEPT[site.url, post] = visit.storage_state()
        visit.close()
    return _KEPT[site.url, post]


def enter(page: Page, person: Person) -> Page:
    """Through the demo's door as that person."""
    page.goto("/sign-in/")
    page.get_by_role("button", name=person.name).click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page
