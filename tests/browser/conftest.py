"""Sites and browsers for the tests of the pages. Where Chromium or the assets are missing these tests skip loudly; in CI
they fail.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

import databases
from tools import serving, watching
from tools.serving import Site
from tuogu import clock
from tuogu.web import assets

Enter = Callable[..., Page]


def _lacking() -> str:
    """What this machine lacks, '' when the tests can run."""
    if not watching.CHROMIUM.exists():
        return "Chromium is not installed"
    return f"assets are missing ({assets.missing()[0]}): run `npm ci`" if assets.missing() else ""


@pytest.fixture(scope="session", autouse=True)
def _able() -> None:
    lacking = _lacking()
    if lacking and os.environ.get("CI"):
        pytest.fail(f"browser tests cannot run: {lacking}")
    if lacking:
        pytest.skip(f"!!! browser tests did not run: {lacking} !!!")


def _made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that is made by the first worker that needs it and shared by all. Copy it; never serve it."""
    base = factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "people.txt").exists():
            folder.mkdir(exist_ok=True)
            make(folder)
    return folder


@pytest.fixture(scope="session")
def imported_branch(tmp_path_factory: pytest.TempPathFactory, _able: None) -> Path:
    """A branch imported as of the end of last month: nothing is planned."""
    data_date = clock.business_today().replace(day=1) - timedelta(days=1)

    def make(folder: Path) -> None:
        databases.kept(folder, "tuogu.sqlite3")  # migrated already: that takes twelve seconds
        serving.make_branch(folder, data_date=data_date.isoformat())

    return _made_once(tmp_path_factory, "imported", make)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, _able: None) -> Path:
    """The demo: a plan approved, its first instalment released."""
    return _made_once(tmp_path_factory, "demo", serving.make_demo)


@pytest.fixture(scope="module")
def site(imported_branch: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of the module's own on the imported branch, with the demo's door."""
    folder = serving.copied(imported_branch, tmp_path_factory.mktemp("site") / "branch")
    with serving.served(folder) as running:
        yield running


@pytest.fixture(scope="module")
def demo_site(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of the module's own on the demo."""
    folder = serving.copied(demo, tmp_path_factory.mktemp("demo-site") / "demo")
    with serving.served(folder) as running:
        yield running


@pytest.fixture(scope="module")
def chromium(_able: None) -> Iterator[Browser]:
    """One browser for the module. Not for the session: Playwright's loop would stay under the ORM of later tests."""
    with sync_playwright() as playwright:
        browser = watching.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def enter(chromium: Browser, site: Site) -> Iterator[Enter]:
    """`enter("team_lead", phone=True)` → a page of that person in a context that fails the test on any fault."""
    with ExitStack() as stack:

        def opened(post: str, **how: bool) -> Page:
            context: BrowserContext = stack.enter_context(watching.context(chromium, site, post=post, **how))
            page = context.new_page()
            page.goto("/")
            return page

        yield opened
