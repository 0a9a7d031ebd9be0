"""Every page as it stands: accessible, within its window, in the chosen language, without a fault in the console."""

from __future__ import annotations

import re
from pathlib import Path

import monthly_file
import pages
import polars as pl
import pytest
from monthly_file import MonthlyFile
from pages import Found
from playwright.sync_api import Browser, Page, expect

from territory_books import standard_rules
from tools import watching
from tools.serving import Site
from tuogu.cli.demo_campaign import WORDS
from tuogu.data import codebook

pytestmark = pytest.mark.timeout(900)  # the first test of a site waits for the demo to be made
MAIN = (
    "home", "policies:list", "policies:record", "plans:list", "plans:plan", "imports:list", "ledger:entries",
    "territory:distribution", "staff:list", "phone:today", "phone:customer", "draws:list", "draws:draw", "facts:list",
    "facts:history", "fairness:board", "plans:plan, campaign", "plans:sheet", "plans:placed", "phone:record", "work:board",
    "work:late", "cases:list", "review:penalties", "kit:hub", "campaigns:list", "campaigns:board", "campaigns:reports",
    "campaigns:report", "campaigns:write", "campaigns:ranking", "campaigns:enrichment", "campaigns:evaluation",
    "campaigns:scripts", "chances:list", "chances:record",
)  # fmt: skip
DRAFT, CAMPAIGN = "/plans/2/", "/plans/3/"  # the demo's draft of a centre's month, its running campaign
OF_A_PLAN = {
    "plans:plan, campaign": CAMPAIGN,
    "plans:decide, centre": f"{DRAFT}decide/",
    "plans:compare, campaign": f"{CAMPAIGN}compare/",
}  # look otherwise without territories
WIDTHS = {"desk": False, "phone": True}
SUFFIX = re.compile(r"(社区|居民|村民|委员会|居委会|村委会|街道|镇|乡|村|区|县|市)$")
SHAPES = (  # of data: masked, files, titles that jobs were given by their asker
    r"[\u3400-\u9fff\d]*\*[\u3400-\u9fff\d*]*", r"\S+\.xlsx", r"区域规划 \d{4}-\d\d-\d\d，种子 \d+",
    r"\d{4}年\d\d月分配",
)  # fmt: skip
THEMES = ("light", "dark")
JOB_MS = 60_000


@pytest.fixture(scope="module")
def strategy(
    chromium: Browser, demo_site: Site, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Found]:
    """Pages of a campaign, on a demo where a plan now awaits its approval, a workbook its commit, a draw its parties."""
    month = monthly_file.write(
        demo_site.folder / "branch/truth", tmp_path_factory.mktemp("month") / "十一月.xlsx", header="保单号码"
    )
    with watching.context(chromium, demo_site, post="resource_clerk") as context:
        page = context.new_page()
        plan_again(page)
        upload(page, month)
        open_draw(page)
        return of_strategy(page)


@pytest.fixture(scope="module")
def found(chromium: Browser, demo_site: Site, strategy: dict[str, Found]) -> dict[str, Found]:
    """One address of each main page."""
    return pages.found_by_links(chromium, demo_site, set(MAIN)) | strategy


@pytest.fixture(scope="module")
def linked(chromium: Browser, demo_site: Site, strategy: dict[str, Found]) -> dict[str, Found]:
    """One address of every kind that somebody may open."""
    return pages.found_by_links(chromium, demo_site) | strategy


@pytest.fixture(scope="module")
def every(linked: dict[str, Found]) -> dict[str, Found]:
    """The whole pages among them."""
    return {name: page for name, page in linked.items() if page.whole}


def of_strategy(page: Page) -> dict[str, Found]:
    """The pages of the demo's other plans, which the walk passes by: it takes one plan only."""
    page.goto(CAMPAIGN)
    links = page.locator(f'a[href^="{CAMPAIGN}"]').evaluate_all("all => all.map(a => a.getAttribute('href'))")
    paths = dict(OF_A_PLAN)
    paths["plans:placed"] = next(link for link in links if "/placed/" in link)
    paths["plans:sheet"] = next(link for link in links if "/tables/" in link)
    return {name: Found(name, path, "branch_manager", True) for name, path in paths.items()}


def plan_again(page: Page) -> None:
    page.goto("/plans/new/")
    page.get_by_label("求解力度").fill("20000")
    page.get_by_role("button", name="生成方案").click()
    expect(page.get_by_text(re.compile(r"方案 \d+ 已生成"))).to_be_visible(timeout=JOB_MS)


def open_draw(page: Page) -> None:
    page.goto("/policies/?view=orphans")
    numbers = page.locator('td a[href^="/policies/"]').all_inner_texts()
    page.goto("/draws/new/")
    page.get_by_label("名单里是").select_option("policy")
    page.get_by_label("粘贴号码").fill(" ".join(numbers))
    for label, text in (("抽取编号", "2026Q4-1"), ("用途", "季度检查"), ("抽几个", "5")):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="公布名单").click()
    expect(page.get_by_text("化名密钥只显示这一次")).to_be_visible()


def upload(page: Page, month: MonthlyFile) -> None:
    page.goto("/imports/new/")
    page.get_by_label("选择文件").set_input_files(month.path)
    page.get_by_role("button", name="上传并试导入").click()
    expect(page.locator("#s-result")).to_be_visible(timeout=JOB_MS)


@pytest.fixture(scope="module")
def data(demo: Path) -> re.Pattern[str]:
    """Words that are data: names of people, institutions, products and regions, masked names, words of the file."""
    truth = demo / "branch/truth"
    people = pl.read_parquet(truth / "people.parquet")
    words = {
        *people["name"], *people["rank"], *people["trait"].drop_nulls(),
        *pl.read_parquet(truth / "institutions.parquet")["name"],
        *pl.read_parquet(truth / "policies.parquet")["product_name"],
        "保全组", "系统",  # the custodians that are no people
        "待识别的孤儿单", "月度资料回访", "完善客户资料",  # a view, a programme and a script that somebody named
        "服务深耕，业绩生根", "年金接触", "年金促成",  # a campaign and its scripts
        *(text for report in WORDS for text in report),
        "直销", "代理", "电销", "车商", "网销",  # channels as the motor book names them
        *(line.split("=")[0] for line in standard_rules()["plans.round_steps"]),  # a rulebook's own words
    }  # fmt: skip
    for region in codebook.load(["330200"]).regions["name"]:
        while region and SUFFIX.search(region):  # 裘村镇 is also shown as 裘村
            words.add(region)
            region = SUFFIX.sub("", region)
        words.add(region)
    longest_first = sorted(words - {""}, key=len, reverse=True)
    return re.compile("|".join([*SHAPES, *map(re.escape, longest_first)]))


def look(page: Page, found: Found, *, theme: str = "light") -> Page:
    """Go there in that theme and wait until nothing loads any more."""
    page.goto(f"{found.path}{'&' if '?' in found.path else '?'}theme={theme}")
    page.wait_for_load_state("networkidle")
    return page


@pytest.mark.parametrize("name", MAIN)
def test_a_main_page_is_accessible_and_fits_its_window(chromium: Browser, demo_site: Site, found, name: str):
    assert name in found, f"no link leads to {name}"
    with watching.context(chromium, demo_site, post=found[name].post, phone=found[name].phone) as context:
        page = look(context.new_page(), found[name])
        assert pages.axe_findings(page) == []
        for size in (watching.DESK, watching.PHONE):
            page.set_viewport_size(size)
            assert pages.overflow(page) == []


@pytest.mark.parametrize(
    "address", ["/sign-in/", "/no-such-page/", "/plans/new/", "/plans/999999/", "/search/?q=0000"]
)
def test_pages_at_the_door_and_pages_that_say_no(
    chromium: Browser, demo_site: Site, data: re.Pattern[str], address: str
):
    post = "" if address == "/sign-in/" else "team_lead"
    for english in (False, True):
        with watching.context(chromium, demo_site, post=post, english=english, refusals=True) as context:
            page = context.new_page()
            page.goto(address)
            page.wait_for_load_state("networkidle")
            assert pages.axe_findings(page) == []
            for size in (watching.DESK, watching.PHONE):
                page.set_viewport_size(size)
                assert pages.overflow(page) == []
            if english:
                assert [
                    text for text in pages.chinese_texts(page) if pages.HAN.search(data.sub("", text))
                ] == []


@pytest.mark.parametrize("name", MAIN)
def test_a_main_page_speaks_english(
    chromium: Browser, demo_site: Site, found, data: re.Pattern[str], name: str
):
    assert untranslated(chromium, demo_site, found[name], data) == []


@pytest.mark.exhaustive
@pytest.mark.timeout(1200)
def test_every_page_is_linked_from_somewhere(linked):
    """What no link leads to is seen by nobody, and by no test below either."""
    readable = set().union(*(pages.readable(post) for post in pages.POSTS))
    unseen = sorted(readable - set(linked))
    assert not unseen, " ".join(unseen)


@pytest.mark.exhaustive
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_in_both_themes_and_widths(
    chromium: Browser, demo_site: Site, every, theme: str, width: str
):
    faults: dict[str, list[str]] = {}
    for post in pages.POSTS:
        with watching.context(chromium, demo_site, post=post, phone=WIDTHS[width]) as context:
            tab = context.new_page()
            for page in (page for page in every.values() if page.post == post):
                look(tab, page, theme=theme)
                if wrong := pages.overflow(tab) + pages.axe_findings(tab):
                    faults[page.path] = wrong
    assert faults == {}


@pytest.mark.exhaustive
@pytest.mark.timeout(1200)
def test_every_page_speaks_english(chromium: Browser, demo_site: Site, every, data: re.Pattern[str]):
    faults = {
        page.path: wrong
        for page in every.values()
        if (wrong := untranslated(chromium, demo_site, page, data))
    }
    assert faults == {}


def untranslated(chromium: Browser, site: Site, found: Found, data: re.Pattern[str]) -> list[str]:
    """Chinese of an English page that is neither data nor a sentence of a lower room (those say `lang="zh-CN"`)."""
    with watching.context(chromium, site, post=found.post, phone=found.phone, english=True) as context:
        page = look(context.new_page(), found)
        return [text for text in pages.chinese_texts(page) if pages.HAN.search(data.sub("", text))]
