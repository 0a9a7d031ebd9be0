"""What users of comparable systems complain about, tried on one branch through its pages: each must be impossible here.

The complaints that the plan desk answers for: ties by seniority, work for people who left, bulk that differs from single,
everyone at capacity, silent exclusions, a backup that takes everything, undo by thousands of clicks. The tests run in this
order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from test_strategy_pages import Site, holders

from branch_site import appoint_desks, opened_branch
from tuogu import clock
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import queries as plans

pytestmark = pytest.mark.database
ALL = Scope.everything()
CLERK, MANAGER = Role.RESOURCE_CLERK, Role.BRANCH_MANAGER


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    with opened_branch(tmp_path_factory.mktemp("complaints"), django_db_blocker) as branch:
        yield Site(branch, branch.result["plan"], appoint_desks(lead_of_one_team=False))


def adjust(site: Site, plan: int, **chosen: str) -> tuple[int, str]:
    """The clerk adjusts what is chosen; returns the newest plan and what the page says."""
    said = site.post(CLERK, f"/plans/{plan}/adjust/", store="1", **chosen)
    return plans.plan_heads(ALL)[0].id, said


@pytest.mark.req("N-05", "N-04")
def test_1_ties_are_decided_by_the_seed_and_replayed_by_it(site):
    """Not by who was hired first: the same seed gives the same bytes, and looking at plans writes nothing."""
    first, again = (site.plan_by("centre") for _ in range(2))
    assert first == again, "the same wish is the same draft"
    assert plans.plan_head(first, ALL).seed == 3
    page = site.get(MANAGER, f"/plans/{first}/compare/?with={first}")
    assert "没有写入任何数据" in page


def test_2_whoever_left_is_given_nothing(site):
    """A receiver who leaves after the plan gets no row of the release, and the page says how many that are."""
    plan = site.plan
    rows = plans.table_of(plan, "placements").filter(instalment=1)
    leaver = rows["receiver"].sort()[0]
    person = int(org.staff_ids([leaver])["custodian_id"][0])
    site.post(CLERK, f"/staff/{leaver}/leave/", date=clock.business_today().isoformat(), reason="left")
    assert person not in org.receiving(clock.business_today())
    site.post(
        MANAGER, f"/plans/{plan}/decide/", decision="approve", note="可", overlap_seen="1", overlap_reason="演练",
        first_release_date=clock.business_today().isoformat(),
    )  # fmt: skip
    said = site.post(CLERK, f"/plans/{plan}/release/", override="演练，逐期消化")
    held = holders("custody", "policy")
    assert not any(held[n] == leaver for n in rows.filter(receiver=leaver)["number"])
    assert "未下发，保留不动" in said
    assert set(held) >= set(rows["number"]), "nobody's policy was lost"


def test_3_a_whole_filtered_list_is_moved_as_one_row_is(site):
    """All rows of a manager's list in one act, counted and confirmed; one row by itself ends with the same person."""
    plan = site.plan_by("match", order="snake")
    rows = plans.table_of(plan, "placements")
    crowded = rows.group_by("receiver").len().sort("len", "receiver")
    giver, taker = crowded["receiver"][0], crowded["receiver"][1]
    own = rows.filter(receiver=giver)
    wish = {"receiver": giver, "to": taker, "reason": "同组相邻，整份移交"}
    for count in ("", str(own.height + 1), "1" if own.height != 1 else "2"):
        refused = site.post(CLERK, f"/plans/{plan}/adjust/", 400, store="1", count=count, **wish)
        assert f"选中的是 {own.height:,} 行" in refused
    looked = site.post(CLERK, f"/plans/{plan}/adjust/", look="1", count=str(own.height), **wish)
    if "不能调整：违反" in looked:
        refused = site.post(CLERK, f"/plans/{plan}/adjust/", 400, store="1", count=str(own.height), **wish)
        assert "违反不可放宽的规定" in refused
        return
    new, said = adjust(site, plan, count=str(own.height), **wish)
    assert f"调整 {own.height:,} 行" in said
    after = plans.table_of(new, "placements")
    assert set(after.filter(pl.col("number").is_in(own["number"].implode()))["receiver"]) == {taker}
    untouched = rows.filter(pl.col("receiver") != giver).select("number", "receiver").sort("number")
    kept = (
        after.filter(~pl.col("number").is_in(own["number"].implode()))
        .select("number", "receiver")
        .sort("number")
    )
    assert kept.equals(untouched)
    page = site.get(MANAGER, f"/plans/{new}/decide/")
    assert f"{own.height:,} 行" in page, "the approver sees how many rows hands have moved"
    back = site.post(CLERK, f"/plans/{new}/withdraw/")
    assert f"回到方案 {plan}" in back


def test_4_with_everyone_at_capacity_the_rest_is_listed_with_its_reason(site):
    """No crash and nothing left in silence: what nobody has room for stands under a reason with its rows."""
    plan = site.made["match"]
    left = plans.table_of(plan, "unplaced")
    placed = plans.table_of(plan, "placements")
    assert left.filter(pl.col("reason").is_null() | (pl.col("detail") == "")).is_empty()
    for reason, n in left.group_by("reason").len().iter_rows():
        assert f"{n:,} 行" in site.get(MANAGER, f"/plans/{plan}/placed/?reason={reason}")
    head = plans.plan_head(plan, ALL)
    assert (head.placed, head.unplaced) == (placed.height, left.height)


@pytest.mark.req("S0-24")
def test_5_nothing_is_excluded_in_silence(site):
    """Every orphan that the plan had to speak of is placed or listed, whatever its age; both counts stand on the page."""
    _plan, book = plans.load_plan(site.plan)
    orphans = set(book.classified.filter("orphan")["policy_number"])
    spoken = set(plans.table_of(site.plan, "placements")["number"])
    spoken |= set(plans.table_of(site.plan, "unplaced")["policy_number"])
    live = book.books.policies.filter(
        (pl.col("kind") == "main") & pl.col("state").is_in(["in_force", "lapsed"])
    )
    assert orphans & set(live["policy_number"]) == spoken
    page = site.get(MANAGER, f"/plans/{site.plan}/")
    head = plans.plan_head(site.plan, ALL)
    assert f"共 {head.total:,} 件" in page
    assert head.total == len(spoken)


def test_6_nobody_takes_the_turns_of_all_who_are_away(site):
    """Pieces follow the plan's weights: no receiver stands out by more than the certificate's spread says."""
    board = plans.strategy_board(site.made["centre"], ALL)
    quotas = plans.table_of(site.made["centre"], "own.quotas").filter(pl.col("weight") > 0)
    mine = {row.receiver: row.pieces for row in board.receivers}
    for receiver, floor, pieces in quotas.select("staff_number", "floor", "pieces").iter_rows():
        assert mine.get(receiver, 0) == pieces
        assert pieces in (floor, floor + 1), "a share is its whole part or one more, whoever is away"


@pytest.mark.req("N-06")
def test_12_a_release_is_taken_back_in_one_act_with_conflicts_named(site):
    """One request and one confirmation, however many rows; what somebody moved since is listed and left."""
    release = next(r for r in plans.releases(site.plan, ALL) if r.state == "posted")
    subject, holder = custody.batch(release.batch).select("subject_id", "custodian_id").row(0)
    other = next(i for i in org.receiving(clock.business_today()) if i != holder)
    heads = dict(custody.holdings(ALL, kind="policy").select("subject_id", "head").iter_rows())
    ledger.transfer(
        subject, other, expected_head=heads[subject], key="complaint-12", rule="S0-25", reason_code="asked",
        by=site.people[CLERK], approved_by=site.people[MANAGER], effective_date=clock.business_today(),
        recorded_at=clock.now(),
    )  # fmt: skip
    outlook = plans.undo_outlook(release.id, ALL, on=clock.business_today())
    assert outlook.kept == 1
    url = f"/plans/releases/{release.id}/undo/"
    site.post(CLERK, url, reason="口径有误", typed=str(outlook.undoable))
    said = site.post(MANAGER, f"{url}decide/", decision="confirm")
    assert f"{outlook.undoable:,} 件退回，1 件此后已变动、保留不动" in said
    assert not custody.verify().problems
