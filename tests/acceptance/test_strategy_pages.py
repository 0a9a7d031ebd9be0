"""Strategies without territories through the pages: asked for, looked at, decided on, released, taken back, downloaded.
The tests run in this order on one branch.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from branch_site import BranchSite, appoint_desks, opened_branch
from exported import taken
from tuogu import clock
from tuogu.core.strategies import STRATEGIES
from tuogu.jobs import queries as jobs
from tuogu.jobs import running
from tuogu.ledger import actions as ledger_actions
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import actions as plans_actions
from tuogu.plans import queries as plans
from tuogu.plans.models import StoredPlan

pytestmark = pytest.mark.database
EVERYTHING = Scope.everything()


@dataclass
class Site(BranchSite):
    """A branch with people at their posts and the plans made so far by strategy."""

    made: dict[str, int] = field(default_factory=dict)

    def get(self, role: Role, url: str, status: int = 200) -> str:
        answer = self.client(self.people[role]).get(url)
        assert answer.status_code == status, (role, url, answer.status_code)
        return unescape(answer.content.decode())

    def post(self, role: Role, url: str, status: int = 200, **values: str) -> str:
        answer = self.client(self.people[role]).post(url, values, follow=True)
        assert answer.status_code == status, (role, url, answer.status_code)
        return unescape(answer.content.decode())

    def ask(self, strategy: str, *, on: str = "2026-11-01", **options: str) -> jobs.JobRow:
        """The clerk asks for a plan on the page; a worker makes it."""
        wish = {"as_of": on, "seed": "3", "effort": "10000", "strategy": strategy}
        given = {f"{strategy}.{name}": value for name, value in options.items()}
        self.post(Role.RESOURCE_CLERK, "/plans/new/", **wish, **given)
        job = jobs.jobs(self.people[Role.RESOURCE_CLERK], kind="plan", limit=1)[0]
        running.run(job.id, clock=clock.now)
        return jobs.jobs(self.people[Role.RESOURCE_CLERK], kind="plan", limit=1)[0]

    def plan_by(self, strategy: str, *, on: str = "2026-11-01", **options: str) -> int:
        """The id of a plan asked for, which must come about."""
        job = self.ask(strategy, on=on, **options)
        assert job.state == "done", job.failure
        self.made[strategy] = job.result["plan"]
        return self.made[strategy]

    def release(self, plan: int, by: Role = Role.RESOURCE_CLERK) -> None:
        """Approved by the branch manager, released by the clerk; a release beyond the visits by another one than made it."""
        day = clock.business_today().isoformat()
        self.post(
            Role.BRANCH_MANAGER,
            f"/plans/{plan}/decide/",
            decision="approve",
            first_release_date=day,
            note="核对无误",
            overlap_seen="1",
            overlap_reason="演练：重叠的先下发者得",
        )
        self.post(by, f"/plans/{plan}/release/", override="演练，逐期消化")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    with opened_branch(tmp_path_factory.mktemp("strategies"), django_db_blocker) as branch:
        yield Site(branch, branch.result["plan"], appoint_desks(lead_of_one_team=False))


def holders(relation: str, kind: str) -> dict[str, str]:
    """Number → receiver, as the ledger says now."""
    names = dict(plans.receivers().select("custodian_id", "receiver").iter_rows())
    held = ledger.holdings(EVERYTHING, relation=relation, kind=kind)
    return {n: names[c] for n, c in held.select("number", "custodian_id").drop_nulls().iter_rows()}


def placed(plan: int) -> dict[str, str]:
    """Number → receiver of the first instalment, as the plan says."""
    rows = plans.table_of(plan, "placements").filter(instalment=1)
    return dict(rows.select("number", "receiver").iter_rows())


@pytest.mark.req("S4-12", "N-04")
def test_a_matching_is_asked_for_on_the_page_and_moves_nothing(site):
    before = holders("custody", "policy")
    form = site.get(Role.RESOURCE_CLERK, "/plans/new/?strategy=match")
    assert "孤儿单匹配" in form
    assert "组内分法" in form
    plan = site.plan_by("match", order="snake")
    page = site.get(Role.BRANCH_MANAGER, f"/plans/{plan}/")
    head = plans.plan_head(plan, EVERYTHING)
    assert (head.strategy, head.violations, head.options["order"]) == ("match", 0, "snake")
    assert f"{head.placed:,}" in page
    for sheet in STRATEGIES["match"].sheets:
        assert sheet.title in page
    assert holders("custody", "policy") == before


@pytest.mark.req("P-25")
def test_a_pool_that_is_not_cleared_blocks_the_next_and_nothing_is_released_before_approval(site):
    job = site.ask("match", order="block")
    assert job.state == "refused"
    assert f"预分单池未清空：方案 {site.made['match']} 还没有审批" in job.failure
    said = site.post(Role.RESOURCE_CLERK, f"/plans/{site.made['match']}/release/")
    assert "不能正式分单；须先由第二人批准" in said
    with pytest.raises(plans_actions.PlanRefused, match="没有方案 999，不能正式分单"):
        plans_actions.release_due(by=site.people[Role.RESOURCE_CLERK], at=clock.now(), plan_id=999)


@pytest.mark.req("S4-09", "N-03")
def test_the_tables_behind_the_page_are_whole_and_every_row_leads_on(site):
    plan = site.made["match"]
    frame = plans.table_of(plan, "own.eligibility")
    page = site.get(Role.INSPECTOR, f"/plans/{plan}/tables/eligibility/")
    assert f"共 {frame.height:,} 行" in page
    receiver = plans.table_of(plan, "placements")["receiver"][0]
    own = plans.table_of(plan, "placements").filter(receiver=receiver)
    listed = site.get(Role.INSPECTOR, f"/plans/{plan}/placed/?receiver={receiver}")
    assert f"{own.height:,} 行" in listed
    assert own.sort("instalment", "place", "number")["number"][0] in listed
    left = plans.table_of(plan, "unplaced")
    reason = left["reason"][0]
    assert left.filter(reason=reason)["detail"][0] in site.get(
        Role.INSPECTOR, f"/plans/{plan}/placed/?reason={reason}"
    )
    site.get(Role.INSPECTOR, f"/plans/{plan}/tables/nothing/", status=404)


@pytest.mark.req("P-25", "P-03")
def test_what_changed_since_the_pool_is_listed_and_left_out(site):
    """The pool is re-validated when it becomes binding: a policy that somebody claimed meanwhile stays with him."""
    plan, today = site.made["match"], placed(site.made["match"])
    number = min(today)
    person = org.people(EVERYTHING, clock.business_today()).filter(series="service")["custodian_id"][0]
    subject = ledger.subject_ids("core", [number])["subject_id"][0]
    assert ledger_actions.claim(subject, person, by=person, recorded_at=clock.now(), rule="P-09").done
    site.release(plan)
    now = holders("custody", "policy")
    assert {n: now[n] for n in today if n != number} == {n: r for n, r in today.items() if n != number}
    assert now[number] != today[number]
    row = next(r for r in plans.releases(plan, EVERYTHING) if r.instalment == 1)
    assert (row.outcome["posted"], row.outcome["stale"]) == (len(today) - 1, 1)
    counted = site.get(Role.RESOURCE_CLERK, f"/plans/{plan}/")
    assert "已变动未发 1 件" in counted


@pytest.mark.req("N-03")
def test_an_explanation_shows_no_distance_where_none_was_measured(site):
    now, wanted = holders("custody", "policy"), placed(site.made["match"])
    number = next(n for n, receiver in sorted(wanted.items()) if now[n] == receiver)
    page = site.get(Role.INSPECTOR, f"/policies/{number}/why/")
    assert "孤儿单匹配" in page
    assert "加权距离" not in page


@pytest.mark.req("P-25")
def test_the_next_pool_waits_until_the_instalments_are_cleared(site):
    waiting = [r for r in plans.releases(site.made["match"], EVERYTHING) if r.state == "scheduled"]
    job = site.ask("match", order="round_robin")
    if waiting:
        assert job.state == "refused"
        assert "已批准但还没有正式分单" in job.failure
        for row in waiting:
            site.post(Role.RESOURCE_CLERK, f"/plans/releases/{row.id}/cancel/", reason="清空预分单池")
        job = site.ask("match", order="round_robin")
    assert job.state == "done", job.failure
    draft = job.result["plan"]
    assert "撤回方案" in site.get(Role.RESOURCE_CLERK, f"/plans/{draft}/")
    assert f"方案 {draft} 已撤回；没有任何变动" in site.post(Role.RESOURCE_CLERK, f"/plans/{draft}/withdraw/")
    assert "已撤回" in site.get(Role.BRANCH_MANAGER, f"/plans/{draft}/")
    assert "不能撤回" in site.post(Role.RESOURCE_CLERK, f"/plans/{draft}/withdraw/")
    site.post(Role.BRANCH_MANAGER, f"/plans/{draft}/withdraw/", 403)


def test_a_plan_that_placed_nothing_has_no_gap_and_columns_of_instalments_have_sums(site):
    plan = site.made["match"]
    board = plans.strategy_board(plan, EVERYTHING)
    page = site.get(Role.BRANCH_MANAGER, f"/plans/{plan}/")
    if len(board.receivers[0].instalments) > 1:
        foot = page.partition("<tfoot>")[2].partition("</tfoot>")[0]
        for column in zip(*(row.instalments for row in board.receivers), strict=True):
            assert f'<td class="tg-num">{sum(column):,}</td>' in foot
        assert "下发日：第 1 期" in page
    StoredPlan.objects.filter(pk=plan).update(placed=0)
    assert '<div class="v">—</div>' in site.get(Role.BRANCH_MANAGER, f"/plans/{plan}/")
    assert "<b>—</b>" in site.get(Role.BRANCH_MANAGER, f"/plans/{plan}/decide/")
    StoredPlan.objects.filter(pk=plan).update(placed=len(plans.table_of(plan, "placements")))


def test_jobs_of_the_last_hour_stand_above_the_list_and_the_rest_behind_a_link(site):
    for _ in range(4):
        site.ask("reclaim", stage="q2", draw_id="D1", seed_hex="00" * 32)
    page = site.get(Role.RESOURCE_CLERK, "/plans/making/")
    assert page.count('class="card mb-3"') == 3
    assert '<a href="/jobs/">以前的' in page


@pytest.mark.req("S1-17", "S1-09")
def test_the_resource_centre_releases_development_and_leaves_custody_alone(site):
    custody = holders("custody", "policy")
    plan = site.plan_by("centre")
    page = site.get(Role.BRANCH_MANAGER, f"/plans/{plan}/")
    for sheet in STRATEGIES["centre"].sheets:
        assert sheet.title in page
    first = plans.strategy_board(plan, EVERYTHING).receivers[0]
    assert f'{first.name} <span class="tg-id tg-3">{first.receiver}</span>' in page, (
        "two people may share a name"
    )
    desk = site.get(Role.BRANCH_MANAGER, f"/plans/{plan}/decide/")
    assert "新开发权人" in desk
    assert "责任人" not in desk
    assert f'<td class="tg-2">{plans.strategy_board(plan, EVERYTHING).levers[0][1]}</td>' in desk
    assert f'<span class="tg-id tg-3">{first.receiver}</span>' in desk
    site.release(plan)
    assert holders("development", "customer") == placed(plan)
    assert holders("custody", "policy") == custody


@pytest.mark.req("N-06")
def test_what_a_customer_holds_is_told_as_a_customer_s_and_beside_the_policy(site):
    """A customer number is no policy number: no link leads nowhere, and the policy's record names the development."""
    number = min(placed(site.made["centre"]))
    page = site.get(Role.RESOURCE_CLERK, f"/ledger/?number={number}")
    row = page.split("<tbody>")[1].split("</tbody>")[0]
    assert row.count("<tr>") == 1, "found by the customer number"
    assert f'<span class="tg-id">{number}</span>' in row
    assert f"/policies/{number}/" not in page
    assert "对象" in page
    assert "新开发权" in page
    policies = plans.load_plan(site.made["centre"])[1].books.policies
    policy = policies.filter(pl.col("main_policy_number").is_null(), holder_number=number)[
        "policy_number"
    ].sort()[0]
    record = site.get(Role.RESOURCE_CLERK, f"/policies/{policy}/")
    relations = record.split('id="s-relations"')[1].split("</table>")[0]
    assert "投保人开发权" in relations
    assert "下发" in relations
    why = site.get(Role.RESOURCE_CLERK, f"/policies/{policy}/why/")
    assert f"方案 {site.made['centre']}（" in why.split("投保人开发权")[1]


@pytest.mark.req("N-10")
def test_development_has_a_fairness_account_of_its_own(site):
    given = len(placed(site.made["centre"]))
    page = site.get(Role.RESOURCE_CLERK, "/fairness/?relation=development")
    assert f"{given:,}" in page.split("<tfoot>")[1]
    assert "客户数" in page
    custody = site.get(Role.RESOURCE_CLERK, "/fairness/")
    assert f'<td class="tg-num">{given:,}</td>' not in custody.partition("<tfoot>")[2]


def test_taking_development_back_gives_it_to_nobody(site):
    release, count = plans.releases(site.made["centre"], EVERYTHING)[0], len(placed(site.made["centre"]))
    dialog = site.get(Role.RESOURCE_CLERK, f"/plans/releases/{release.id}/undo/")
    assert f"下发前无人持有 {count:,} 位客户" in dialog
    assert "保单号" not in dialog
    assert "责任人" not in dialog
    assert "客户经理" not in dialog
    site.post(Role.RESOURCE_CLERK, f"/plans/releases/{release.id}/undo/", reason="得分有误", typed=str(count))
    site.post(Role.BRANCH_MANAGER, f"/plans/releases/{release.id}/undo/decide/", decision="confirm")
    assert plans.release_row(release.id, EVERYTHING).state == "undone"
    assert holders("development", "customer") == {}


@pytest.mark.req("N-04")
def test_two_plans_of_a_strategy_stand_side_by_side(site):
    first = site.made["centre"]
    second = site.plan_by("centre", pieces="200")
    page = site.get(Role.BRANCH_MANAGER, f"/plans/{second}/compare/?with={first}")
    counts = [plans.table_of(p, "placements").height for p in (first, second)]
    assert counts[1] == 200
    for count in counts:
        assert f'<td class="tg-num">{count:,}</td>' in page
    site.get(Role.BRANCH_MANAGER, f"/plans/{second}/compare/")


@pytest.mark.req("P-25", "S1-08")
def test_the_register_of_a_strategy_is_a_workbook_with_every_table(site):
    plan = site.made["centre"]
    content = taken(site.client(site.people[Role.RESOURCE_CLERK]), f"/plans/{plan}/register.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    titles = [sheet.title for sheet in STRATEGIES["centre"].sheets]
    assert book.sheet_names[:2] == ["预分名单", "未分配"]
    assert [name for name in book.sheet_names if name in titles] == titles
    rows = book.get_sheet_by_name("预分名单").to_python()[3:-1]  # the last line says whose copy it is
    table = plans.table_of(plan, "placements").sort("receiver", "instalment", "place", "number")
    assert [row[3] for row in rows] == table["number"].to_list()
    frame: pl.DataFrame = plans.table_of(plan, "own.score_cards")
    assert len(book.get_sheet_by_name("规划师评分表").to_python()) - 4 == frame.height


@pytest.mark.req("P-25")
def test_an_option_that_cannot_be_read_is_refused_beside_its_field(site):
    queued = len(jobs.jobs(site.people[Role.RESOURCE_CLERK], kind="plan", limit=50))
    wish = {"as_of": "2026-11-01", "seed": "1", "effort": "1", "strategy": "centre"}
    said = site.post(Role.RESOURCE_CLERK, "/plans/new/", 400, **wish, **{"centre.pieces": "abc"})
    field = said[said.index('name="centre.pieces"') :]
    assert 'aria-invalid="true"' in said[: said.index('name="centre.pieces"')].rsplit("<", 1)[1]
    assert "本月分配件数须为不带符号的整数，例如 120，不能是“abc”" in field[:600]
    assert len(jobs.jobs(site.people[Role.RESOURCE_CLERK], kind="plan", limit=50)) == queued


@pytest.mark.req("P-25")
def test_a_wide_sheet_says_that_it_scrolls_and_paper_says_what_it_leaves_out(site):
    plan = site.made["centre"]
    page = site.get(Role.BRANCH_MANAGER, f"/plans/{plan}/")
    cards = page[page.index('id="sheet-score_cards"') :]
    cards = cards[: cards.index("</section>")]
    frame = plans.table_of(plan, "own.score_cards")
    columns = len(next(s for s in STRATEGIES["centre"].sheets if s.name == "score_cards").columns)
    assert f"共 {columns} 栏，可左右滚动" in cards
    assert "tg-scroll tg-wide" in cards
    assert (f"仅列前 12 行，全表 {frame.height:,} 行见 Excel" in cards) is (frame.height > 12)
    assert "见 Excel" in page  # of some sheet, whatever the branch's size


@pytest.mark.req("S2-10")
def test_a_strategy_that_lacks_an_input_says_which_and_stores_nothing(site):
    before = len(plans.plan_heads(EVERYTHING))
    job = site.ask("reclaim", stage="q2", draw_id="D1", seed_hex="00" * 32)
    assert job.state == "refused"
    assert job.failure
    assert len(plans.plan_heads(EVERYTHING)) == before
    said = site.post(
        Role.RESOURCE_CLERK, "/plans/new/", 400, as_of="2026-11-01", seed="1", effort="1", strategy="reclaim"
    )
    assert "须给出" in said
