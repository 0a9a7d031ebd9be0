"""A campaign's first quarter through the product: quotas released, lists announced, lots drawn by two people, customers
taken back, given to who met the target, and all of it undone again. The tests run in this order on one branch.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from test_strategy_pages import Site, holders

from branch_site import appoint_desks, opened_branch
from tuogu import clock
from tuogu.core.draw import commitment
from tuogu.core.tables import FACTS
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import actions
from tuogu.plans import queries as plans
from tuogu.plans.reading import stored_plan

pytestmark = pytest.mark.database
EVERYTHING = Scope.everything()
MET = 6_000  # basis points of its quota that the best city department completes; the target of the quarter is 4,000


@dataclass
class Quarter(Site):
    """The site and what the campaign has come to so far."""

    quota: dict[str, int] = field(default_factory=dict)
    draws: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Quarter]:
    with opened_branch(tmp_path_factory.mktemp("quarter"), django_db_blocker) as branch:
        yield Quarter(branch, branch.result["plan"], appoint_desks(lead_of_one_team=False))


def later() -> str:
    """A day after the release, on which the quarter is judged."""
    return (clock.business_today() + timedelta(days=1)).isoformat()


def completions(quota: dict[str, int]) -> pl.DataFrame:
    """What the departments report: the one with the largest quota of the city met the target, nobody else."""
    best = max(quota, key=lambda code: quota[code])
    rows = [
        {
            "subject": code, "month": clock.business_today().replace(day=1), "key": "completions",
            "value": quota[code] * MET // 10_000 if code == best else 0, "text": None, "source_ref": "第一季度周报",
            "author": None,
        }
        for code in sorted(quota)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=FACTS)


def _file(site: Quarter, department: str, kind: str) -> None:
    """The department's manager files a person or rules on the page."""
    people = dict(org.staff_ids().select("custodian_id", "staff_number").iter_rows())
    values = (
        {"person": people[site.people[Role.TEAM_LEAD]]}
        if kind == "person"
        else {"text": "按产能分给业务精英"}
    )
    said = site.post(Role.DEPARTMENT_MANAGER, "/plans/filings/", department=department, kind=kind, **values)
    assert "已报备并封存摘要" in said


@pytest.mark.req("S2-03", "S2-05", "S2-08", "S2-15")
def test_quotas_go_out_in_two_waves_and_agents_in_post_keep_their_customers(site):
    plan = site.plan_by("campaign", on=clock.business_today().isoformat())
    rows = plans.table_of(plan, "placements")
    quotas = rows.filter(pl.col("receiver").str.starts_with("department:"))
    site.quota = {
        code.removeprefix("department:"): n for code, n in quotas.group_by("receiver").len().iter_rows()
    }
    waves = quotas.group_by("receiver").agg(first=(pl.col("instalment") == 1).sum(), all=pl.len())
    for _department, first, everything in waves.iter_rows():
        assert first == (everything * 60 * 2 + 100) // 200  # 60 %, half up
    assert site.quota
    departments = plans.departments_of(stored_plan(plan), 1)
    assert set(departments) == site.quota.keys()
    site.release(plan)
    assert holders("development", "customer") == {}, "no department has filed yet"
    said = site.post(Role.RESOURCE_CLERK, f"/plans/{plan}/release/", override="先发后补")
    first, *others = departments
    assert "尚未完成" in said
    assert all(f"（{code}）缺指派专人、分配细则" in said for code in departments)
    for code in others:
        _file(site, code, "person")
        _file(site, code, "rules")
    _file(site, first, "person")
    said = site.post(Role.RESOURCE_CLERK, f"/plans/{plan}/release/", override="先发后补")
    assert f"（{first}）缺分配细则" in said
    assert not any(f"（{code}）缺" in said for code in others)
    _file(site, first, "rules")
    page = site.get(Role.DEPARTMENT_MANAGER, "/plans/filings/")
    assert page.count("齐备") == len(departments)
    site.post(Role.RESOURCE_CLERK, f"/plans/{plan}/release/", override="演练，逐期消化")
    assert not plans.broken_seals()
    assert holders("development", "customer") == dict(
        rows.filter(instalment=1).select("number", "receiver").iter_rows()
    )


@pytest.mark.req("S2-10", "N-05")
def test_the_lists_are_announced_before_anybody_draws(site):
    actions.file_facts(completions(site.quota), by=site.people[Role.RESOURCE_CLERK], at=clock.now())
    plan = site.plan_by("reclaim", on=later(), stage="q2", early="yes", completions="facts")
    assert plans.table_of(plan, "placements").is_empty()
    lists = plans.draw_lists(plan, EVERYTHING)
    best = max(site.quota, key=lambda code: site.quota[code])
    assert {one.department for one in lists} == site.quota.keys() - {best}
    for one in lists:
        assert one.listed == site.quota[one.department]  # nobody of them reported a repurchase
        assert one.count == (one.listed * 2 + 10) // 20  # a tenth, half up


@pytest.mark.req("N-05")
def test_two_people_draw_and_neither_alone_decides(site):
    listing, people = site.made["reclaim"], (site.people[Role.TEAM_LEAD], site.people[Role.INSPECTOR])
    for one in plans.draw_lists(listing, EVERYTHING):
        code = f"Q2-{one.department}"
        numbers = plans.draw_list(listing, EVERYTHING, one.department, one.part)
        actions.open_draw(
            numbers, kind="customer", count=one.count or 1, draw_id=code, purpose="第二季度考核回收",
            key=secrets.token_bytes(32), institution_codes=plans.managing(numbers, EVERYTHING, kind="customer"),
            by=site.people[Role.RESOURCE_CLERK], at=clock.now(),
        )  # fmt: skip
        kept = {person: (secrets.token_bytes(32), secrets.token_bytes(32)) for person in people}
        for person, (salt, seed) in kept.items():
            actions.commit_draw(code, commitment=commitment(salt, seed), by=person, at=clock.now())
        first, second = people
        actions.reveal_draw(code, salt=kept[first][0], seed=kept[first][1], by=first, at=clock.now())
        with pytest.raises(actions.PlanRefused, match="尚未公开种子"):
            plans.drawn_numbers(code, EVERYTHING)
        actions.reveal_draw(code, salt=kept[second][0], seed=kept[second][1], by=second, at=clock.now())
        site.draws.append(code)
    assert site.draws


@pytest.mark.req("S2-09", "S2-10", "N-05")
def test_the_drawn_customers_go_back_to_their_regions_pool(site):
    drawn = {
        number for code in site.draws for number in plans.drawn_numbers(code, EVERYTHING)["number"].to_list()
    }
    plan = site.plan_by(
        "reclaim", on=later(), stage="q2", early="yes", completions="facts", draw_id=",".join(site.draws)
    )
    rows = plans.table_of(plan, "placements")
    assert set(rows["number"]) == drawn
    lots = plans.table_of(plan, "own.lots")
    assert lots.filter("drawn")["pseudonym"].null_count() == 0
    site.release(plan)
    held = holders("development", "customer")
    assert {held[number] for number in drawn} <= {"pool:campaign-city", "pool:campaign-county"}
    key = plans.releases(plan, EVERYTHING)[0].batch_key
    batch = ledger.batch_by_key(key)
    assert batch is not None
    assert batch["kind"] == "return_to_pool"


@pytest.mark.req("S2-12")
def test_what_was_taken_back_goes_to_who_met_the_target_in_the_same_region(site):
    before = holders("development", "customer")
    pooled = {n: r for n, r in before.items() if r.startswith("pool:")}
    best = max(site.quota, key=lambda code: site.quota[code])
    plan = site.plan_by("redistribute", on=later(), stage="q2", early="yes", completions="facts")
    rows = plans.table_of(plan, "placements")
    assert set(rows["receiver"]) == {f"department:{best}"}
    own_pool = {pooled[number] for number in rows["number"]}
    assert len(own_pool) == 1, "a customer crossed the regions"
    kept = {number for number, receiver in pooled.items() if receiver not in own_pool}
    left = plans.table_of(plan, "unplaced").filter(reason="no_department_met")
    assert set(left["policy_number"]) == kept
    site.release(plan)
    after = holders("development", "customer")
    assert {after[number] for number in rows["number"]} == {f"department:{best}"}
    assert {after[number] for number in kept} <= {"pool:campaign-city", "pool:campaign-county"}
    assert after.keys() == before.keys(), "a customer was lost"


@pytest.mark.req("N-06")
def test_the_reclaim_can_be_taken_back_where_nothing_has_happened_since(site):
    release = next(r for r in plans.releases(site.made["reclaim"], EVERYTHING) if r.state == "posted")
    found = plans.undo_outlook(release.id, EVERYTHING, on=clock.business_today())
    given_on = plans.table_of(site.made["redistribute"], "placements").height
    assert (found.undoable, found.kept) == (found.posted - given_on, given_on)
    site.post(
        Role.RESOURCE_CLERK,
        f"/plans/releases/{release.id}/undo/",
        reason="复核名单",
        typed=str(found.undoable),
    )
    site.post(Role.BRANCH_MANAGER, f"/plans/releases/{release.id}/undo/decide/", decision="confirm")
    held = holders("development", "customer")
    assert not any(receiver.startswith("pool:") for receiver in held.values())
    assert not ledger.verify().problems
