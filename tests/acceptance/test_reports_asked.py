"""Reports of a period that still runs, addresses that cannot be answered, and the same reports in English."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from django.utils import translation
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from cast import TREE, make_cast
from exported import taken
from report_world import Now, end, page, words
from tuogu import clock
from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.reports import actions, live
from tuogu.reports import queries as reports
from tuogu.reports.models import Issued
from work_world import make_work

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
KEEPER = Role.RENEWAL_ADMINISTRATOR
NOON = datetime(2026, 4, 15, 4, tzinfo=UTC)  # a Wednesday
EXPIRIES = (
    13,
    14,
    17,
    19,
    28,
    30,
)  # days of that month: two behind, two later in the week, two later in the month
HAN = re.compile(r"[\u3400-\u9fff]+")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Now:
    """Six cars; the first and the third are renewed, the last is scrapped."""
    settings.TUOGU_DEMO, settings.SECURE_SSL_REDIRECT = True, False  # the test client speaks plain HTTP
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr(clock, "business_today", lambda: business_date(NOON))
    cast = make_cast()
    make_work(cast, 4).record("C000000")
    made = Now(cast)
    made.import_motor(
        *(
            {"policy_number": f"V{n}", "holder_number": f"C{n:06d}", "expiry_date": date(2026, 4, day),
             "premium_fen": 100_000}
            for n, day in enumerate(EXPIRIES)
        )
    )  # fmt: skip
    for number, outcome in (("V0", "renewed"), ("V2", "renewed"), ("V5", "scrapped")):
        end(made, number, outcome)
    return made


def english(client: Client) -> Client:
    client.cookies[project.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.mark.req("S3-19")
@pytest.mark.req("S3-23")
def test_a_running_week_and_month_count_all_that_expires_and_say_what_is_yet_to(world: Now) -> None:
    client = world.cast.client(KEEPER)
    week = words(page(client, "/reports/renewal_weekly/"))
    assert "本周终保 4 件（其中 2 件尚未到期），已续保 2 件；本周办成续保 2 件，流失 0 件" in week
    assert "合计 4 2 2 50.00%" in week
    month = words(page(client, "/reports/renewal_monthly/"))
    assert "终保 5 件（其中 3 件尚未到期），续保 2 件；续保率按件数 40.00%，按保费 40.00%" in month
    assert "尚未到期，未续保 2 2,000.00" in month
    assert "未续保（脱保） 1 1,000.00" in month
    assessed = words(page(client, "/reports/renewal_assessment/"))
    assert "终保 5 件（其中 3 件尚未到期），续保 2 件" in assessed
    assert "含尚未到期的" in page(client, "/reports/figures/renewal/")
    rate = words(page(client, "/reports/figures/renewal/", by="branch"))
    assert "宁波分公司 2 5 40.00%" in rate


@pytest.mark.req("S4-14")
@pytest.mark.parametrize(
    ("url", "query", "why"),
    [
        ("renewal_monthly/", {"institution": "NOWHERE"}, "没有这家机构"),
        ("renewal_monthly/", {"day": "2026-13-01"}, "不是日期"),
        ("renewal_monthly/", {"day": "2026-04-16"}, "还没有到"),
        ("renewal_monthly/", {"by": "team"}, "这种维度"),
        ("contact/", {"by": "planet"}, "这种维度"),
        ("figures/contact/", {"month": "soon"}, "不是日期"),
        ("figures/contact/", {"month": "2026-05"}, "还没有到"),
        ("figures/contact/", {"kind": "decade"}, "这种期间"),
        ("figures/contact/", {"by": "planet"}, "这种维度"),
        ("figures/contact/", {"term": "long"}, "这种筛选"),
        ("figures/contact/map/", {"month": "soon"}, "不是日期"),
        ("figures/contact/rows/", {"side": "left"}, "这种筛选"),
        ("figures/contact/rows/", {"team": "NOWHERE"}, "没有机构"),
        ("figures/contact/rows/", {"person": "somebody"}, "没有人员"),
        ("issued/", {"report": "nonsense"}, "这种报表"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_answered_is_told_so(
    world: Now, url: str, query: dict[str, str], why: str
) -> None:
    told = page(world.cast.client(KEEPER), f"/reports/{url}", 400, **query)
    assert why in told
    assert "25.00%" not in told  # no other figure in its place


@pytest.mark.req("S4-40")
@pytest.mark.parametrize("day", ["2026-04-16", "2026-05-01", "soon"])
def test_nothing_is_issued_for_a_day_that_is_yet_to_come(world: Now, day: str) -> None:
    client = world.cast.client(KEEPER)
    told = client.post("/reports/renewal_monthly/issue/", {"day": day, "institution": "B"}, follow=True)
    assert "没有写入任何数据" in told.content.decode()
    file = client.post(
        "/reports/renewal_monthly/file/", {"asked": f"day={day}", "reason": "月度例会要用"}, follow=True
    )
    assert "没有生成文件" in file.content.decode()
    by = world.cast.people[KEEPER]
    with pytest.raises(reports.ReportsRefused):
        actions.issue("renewal_monthly", "B", date(2026, 4, 16), by=by, at=NOON)
    assert not Issued.objects.exists()


@pytest.mark.req("N-16")
def test_a_frozen_month_is_shown_without_gathering_anything_again(
    world: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = date(2026, 4, 1)
    later = datetime(2026, 5, 3, 4, tzinfo=UTC)
    for month in (date(2026, 3, 1), first):  # a report says how the month before was
        actions.freeze_month(month, by=org.machine(), at=later)
    monkeypatch.setattr(clock, "now", lambda: later)
    monkeypatch.setattr(clock, "business_today", lambda: business_date(later))

    def gathered(*_args: Any, **_more: Any) -> None:
        raise AssertionError("read from the rooms again")

    client = world.cast.client(Role.PROVINCE_OFFICER)
    compared = words(page(client, "/reports/figures/renewal/", month="2026-04", by="branch", now="1"))
    monkeypatch.setattr(live, "inputs", gathered)
    told = words(page(client, "/reports/figures/renewal/", month="2026-04", by="branch"))
    assert "宁波分公司 2 5 40.00%" in told
    assert "宁波分公司 2 5 40.00% 40.00%" in compared
    whole = words(page(client, "/reports/contact/", day="2026-04-30", institution="B"))
    assert "接触率：排名与离散" in whole


def of_the_house() -> set[str]:
    """Chinese that stays on an English page: names of places and people, and the name by which people know the report."""
    names = {name for _code, name, _level, _parent in TREE}
    return names | {one.title for one in reports.REPORTS.values()}


def chinese_left(html: str) -> set[str]:
    """What the report itself still says in Chinese: its tables, pictures and definitions, without their sources."""
    main = html[html.index("<main") : html.index("</main>")]
    main = re.sub(r'<(td|p) class="tg-3[^"]*" lang="zh-CN">.*?</\1>', "", main, flags=re.DOTALL)
    main = re.sub(r"<(select|dialog|script).*?</\1>", "", main, flags=re.DOTALL)
    text = words(main)
    for known in sorted(of_the_house(), key=len, reverse=True):
        text = text.replace(known, "")
    return {found for found in HAN.findall(text) if not found.endswith(("甲", "乙", "渠道", "直销"))}


@pytest.mark.req("S3-19")
def test_reports_speak_english_to_who_reads_english(world: Now) -> None:
    client = english(world.cast.client(KEEPER))
    week = page(client, "/reports/renewal_weekly/")
    assert "续保例会通报 · Weekly bulletin for the renewal meeting" in week
    assert "4 expire this week (2 of them yet to), 2 of them renewed" in words(week)
    assert "motor policies that expire in the period" in page(client, "/reports/figures/renewal/")
    for key in reports.REPORTS:
        assert chinese_left(page(client, f"/reports/{key}/")) == set(), key
    assert chinese_left(page(client, "/reports/")) == set()
    file = taken(client, "/reports/renewal_weekly/file/", asked="day=2026-04-15")
    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    with translation.override("en"):
        assert {reports.said("各部门"), reports.own_words().definitions} <= set(book.sheet_names)
    paper = PdfReader(
        io.BytesIO(taken(client, "/reports/renewal_weekly/file/", asked="day=2026-04-15", form="pdf"))
    )
    text = re.sub(r"\s+", " ", paper.pages[0].extract_text())
    assert "Weekly bulletin for the renewal meeting" in text
    assert "Page 1 of" in text


def test_a_stored_report_keeps_its_words_and_is_told_in_either_language(world: Now) -> None:
    client = world.cast.client(KEEPER)
    made = client.post("/reports/renewal_weekly/issue/", {"day": "2026-04-15", "institution": "B"}).headers[
        "Location"
    ]
    digest = Issued.objects.get().digest
    assert "本周终保 4 件" in page(client, made)
    assert "4 expire this week" in page(english(client), made)
    assert Issued.objects.get().digest == digest
