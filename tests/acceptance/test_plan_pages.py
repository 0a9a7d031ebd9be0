"""The plan pages on a branch that is planned, decided on, released and taken back, all through the pages; the ledger is
asked whether they told the truth. The tests run in this order.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from branch_site import BranchSite, appoint_desks, opened_branch
from exported import taken
from tuogu import clock
from tuogu.accesslog import queries as accesslog
from tuogu.core.tables import MONTH_COLUMNS
from tuogu.jobs import queries as jobs
from tuogu.jobs import running
from tuogu.ledger import actions as ledger_actions
from tuogu.ledger import queries as ledger
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import queries as plans

pytestmark = pytest.mark.database
EVERYTHING = Scope.everything()
MOVED_BY_HAND = 3


@dataclass
class Site(BranchSite):
    """A branch with people at their posts. `plan` was made by the command line, by nobody in particular."""

    def get(self, role: Role, url: str, status: int = 200) -> str:
        """The page as the person of that post sees it."""
        answer = self.client(self.people[role]).get(url)
        assert answer.status_code == status, (role, url, answer.status_code)
        return unescape(answer.content.decode())

    def post(self, role: Role, url: str, **values: str) -> str:
        """What the page says after a post."""
        answer = self.client(self.people[role]).post(url, values, follow=True)
        assert answer.status_code == 200, (role, url, answer.status_code)
        return unescape(answer.content.decode())

    def release_of(self, instalment: int) -> plans.ReleaseRow:
        """The latest attempt of an instalment."""
        return next(
            r for r in plans.releases(self.plan, EVERYTHING) if r.instalment == instalment and r.latest
        )

    def table(self, name: str) -> pl.DataFrame:
        """A stored table of the plan."""
        return plans.table_of(self.plan, name)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    with opened_branch(tmp_path_factory.mktemp("site"), django_db_blocker) as branch:
        yield Site(branch, branch.result["plan"], appoint_desks(lead_of_one_team=True))


def row_counts() -> dict[str, int]:
    """Rows of every table but the sessions and the access log, which lie in another database on SQLite."""
    kept = [
        t
        for t in connection.introspection.table_names()
        if not t.startswith(("django_session", "accesslog_"))
    ]
    with connection.cursor() as cursor:
        return {table: cursor.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in kept}


def held() -> dict[str, int]:
    """policy number → who holds it."""
    return dict(ledger.holdings(EVERYTHING, kind="policy").select("number", "custodian_id").iter_rows())


@pytest.mark.req("S0-20", "S0-21", "S0-18")
def test_the_page_shows_the_plan_that_was_made(site: Site):
    page = site.get(Role.RESOURCE_CLERK, f"/plans/{site.plan}/")
    result, loads = site.branch.result, site.table("loads")
    assert f"未安置 {result['unplaced']:,} 件" in page
    heat = page.split('data-panel="heat:plan"')[1].split("</table>")[0]
    first = plans.plan_head(site.plan, EVERYTHING).as_of.month
    order = [(first - 1 + later) % 12 + 1 for later in range(12)]
    assert [int(n) for n in re.findall(r'<th class="c">(\d+) 月', heat)] == order
    assert "距上一期不足 60 天的季度跳过" in page
    shown = [
        [int(due) for due in re.findall(r'<td class="c q\d">(?:<a[^>]*>)?(\d+)', row)]
        for row in heat.split("<tr>")[2:-1]
    ]
    wanted = loads.sort("staff_number", "month").group_by("staff_number", maintain_order=True).agg("due")
    assert sorted(shown) == sorted([[due[n - 1] for n in order] for due in wanted["due"].to_list()])
    foot = re.findall(r'<td class="tg-centre">([\d,]+)</td>', heat)
    assert [int(n.replace(",", "")) for n in foot] == list(
        site.table("assignments").select(MONTH_COLUMNS[n - 1] for n in order).sum().row(0)
    )
    outside = loads.filter(~pl.col("due").is_between(25, 60)).height
    assert ("个人月都在 25–60" in page) == (outside == 0)
    one = loads.filter(pl.col("due") > 0).row(0, named=True)
    rows = site.get(
        Role.RESOURCE_CLERK, f"/plans/{site.plan}/rows/?manager={one['staff_number']}&month={one['month']}"
    )
    assert f"{one['due']} 件；方案的行" in rows


@pytest.mark.req("S0-12")
def test_the_map_of_the_plan_holds_every_placed_policy(site: Site):
    picture = json.loads(site.get(Role.AUDITOR, f"/plans/{site.plan}/map.json"))
    assert sum(place["n"] for place in picture["places"]) == site.table("assignments").height
    assert picture["missing"] == 0
    assert all(place["now"] == -1 for place in picture["places"]), "everything is still with the buffer group"
    fills = {person["number"]: person["colour"] for person in picture["people"]}
    assert set(fills.values()) <= set(range(8))
    people = site.table("books.people")
    supervisors = set(people.filter("supervisor")["staff_number"])
    assert {p["number"] for p in picture["people"] if p["supervisor"]} == supervisors & set(fills)


def test_who_sees_part_of_the_branch_does_not_see_the_plan(site: Site):
    lead, manager = Role.TEAM_LEAD, org.people(EVERYTHING, clock.business_today()).filter(series="collection")
    for url in ("", "map.json", "rows/", "changes/", "compare/", "decide/"):
        site.get(lead, f"/plans/{site.plan}/{url}", status=404)
    refused = site.client(site.people[lead]).post(
        f"/plans/{site.plan}/register.xlsx", {"reason": "看看别人的"}
    )
    assert refused.status_code == 404
    assert "没有你能查看的方案" in site.get(lead, "/plans/")
    person = manager["custodian_id"][-1]
    org_actions.appoint(
        person, Role.ACCOUNT_MANAGER, institution_code=None, from_date=clock.business_today(), by=org.machine(),
        at=clock.now(),
    )  # fmt: skip
    assert site.client(person).get(f"/plans/{site.plan}/").status_code == 403


@pytest.mark.req("N-04", "P-02", "P-03")
def test_looking_ahead_writes_nothing(site: Site):
    site.client(site.people[Role.BRANCH_MANAGER])
    before = row_counts()
    for url in ("", "changes/", "compare/", "decide/", "rows/"):
        site.get(Role.BRANCH_MANAGER, f"/plans/{site.plan}/{url}")
    assert row_counts() == before


@pytest.mark.req("P-02")
def test_a_new_plan_is_a_job_and_its_maker_cannot_approve_it(site: Site):
    clerk = site.people[Role.RESOURCE_CLERK]
    org_actions.appoint(
        clerk, Role.BRANCH_MANAGER, everywhere=True, from_date=clock.business_today(), by=org.machine(),
        at=clock.now(),
    )  # fmt: skip
    as_of = clock.business_today().isoformat()
    said = site.post(Role.RESOURCE_CLERK, "/plans/new/", as_of=as_of, seed="8", effort="50000")
    assert "已排队生成" in said
    before = held()
    (job,) = jobs.jobs(clerk, kind="plan")
    assert running.run(job.id, clock=clock.now) == "done"
    made = jobs.job(job.id).result["plan"]
    assert f"方案 {made} 已生成" in site.get(Role.RESOURCE_CLERK, "/plans/making/")
    assert held() == before

    desk = site.get(Role.RESOURCE_CLERK, f"/plans/{made}/decide/")
    assert "你编制了这个方案，须由另一人审批" in desk
    assert 'form="approve"' not in desk
    refused = site.post(
        Role.RESOURCE_CLERK, f"/plans/{made}/decide/", decision="approve", first_release_date=as_of
    )
    assert "制表人不能审批自己的方案，须由另一人审批；没有写入任何数据" in refused
    assert plans.plan_head(made, EVERYTHING).state == "awaiting"

    sent_back = site.post(
        Role.BRANCH_MANAGER, f"/plans/{made}/decide/", decision="send_back", reason="种子请用 7"
    )
    assert "已退回编制人" in sent_back
    assert "退回：种子请用 7" in site.get(Role.RESOURCE_CLERK, f"/plans/{made}/")
    assert held() == before


@pytest.mark.req("N-04")
def test_two_plans_stand_side_by_side(site: Site):
    other = max(head.id for head in plans.plan_heads(EVERYTHING))
    page = site.get(Role.AUDITOR, f"/plans/{site.plan}/compare/?with={other}")
    found = plans.compare_plans(other, site.plan, EVERYTHING)
    assert f"换责任人 {found.moved:,} 件" in page
    assert sum(p.gained for p in found.people) <= found.moved
    gap = plans.plan_head(site.plan, EVERYTHING).gap
    assert f"{gap:.2%}" in page
    drawn = json.loads(page.split('id="histogram" type="application/json">')[1].split("</script>")[0])
    ends = {word: [int(n) for n in word.split("–")] for word in drawn["bins"]}
    shaded = [word for word, (low, high) in ends.items() if low >= 25 and high <= 60]
    assert drawn["inside"] == ([shaded[0], shaded[-1]] if shaded else [])


@pytest.mark.req("P-02", "S0-23")
def test_approval_schedules_and_moves_nothing(site: Site):
    before, today = held(), clock.business_today().isoformat()
    said = site.post(
        Role.BRANCH_MANAGER,
        f"/plans/{site.plan}/decide/",
        decision="approve",
        first_release_date=today,
        note="同意",
    )
    assert f"方案 {site.plan} 已批准，分 4 期，首期 {today}" in said
    assert held() == before
    assert "拜访产能不足时放行的理由" not in site.get(Role.RESOURCE_CLERK, f"/plans/{site.plan}/") or (
        site.people[Role.RESOURCE_CLERK] != plans.plan_head(site.plan, EVERYTHING).made_by
    )
    again = site.post(
        Role.BRANCH_MANAGER, f"/plans/{site.plan}/decide/", decision="approve", first_release_date=today
    )
    assert "不能再审批；没有写入任何数据" in again
    calendar = site.get(Role.RESOURCE_CLERK, f"/plans/{site.plan}/")
    assert calendar.count("试算</button>") == 4


@pytest.mark.req("P-03", "S0-19")
def test_the_rows_previewed_are_the_rows_applied(site: Site):
    moving = plans.policy_changes(site.plan, EVERYTHING, on=clock.business_today()).filter(instalment=1)
    foreseen = set(moving.select("number", "new_id").rows())
    release = site.release_of(1)
    preview = site.get(Role.RESOURCE_CLERK, f"/plans/releases/{release.id}/outlook/")
    assert f">{moving.height:,}</td>" in preview
    refused = site.client(site.people[Role.BRANCH_MANAGER]).post(f"/plans/{site.plan}/release/")
    assert refused.status_code == 403, "whoever approves does not release"

    said = site.post(Role.RESOURCE_CLERK, f"/plans/{site.plan}/release/")
    assert f"第 1 期已下发 {moving.height:,} 件" in said
    batch = ledger.batch(site.release_of(1).batch)
    numbers = dict(ledger.holdings(EVERYTHING, kind="policy").select("subject_id", "number").iter_rows())
    assert {(numbers[s], c) for s, c in batch.select("subject_id", "custodian_id").iter_rows()} == foreseen
    assert "今天没有到期的期次" in site.post(Role.RESOURCE_CLERK, f"/plans/{site.plan}/release/")
    picture = json.loads(site.get(Role.AUDITOR, f"/plans/{site.plan}/map.json"))
    held_now = [place for place in picture["places"] if place["now"] >= 0]
    assert held_now, "the map follows the ledger"
    assert all(place["now"] in [person for person, _ in place["served"]] for place in held_now)


@pytest.mark.req("S0-23")
def test_a_manager_sees_only_released_quarters(site: Site):
    first, second = (site.table("assignments").filter(instalment=n) for n in (1, 2))
    number = first["staff_number"][0]
    person = int(org.staff_ids([number])["custodian_id"][0])
    org_actions.appoint(
        person, Role.ACCOUNT_MANAGER, institution_code=None, from_date=clock.business_today(), by=org.machine(),
        at=clock.now(),
    )  # fmt: skip
    client = site.client(person)
    released = first.filter(staff_number=number)["policy_number"][0]
    waiting = second.filter(staff_number=number)["policy_number"][0]
    assert client.get(f"/policies/{released}/").status_code == 200
    assert client.get(f"/policies/{waiting}/").status_code == 404


@pytest.mark.req("S0-23")
def test_an_instalment_is_cancelled_before_its_day_and_scheduled_again(site: Site):
    release = site.release_of(4)
    assert "取消发放须写明理由" in site.post(
        Role.RESOURCE_CLERK, f"/plans/releases/{release.id}/cancel/", reason=" "
    )
    said = site.post(Role.RESOURCE_CLERK, f"/plans/releases/{release.id}/cancel/", reason="口径未定")
    assert "第 4 期已取消；没有任何变动" in said
    day = (clock.business_today() + timedelta(days=300)).isoformat()
    said = site.post(Role.RESOURCE_CLERK, f"/plans/releases/{release.id}/again/", due_date=day)
    assert f"第 4 期已安排在 {day} 发放" in said
    assert (site.release_of(4).attempt, site.release_of(4).state) == (2, "scheduled")


@pytest.mark.req("N-06", "S0-23")
def test_an_undo_takes_two_people_and_lists_what_changed_since(site: Site):
    release, posted = site.release_of(1), held()
    subjects = ledger.batch(release.batch).head(MOVED_BY_HAND)["subject_id"].to_list()
    _move_by_hand(site, subjects)
    alone = site.get(Role.RESOURCE_CLERK, f"/plans/releases/{release.id}/undo/")
    assert 'class="tg-side"' in alone, "who follows a link gets a whole page"
    answer = site.client(site.people[Role.RESOURCE_CLERK]).get(
        f"/plans/releases/{release.id}/undo/", headers={"HX-Request": "true"}
    )
    dialog = unescape(answer.content.decode())
    assert "<html" not in dialog
    assert dialog.lstrip().startswith('<div class="card-header">')
    undoable = release.outcome["posted"] - MOVED_BY_HAND
    assert f"提交撤销 {undoable:,} 件" in dialog
    assert f"{MOVED_BY_HAND} 件" in dialog.split("保留不动")[1].split("</tr>")[0]
    assert dialog.count("调整</td>") == MOVED_BY_HAND

    url, typed = f"/plans/releases/{release.id}/undo/", str(undoable)
    for other in ("0101", "", str(undoable + 1)):
        refused = site.post(Role.RESOURCE_CLERK, url, reason="编码簿用错版本", typed=other)
        assert f"与可撤销的 {undoable:,} 不符；没有写入任何数据" in refused
    assert site.release_of(1).undo_log == ()
    assert "须写明理由" in site.post(Role.RESOURCE_CLERK, url, reason=" ", typed=typed)
    said = site.post(Role.RESOURCE_CLERK, url, reason="编码簿用错版本", typed=typed)
    assert "另一人确认后才生效，现在没有任何变动" in said
    assert "编码簿用错版本" in site.get(Role.BRANCH_MANAGER, f"/plans/{site.plan}/")
    own = site.post(Role.RESOURCE_CLERK, f"{url}decide/", decision="confirm")
    assert "申请人不能确认自己的撤销，须由另一人确认；没有写入任何数据" in own
    assert site.release_of(1).state == "posted"

    moved = held()
    said = site.post(Role.BRANCH_MANAGER, f"{url}decide/", decision="confirm")
    assert f"第 1 期已撤销：{undoable:,} 件退回，{MOVED_BY_HAND} 件此后已变动、保留不动" in said
    after, buffer = held(), org.buffer_group()
    numbers = dict(ledger.holdings(EVERYTHING, kind="policy").select("subject_id", "number").iter_rows())
    kept = {numbers[subject] for subject in subjects}
    batch = {numbers[s] for s in ledger.batch(release.batch)["subject_id"]}
    assert {after[number] for number in batch - kept} == {buffer}
    assert {n: after[n] for n in kept} == {n: moved[n] for n in kept}
    assert {n for n in after if n not in batch and after[n] != posted[n]} == set()
    assert [line.step for line in site.release_of(1).undo_log] == ["asked", "confirmed"]
    assert ledger.verify().problems == ()


def _move_by_hand(site: Site, subjects: list[int]) -> None:
    """Somebody transfers a few of the released policies afterwards, as another person approves."""
    target = org.people(EVERYTHING, clock.business_today()).filter(series="collection")["custodian_id"][0]
    heads = dict(ledger.holdings(EVERYTHING, kind="policy").select("subject_id", "head").iter_rows())
    for subject in subjects:
        ledger_actions.transfer(
            subject, target, expected_head=heads[subject], key=f"by hand {subject}", rule="S0-25", reason_code="asked",
            by=site.people[Role.RESOURCE_CLERK], approved_by=site.people[Role.BRANCH_MANAGER],
            effective_date=clock.business_today(), recorded_at=clock.now(),
        )  # fmt: skip


@pytest.mark.req("S0-18", "S0-20")
def test_the_register_is_a_workbook_with_masked_customers_and_is_counted(site: Site):
    client = site.client(site.people[Role.RESOURCE_CLERK])
    content = taken(client, f"/plans/{site.plan}/register.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for name in book.sheet_names:
        last = [row for row in book.get_sheet_by_name(name).to_python() if any(row)][-1]
        assert str(last[0]).startswith("水印 · "), f"{name}: whose copy it is"
    cells = {
        str(cell)
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
        for cell in row
    }
    assert set(site.table("assignments")["policy_number"]) <= cells
    assert any("*" in value for value in cells), "names are there, masked"
    head = plans.plan_head(site.plan, EVERYTHING)
    assert any(value.startswith(f"已批准，已下发 {head.posted}/4 期　数据日期") for value in cells)
    assert not any("未生效" in value for value in cells)
    assert not any(re.fullmatch(r"1[3-9]\d{9}", value) for value in cells), "no phone in clear"
    (row,) = accesslog.log_page(EVERYTHING, accesslog.LogFilter(kind="export")).rows
    assert row.person == site.people[Role.RESOURCE_CLERK]
    assert site.client(site.people[Role.AUDITOR]).post(f"/plans/{site.plan}/register.xlsx").status_code == 403


@pytest.mark.req("S0-12")
def test_map_and_table_of_the_ground_show_the_same_stock(site: Site):
    page = site.get(Role.BRANCH_MANAGER, "/territory/")
    total = int(re.search(r'id="total">([\d,]+)<', page).group(1).replace(",", ""))
    plan = plans.plan_head(site.plan, EVERYTHING)
    assert total == plan.placed + plan.unplaced, (
        "the stock of orphan policies, all of which the plan speaks of"
    )
    rows = [int(n.replace(",", "")) for n in re.findall(r'policies/\?[^"]*">([\d,]+)</a>', page)]
    assert sum(rows) == total
    drawn = json.loads(site.get(Role.BRANCH_MANAGER, "/territory/map.json"))
    assert sum(place["n"] for place in drawn["places"]) + drawn["missing"] == total
    down = 0
    for region in re.findall(r"/territory/\?region=(\d{6})", page):
        streets = site.get(Role.BRANCH_MANAGER, f"/territory/?region={region}")
        for street in re.findall(r"/territory/\?region=(\d{9})", streets):
            places = site.get(Role.BRANCH_MANAGER, f"/territory/?region={street}")
            down += int(re.search(r'id="total">([\d,]+)<', places).group(1).replace(",", ""))
    assert down == sum(place["n"] for place in drawn["places"])


@pytest.mark.req("S0-14")
def test_every_active_manager_has_a_home_or_stands_in_the_exception_list(site: Site):
    page = site.get(Role.RESOURCE_CLERK, "/territory/homes/")
    active = org.people(EVERYTHING, clock.business_today()).filter(series="collection")
    shown = re.findall(r'/staff/(\w+)/"', page)
    assert sorted(shown) == sorted(active["staff_number"])
    drawn = json.loads(site.get(Role.RESOURCE_CLERK, "/territory/homes/map.json"))
    coded = int(re.search(r"住址已编码 (\d+) 人", page).group(1))
    assert len(drawn["people"]) == coded
    assert {p["number"] for p in drawn["people"] if p["supervisor"]} <= set(
        active.filter("supervisor")["staff_number"]
    )
    assert "幢" not in page.split('id="re"')[1].split("</table>")[0], "never a house"


def test_a_page_asks_the_same_few_questions_when_it_is_warm(site: Site):
    client = site.client(site.people[Role.RESOURCE_CLERK])
    client.get(f"/plans/{site.plan}/")
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/plans/{site.plan}/").status_code == 200
    own = [
        query for query in asked if "django_session" not in query["sql"]
    ]  # on SQLite they lie in another file
    assert len(own) <= 34
