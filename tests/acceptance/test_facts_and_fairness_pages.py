"""What was measured and what was given out, as pages: each figure with its source and its corrections, each person beside
equals. The tests run in this order on one branch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any

import polars as pl
import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from branch_site import BranchSite, appoint_desks, opened_branch
from tuogu import clock
from tuogu.core.fact_figures import shown
from tuogu.core.fairness import MEASURES
from tuogu.core.tables import FACTS
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import actions
from tuogu.plans import queries as plans
from tuogu.rules import queries as rules
from tuogu.web.fairness.views import standing

EVERYTHING = Scope.everything()
CLERK = Role.RESOURCE_CLERK
QUERIES_MAX = 30
ROW = re.compile(r"<tr>\s*<td>(.*?)</tr>", re.DOTALL)


@dataclass
class Site(BranchSite):
    """A branch with people at their posts."""

    def get(self, role: Role, url: str, status: int = 200) -> str:
        answer = self.client(self.people[role]).get(url)
        assert answer.status_code == status, (role, url, answer.status_code)
        return unescape(answer.content.decode())

    def queries(self, url: str) -> int:
        client, counted = self.client(self.people[CLERK]), 0
        client.get(url)
        for alias in connections:
            with CaptureQueriesContext(connections[alias]) as captured:
                assert client.get(url).status_code == 200
            counted += len(captured)
        return counted

    def file(self, *rows: tuple[Any, ...]) -> dict[str, int]:
        """subject, month, key, value, text, source, author."""
        names = ("subject", "month", "key", "value", "text", "source_ref", "author")
        frame = pl.DataFrame(rows, schema={name: FACTS[name] for name in names}, orient="row")
        return actions.file_facts(frame.select(*FACTS), by=self.people[CLERK], at=clock.now())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    with opened_branch(tmp_path_factory.mktemp("facts"), django_db_blocker) as branch:
        yield Site(branch, branch.result["plan"], appoint_desks(lead_of_one_team=False))


def cells(page: str) -> list[list[str]]:
    """Texts of the cells of a table's body, by row."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [re.split(r"</td>\s*<td[^>]*>", row) for row in ROW.findall(body)]
    return [[" ".join(re.sub(r"<[^>]+>", "", cell).split()) for cell in row] for row in rows]


@pytest.mark.req("S1-22")
def test_every_fact_stands_with_its_value_in_words_its_source_and_its_author(site: Site):
    filed = plans.facts_of(EVERYTHING)
    page = site.get(Role.AUDITOR, "/facts/")
    assert f"共 {filed.height:,} 行" in page
    one = filed.filter(key="attendance").row(0, named=True)
    found = site.get(
        Role.INSPECTOR, f"/facts/?subject={one['subject']}&month={one['month']:%Y-%m}&key=attendance"
    )
    (row,) = cells(found)
    assert row[0].endswith(one["subject"])
    assert row[1:5] == [
        f"{one['month']:%Y-%m}", "参会率", shown("attendance", one["value"], None), one["source_ref"],
    ]  # fmt: skip
    signed = filed.filter(pl.col("author").is_not_null()).row(0, named=True)
    found = site.get(CLERK, f"/facts/?subject={signed['subject']}&key={signed['key']}")
    assert signed["author"] in found
    assert "没有符合条件的指标" in site.get(CLERK, "/facts/?month=1999-01")
    assert "没有符合条件的指标" in site.get(CLERK, "/facts/?key=nothing")
    assert 'href="/imports/template/"' in page
    assert 'href="/imports/new/"' not in page, "an auditor imports nothing"
    assert 'href="/imports/new/"' in site.get(CLERK, "/facts/")


@pytest.mark.req("S1-22", "N-16")
def test_a_correction_is_one_line_more_and_the_old_value_is_still_told(site: Site):
    one = plans.facts_of(EVERYTHING).filter(key="attendance").row(0, named=True)
    at = f"subject={one['subject']}&month={one['month']:%Y-%m}&key=attendance"
    before = shown("attendance", one["value"], None)
    assert "首次登记" in site.get(CLERK, f"/facts/history/?{at}")
    counts = site.file((one["subject"], one["month"], "attendance", 3_000, None, "更正单1号", None))
    assert counts == {"filed": 0, "corrected": 1, "unchanged": 0}
    page = site.get(Role.BRANCH_MANAGER, f"/facts/history/?{at}")
    assert "更正单1号" in page
    assert "第 1 次更正" in page
    assert f'<s class="tg-3">{before}</s>' in page
    assert page.index("30%") < page.index(before)
    (now,) = cells(site.get(CLERK, f"/facts/?{at}"))
    assert now[3] == "30%"
    both = cells(site.get(CLERK, f"/facts/?{at}&versions=1"))
    assert [row[3] for row in both] == ["30%", before]
    for missing in (
        "", f"?{at.replace('attendance', 'rank_of_nobody')}", f"?subject={one['subject']}&key=attendance",
    ):  # fmt: skip
        site.get(CLERK, f"/facts/history/{missing}", status=404)


@pytest.mark.req("P-12")
def test_facts_and_accounts_out_of_scope_are_not_there(site: Site):
    today = clock.business_today()
    staff = org.people(EVERYTHING, today)
    team = staff.filter(series="collection")["team_code"][0]
    person = staff.filter(series="service")["custodian_id"][0]
    org_actions.appoint(
        person, Role.TEAM_LEAD, institution_code=team, from_date=today, by=org.machine(), at=clock.now()
    )
    client = site.client(person)
    mine = set(org.people(Scope(institution_codes=frozenset({team})))["staff_number"]) | {
        n for n, c in org.staff_ids().select("staff_number", "custodian_id").iter_rows() if c == person
    }
    other = plans.facts_of(EVERYTHING).filter(key="attendance").row(0, named=True)
    assert other["subject"] not in mine
    at = f"subject={other['subject']}&month={other['month']:%Y-%m}&key=attendance"
    assert client.get(f"/facts/history/?{at}").status_code == 404
    assert other["source_ref"] not in client.get(f"/facts/?{at}").content.decode()
    page = unescape(client.get("/fairness/").content.decode())
    seen = {row[0].split()[-1] for row in cells(page.split('id="people"')[1])}
    assert seen
    assert seen <= mine
    assert site.client(site.people[Role.ADMINISTRATOR]).get("/facts/").status_code == 403


@pytest.mark.req("N-10")
def test_before_anything_is_released_the_account_says_so(site: Site):
    page = site.get(CLERK, "/fairness/")
    assert "还没有这种关系正式下发给个人" in page
    assert "均衡度＝(Σr)²÷(n·Σr²)" in page


@pytest.mark.req("N-10")
def test_what_was_released_stands_there_person_by_person_with_its_total(site: Site):
    cold = site.queries("/fairness/")  # nothing released
    day, manager = clock.business_today(), site.people[Role.BRANCH_MANAGER]
    actions.approve(site.plan, by=manager, at=clock.now(), first_release_date=day, note="核对无误")
    actions.release_due(by=site.people[CLERK], at=clock.now(), plan_id=site.plan)
    month = day.replace(day=1)
    found = plans.fairness_account(
        EVERYTHING, rules.applicable(day), relation="custody", first=_year_before(month), last=month
    )
    stand = standing(found.account)
    released = plans.table_of(site.plan, "assignments").filter(instalment=1)
    assert stand["pieces_total"].sum() == released.height > 0
    page = site.get(Role.INSPECTOR, "/fairness/?sort=-pieces_total")
    shown_rows = {row[0].split()[-1]: row for row in cells(page.split('id="people"')[1])}
    most = stand.sort("pieces_total", "staff_number", descending=[True, False]).row(0, named=True)
    row = shown_rows[most["staff_number"]]
    fen, metres = most["premium_fen_total"], most["distance_m_total"]
    assert (row[2], row[4], row[8]) == (
        f"{most['pieces_total']:,}", f"{fen // 100:,}.{fen % 100:02d}", f"{metres / 1000:,.1f}",
    )  # fmt: skip
    assert next(iter(shown_rows)) == most["staff_number"]
    received = int((stand["pieces_total"] > 0).sum())
    assert f"{received:,} 人收到" in page
    assert received < stand.height, "who received nothing is not counted as having received"
    others = site.get(Role.INSPECTOR, "/fairness/?relation=development")
    assert "还没有这种关系正式下发给个人" in others, "custody stands in its own account"
    assert "位客户" in others
    foot = page.split("<tfoot>")[1].split("</tfoot>")[0]
    assert f'<td class="tg-num">{released.height:,}</td>' in foot
    for name in MEASURES:
        assert f"{name}_total" in page, "each column sorts"
    ledger_page = re.search(
        rf'href="(/ledger/\?custodian={most["staff_number"]}&kind=release&relation=custody[^"]*)"', page
    )
    assert ledger_page
    assert site.get(Role.INSPECTOR, ledger_page.group(1)).count("tg-tag info") == 40
    # evenness as the core has it, of groups in which there is somebody to compare with
    even = found.evenness.filter(month=month).filter(pl.col("people") > 1).drop_nulls("pieces_even_bp")
    for value in even["pieces_even_bp"]:
        assert f"{value // 100}.{value % 100:02d}%" in page.split('id="even"')[1]
    assert cold <= site.queries("/fairness/") <= QUERIES_MAX


@pytest.mark.req("N-10")
def test_months_and_equals_narrow_the_account(site: Site):
    assert "还没有这种关系正式下发给个人" in site.get(CLERK, "/fairness/?from=2020-01&to=2020-03")
    page = site.get(CLERK, "/fairness/")
    group = re.search(r'<option value="(collection · [^"]+)">收展 · ', page)
    assert group
    narrowed = site.get(CLERK, f"/fairness/?equals={group.group(1)}")
    words = group.group(1).replace("collection", "收展")
    assert {row[1] for row in cells(narrowed.split('id="people"')[1])} == {words}


def test_as_many_queries_for_a_thousand_facts_as_for_ten(site: Site):
    people = org.people(EVERYTHING)["staff_number"].to_list()
    urls = ("/facts/?month=2025-01", "/facts/?month=2025-01&versions=1", "/facts/")
    asked = []
    for size in (10, 1_000):
        rows = [
            (
                people[i % len(people)],
                date(2025, 1 + i // len(people) % 12, 1),
                "attendance",
                i,
                None,
                "考勤",
                None,
            )
            for i in range(size)
        ]
        site.file(*rows)
        asked.append([site.queries(url) for url in urls])
    assert asked[0] == asked[1]
    assert max(asked[1]) <= QUERIES_MAX


def _year_before(month: date) -> date:
    return date(month.year - 1, month.month + 1, 1) if month.month < 12 else date(month.year, 1, 1)
