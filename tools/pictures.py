"""The README's pictures: a demo is made, served and photographed. People, customers and figures in it are invented.

In: this clone with Chromium and `node_modules`. Out: `docs/pictures/*.png`, under the same names each time. Never: a
picture of a real installation, one heavier than BYTES_MAX.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tools import serving, watching
from tools.palette import with_palette
from tools.serving import Site

FOLDER = Path(__file__).parent.parent / "docs/pictures"
CUSTOMERS = 26_000
BYTES_MAX = 200_000
JOB_MS = 300_000
CLERK, HEAD, MANAGER = "resource_clerk", "branch_manager", "account_manager"
SHOTS = (  # name, post, address, theme; an address that ends in > is followed to the first link of its table
    ("home", CLERK, "/", "light"),
    ("policies", CLERK, "/policies/", "light"),
    ("policy", CLERK, "/policies/?view=orphans>", "light"),
    ("import", CLERK, "/imports/runs/1/", "light"),
    ("plan", CLERK, "/plans/1/", "light"),
    ("plan-dark", CLERK, "/plans/1/", "dark"),
    ("decide", HEAD, "/plans/2/decide/", "light"),
    ("territory", CLERK, "/territory/", "light"),
    ("ledger", CLERK, "/ledger/", "light"),
    ("phone-today", MANAGER, "/m/", "light"),
    ("phone-customer", MANAGER, "/m/customers/>", "light"),
)


def main() -> None:
    """Make them all anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tuogu-pictures-") as name:
        folder = Path(name)
        serving.make_demo(folder, CUSTOMERS)
        with serving.served(folder) as site, sync_playwright() as playwright:
            browser = watching.launch(playwright)
            _plan_again(browser, site)
            for shot in SHOTS:
                print(_taken(browser, site, *shot), flush=True)
            browser.close()


def _plan_again(browser: Browser, site: Site) -> None:
    """A second plan, so that one awaits its approval."""
    with watching.context(browser, site, post=CLERK) as context:
        page = context.new_page()
        page.goto("/plans/new/?from=1")
        page.get_by_label("求解力度").fill("200000")
        page.get_by_role("button", name="生成方案").click()
        expect(page.get_by_text(re.compile(r"方案 \d+ 已生成"))).to_be_visible(timeout=JOB_MS)


def _taken(browser: Browser, site: Site, name: str, post: str, address: str, theme: str) -> str:
    """Photograph one page; returns what was written."""
    with watching.context(browser, site, post=post, phone=name.startswith("phone")) as context:
        page = context.new_page()
        page.emulate_media(reduced_motion="reduce")
        path = address.removesuffix(">")
        page.goto(path)
        if address.endswith(">"):
            page.locator("main tbody a, main ul a").first.click()
        page.goto(f"{page.url.split('#')[0]}{'&' if '?' in page.url else '?'}theme={theme}")
        _settled(page)
        picture = with_palette(page.screenshot())
    assert len(picture) <= BYTES_MAX, f"{name}: {len(picture):,} bytes"
    (FOLDER / f"{name}.png").write_bytes(picture)
    return f"docs/pictures/{name}.png  {len(picture):,} bytes"


def _settled(page: Page) -> None:
    """Totals, charts and maps have come, and nothing has the focus."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(400)  # a map draws after its data has come


if __name__ == "__main__":
    main()
