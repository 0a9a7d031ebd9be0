"""A campaign of the stored books: who refused is not planned, who refuses later is not released; services go on (L-03)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from test_privacy_consents import says

from cast import TREE, Cast
from listed_world import GONE, MANAGER, import_rows, policy_rows
from tuogu import clock
from tuogu.cli.console import steps
from tuogu.core.tables import INSTITUTIONS
from tuogu.jobs.storing import draft_plan
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import Relation
from tuogu.org import actions as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import actions, queries

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
ORPHANS = [f"C{i:06d}" for i in range(100, 112)]


@pytest.fixture
def world(cast: Cast) -> Cast:
    """Twelve orphaned customers with one policy each, and two of the manager whose premium gives department D its weight."""
    rows = [
        {"institution_code": code, "name": name, "level": level, "parent_code": parent,
         "region_code": "330203" if code in "BD" else None}
        for code, name, level, parent in TREE
    ]  # fmt: skip
    org.sync_institutions(
        pl.DataFrame(rows, schema=INSTITUTIONS), by=cast.people[Role.RESOURCE_CLERK], at=cast.now
    )
    import_rows(cast, [*policy_rows(2, agent=MANAGER), *policy_rows(12, agent=GONE, first=100)])
    return cast


def drafted(world: Cast, strategy: str = "campaign") -> int:
    options = {"premium_year": "2015"} if strategy == "campaign" else {}
    with steps(quiet=True) as progress:
        return draft_plan(
            city="3302", as_of=world.today, seed=1, effort=1, afresh=True, clock=clock.now, progress=progress,
            planner=lambda: world.people[Role.RESOURCE_CLERK], strategy=strategy, options=options,
        ).plan_id  # fmt: skip


def placed(plan: int) -> set[str]:
    return set(queries.load_plan(plan)[0].placements["number"])


def approved(world: Cast, plan: int) -> int:
    """Approved by the manager, the department's filings in order."""
    by = {"by": world.people[Role.BRANCH_MANAGER], "at": clock.now()}
    person = world.people[Role.TEAM_LEAD]
    actions.file_person("D", year=world.today.year, person=person, **by)
    actions.file_rules("D", year=world.today.year, text="按产能分", **by)
    actions.approve(plan, first_release_date=world.today, note="核对无误", **by)
    return plan


def released(world: Cast, plan: int, days: int = 0) -> Any:
    at = clock.now() + timedelta(days=days)
    (outcome,) = actions.release_due(by=world.people[Role.RESOURCE_CLERK], at=at, plan_id=plan)
    return outcome


def developers() -> dict[str, str]:
    held = custody.holdings(Scope.everything(), kind="customer", relation=Relation.DEVELOPMENT)
    return dict(held.select("number", "custodian_id").drop_nulls().iter_rows())


@pytest.mark.req("L-03")
def test_who_refused_before_is_unplaced_by_name(world: Cast) -> None:
    says(world, ORPHANS[0], "refused")
    says(world, ORPHANS[1], "refused", channel="phone")
    plan = drafted(world)
    assert ORPHANS[0] not in placed(plan)
    assert ORPHANS[1] in placed(plan)  # may still be visited
    left = queries.load_plan(plan)[0].unplaced
    assert left.filter(policy_number=ORPHANS[0])["reason"].to_list() == ["refused_marketing"]
    assert queries.load_plan(plan)[1].refused["customer_number"].to_list() == [ORPHANS[0]]


@pytest.mark.req("L-03")
def test_who_refuses_after_the_approval_is_left_out_of_the_release_and_listed(world: Cast) -> None:
    plan = approved(world, drafted(world))
    wave = {
        n
        for n, i in queries.load_plan(plan)[0].placements.select("number", "instalment").iter_rows()
        if i == 1
    }
    said_no = sorted(wave & set(ORPHANS))[0]
    says(world, said_no, "refused")
    (first, _second) = queries.scheduled_rows(plan)
    outlook = queries.release_outlook(first["id"], Scope.everything(), on=world.today)
    assert outlook.stale.select("number", "what").rows() == [(said_no, "客户已拒绝营销")]
    outcome = released(world, plan)
    assert outcome.posted == len(wave) - 1
    assert outcome.stale["reason"].to_list() == ["refused_marketing"]
    assert said_no not in developers()
    assert set(developers()) == wave - {said_no}
    row = next(one for one in queries.scheduled_rows(plan) if one["id"] == first["id"])
    assert row["outcome"]["refused_marketing"] == 1


@pytest.mark.req("L-03")
def test_a_plan_of_service_is_the_same_plan_whoever_refused(world: Cast) -> None:
    before = drafted(world, "territory")
    for number in ORPHANS:
        says(world, number, "refused")
    assert drafted(world, "territory") == before  # the same plan again is the same draft
    assert "refused_marketing" not in set(queries.load_plan(before)[0].unplaced["reason"])


@pytest.mark.req("L-03")
def test_no_list_of_an_approved_campaign_holds_who_refused_since(world: Cast) -> None:
    plan = approved(world, drafted(world))
    everybody, filters = Scope.everything(), queries.PlacedFilter()
    before, rows = queries.placed_page(plan, everybody, filters)
    said_no = before[0].number
    says(world, said_no, "refused")
    after, left = queries.placed_page(plan, everybody, filters)
    assert left == rows - 1
    assert said_no not in {row.number for row in after}
    stored, _book = queries.load_plan(plan)
    today = queries.as_offered_today(stored)
    assert said_no not in set(today.placements["number"])
    assert today.unplaced.filter(policy_number=said_no)["reason"].to_list() == ["refused_marketing"]
    assert all(said_no not in set(t["number"]) for t in today.tables.values() if "number" in t.columns)
    assert said_no in set(stored.placements["number"])  # what was approved stays as it was
