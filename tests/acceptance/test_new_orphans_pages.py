"""New orphans and fine tuning through the pages: an agent leaves, the orphans find their managers, units move as a block,
a map is followed, supervised pieces gain a specialist. The tests run in this order on one branch whose territories are out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from test_strategy_pages import Site, holders, placed

from branch_site import appoint_desks, opened_branch
from tuogu import clock
from tuogu.books import actions as books_actions
from tuogu.ledger import queries as ledger
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import queries as plans

EVERYTHING = Scope.everything()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    with opened_branch(tmp_path_factory.mktemp("arrivals"), django_db_blocker) as branch:
        site = Site(branch, branch.result["plan"], appoint_desks(lead_of_one_team=False))
        second = site.people[Role.BUFFER_MEMBER]  # who made a plan may not let it through beyond the visits
        org_actions.appoint(
            second, Role.RESOURCE_CLERK, everywhere=True, from_date=clock.business_today(), by=org.machine(),
            at=clock.now(),
        )  # fmt: skip
        site.release(site.plan)
        yield site


def busiest_agent(site: Site) -> int:
    """The agent in post, without a desk, who holds most."""
    people = org.people(EVERYTHING, clock.business_today()).filter(series="marketing")
    held = ledger.loads(EVERYTHING)
    desks = list(site.people.values())
    busy = people.join(held, on="custodian_id").filter(~pl.col("custodian_id").is_in(desks))
    row = busy.sort("held", "staff_number", descending=[True, False]).row(0, named=True)
    return row["custodian_id"]


@pytest.mark.req("P-23", "S0-22")
def test_orphans_of_a_leaver_go_to_whom_the_customer_or_the_area_has_and_every_move_is_labelled(site):
    person = busiest_agent(site)
    mine = set(ledger.holdings(EVERYTHING, custodian_id=person)["number"])
    books_actions.leave(
        person, leave_date=clock.business_today(), recorded_at=clock.now(), by=site.people[Role.RESOURCE_CLERK],
    )  # fmt: skip
    before = holders("custody", "policy")
    assert {before[number] for number in mine} == {"buffer"}
    plan = site.plan_by("arrivals", on=clock.business_today().isoformat())
    rows = plans.table_of(plan, "placements")
    new = rows.filter(pl.col("number").is_in(list(mine)))
    assert new.height > 10
    page = site.get(Role.BRANCH_MANAGER, f"/plans/{plan}/")
    assert "新增孤儿保单" in page
    assert set(rows["receiver"]) <= set(plans.table_of(site.plan, "units")["staff_number"])
    counted = plans.table_of(plan, "own.levels")
    assert counted["placed"].sum() == rows.height
    moves = plans.table_of(plan, "own.moves")
    assert set(moves["lever"]) <= {"adjacent", "new"}
    site.release(plan, by=Role.BUFFER_MEMBER)
    after = holders("custody", "policy")
    assert {n: after[n] for n in placed(plan)} == placed(plan)
    head = plans.plan_head(plan, EVERYTHING)
    assert head.violations == 0


@pytest.mark.req("P-24")
def test_a_leavers_units_move_as_one_block_and_one_batch(site):
    units = plans.table_of(site.plan, "units")
    giver = units.group_by("staff_number").len().sort("len", "staff_number")["staff_number"][0]
    before = holders("custody", "policy")
    plan = site.plan_by("block", on=clock.business_today().isoformat(), **{"from": giver})
    rows = plans.table_of(plan, "placements")
    assert giver not in set(rows["receiver"])
    assert not rows.is_empty()
    page = site.get(Role.BRANCH_MANAGER, f"/plans/{plan}/tables/neighbours/")
    assert "移交" in page or "邻" in page
    site.release(plan, by=Role.BUFFER_MEMBER)
    after = holders("custody", "policy")
    moved = {n: r for n, r in placed(plan).items() if before[n] == giver}
    assert moved
    assert {n: after[n] for n in moved} == moved
    posted = [r for r in plans.releases(plan, EVERYTHING) if r.batch]
    assert len(posted) == 1


@pytest.mark.req("P-26", "P-15")
def test_a_map_is_followed_and_its_faults_are_listed(site):
    managers = plans.table_of(site.plan, "units")["staff_number"].unique().sort()
    communities = plans.table_of(site.plan, "units")["community_code"].unique().sort()
    first, district = communities[0], communities[0][:6]
    lines = f"{first}={managers[0]}\n{district}={managers[1]}\n330299=9999999999"
    plan = site.plan_by("map", on=clock.business_today().isoformat(), map=lines, scope="all")
    rows = plans.table_of(plan, "placements")
    assert set(rows["receiver"]) <= {managers[0], managers[1]}
    faults = plans.table_of(plan, "own.map_faults")
    assert faults.height >= 1
    causes = set(plans.table_of(plan, "own.exceptions")["cause"])
    assert causes <= {1, 2, 3, 4, 5}
    assert 3 in causes
    site.post(Role.BRANCH_MANAGER, f"/plans/{plan}/decide/", decision="send_back", reason="只是试算")


@pytest.mark.req("P-27")
def test_a_supervised_piece_keeps_its_custodian_and_gains_a_supervisor(site):
    custody = holders("custody", "policy")
    plan = site.plan_by("supervise", on=clock.business_today().isoformat())
    site.release(plan, by=Role.BUFFER_MEMBER)
    assert holders("custody", "policy") == custody
    assert holders("supervision", "policy") == placed(plan)
    kinds = plans.table_of(plan, "own.piece_kinds")
    assert kinds.select(pl.sum("supervised")).item() == len(placed(plan))
