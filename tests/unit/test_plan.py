"""The plan as a whole: who is planned, areas, levers, what-if, replanning, and the limits that bind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from territory_books import AS_OF, book_of, make_book, shuffled, standard_rules
from tuogu.core.check import check_plan
from tuogu.core.plan import compare, make_plan, plan_digest
from tuogu.core.tables import (
    ASSIGNMENTS,
    BREAKS,
    CANDIDATES,
    LOADS,
    MONTH_COLUMNS,
    UNITS,
    UNPLACED,
    Book,
    Plan,
    conform,
)

EFFORT = 300_000


def figures(plan: Plan) -> dict[str, float]:
    return dict(plan.certificate.figures)


def without(book: Book, staff_number: str) -> Book:
    """The book after this manager has left."""
    left = (
        pl.when(pl.col("staff_number") == staff_number).then(pl.lit(date(2025, 6, 1))).otherwise("left_date")
    )
    return replace(book, books=replace(book.books, people=book.books.people.with_columns(left_date=left)))


@pytest.mark.req("S0-16", "S0-17", "S0-18", "S0-21", "N-02")
def test_a_feasible_city_is_planned_without_violation_near_the_bound() -> None:
    plan = make_plan(make_book(), standard_rules(), AS_OF, 1, 1_000_000)
    proof, found = plan.certificate, figures(plan)
    assert proof.violations == 0
    assert 0 <= proof.gap <= 0.02
    assert proof.objective >= proof.lower_bound > 0
    assert (found["broken_managers"], found["broken_teams"]) == (0, 0)
    assert found["month_min"] >= 25
    assert found["month_max"] <= 60
    assert proof.objective == found["distance_part_m"] + found["trait_part_m"]
    assert plan.units.group_by("unit_code").len()["len"].max() == 1
    schemas = (ASSIGNMENTS, UNPLACED, UNITS, LOADS, BREAKS, CANDIDATES)
    tables = (plan.assignments, plan.unplaced, plan.units, plan.loads, plan.breaks, plan.candidates)
    for table, schema in zip(tables, schemas, strict=True):
        assert conform(table, schema).columns == list(schema)
    assert (
        plan.loads["due"].sum() == plan.assignments.select(pl.sum_horizontal(MONTH_COLUMNS)).to_series().sum()
    )


@pytest.mark.req("S0-24", "S0-11")
def test_every_orphan_is_assigned_or_left_to_the_buffer_group_with_its_reason() -> None:
    book = book_of([(0.0, 0.0)], [0], [(0, m % 12 + 1, 1) for m in range(330)] + [(None, 5, 1)])
    changed = {
        "P00001": {"nature": "hard", "route": "specialist"},
        "P00002": {"nature": "problem", "route": "investigation"},
        "P00003": {"service_class": "difficult", "route": "buffer"},
        "P00004": {"orphan": False, "route": "agent_in_post"},
    }
    classified = book.classified
    for number, values in changed.items():
        hit = pl.col("policy_number") == number
        classified = classified.with_columns(
            pl.when(hit).then(pl.lit(v)).otherwise(k).alias(k) for k, v in values.items()
        )
    plan = make_plan(replace(book, classified=classified), standard_rules(), AS_OF, 1, 1_000)
    reasons = dict(plan.unplaced.select("policy_number", "reason").iter_rows())
    assert reasons == {
        "P00001": "hard",
        "P00002": "problem",
        "P00003": "difficult",
        "P00331": "no_address_code",
    }
    assert plan.unplaced["custodian"].unique().to_list() == ["buffer"]
    placed = set(plan.assignments["policy_number"])
    assert placed == {f"P{i:05d}" for i in range(5, 331)}
    assert plan.certificate.violations == 0


@pytest.mark.req("S0-24", "N-20")
def test_what_exceeds_the_capacity_goes_to_the_buffer_group_farthest_first() -> None:
    near, far = [(0, m % 12 + 1, 1) for m in range(340)], [(1, m % 12 + 1, 1) for m in range(10)]
    plan = make_plan(
        book_of([(0.0, 0.0), (5_000.0, 0.0)], [0], near + far), standard_rules(), AS_OF, 1, 1_000
    )
    assert len(plan.assignments) == 343
    assert plan.unplaced["reason"].unique().to_list() == ["no_capacity"]
    assert plan.unplaced["policy_number"].to_list() == [f"P{i:05d}" for i in range(344, 351)]
    assert "合计343件" in plan.unplaced["detail"][0]
    assert plan.certificate.binding == (("M01", "visits"),)


@pytest.mark.req("S0-24")
def test_without_managers_everything_waits_in_the_buffer_group() -> None:
    book = without(book_of([(0.0, 0.0)], [0], [(0, 3, 1)] * 5), "M01")
    plan = make_plan(book, standard_rules(), AS_OF, 1, 1_000)
    assert plan.assignments.is_empty()
    assert plan.unplaced["reason"].to_list() == ["no_manager"] * 5
    assert plan.certificate.violations == 0


@pytest.mark.req("P-01")
def test_balance_and_wholeness_are_at_least_those_of_a_greedy_list() -> None:
    """Greedy: units in list order, each to the nearest manager who still has room for it."""
    book = make_book(seed=11)
    plan = make_plan(book, standard_rules(), AS_OF, 1, EFFORT)
    at = book.communities.select("community_code", "x_m", "y_m")
    whole = plan.assignments.with_columns(unit=pl.col("unit_code"))
    units = (
        whole.group_by("unit", "community_code")
        .agg(pl.len().alias("n"), pl.col(MONTH_COLUMNS).sum())
        .sort("unit")
    )
    points = units.join(at, on="community_code", maintain_order="left").select("x_m", "y_m").to_numpy()
    homes = (
        book.homes.sort("key")
        .join(at, on="community_code", maintain_order="left")
        .select("x_m", "y_m")
        .to_numpy()
    )
    metres = np.hypot(*(points[:, None] - homes[None]).transpose(2, 0, 1))
    held, due = np.zeros(len(homes)), np.zeros((len(homes), 12))
    for unit, size in enumerate(units["n"].to_list()):
        room = np.flatnonzero(held + size <= figures(plan)["held_cap"])
        chosen = room[metres[unit, room].argmin()]
        held[chosen] += size
        due[chosen] += units.select(MONTH_COLUMNS).row(unit)
    greedy_outside = np.maximum(due - 60, 0).sum() + np.maximum(25 - due, 0).sum()
    assert greedy_outside > 0 == figures(plan)["month_outside_pieces"]
    assert figures(plan)["balance_cv"] <= held.std() / held.mean()
    assert figures(plan)["broken_managers"] == 0


@pytest.mark.req("S0-22")
def test_months_are_smoothed_by_hand_overs_to_touching_managers_only() -> None:
    # M01's community has 70 due in March, M02's 20: whole units cannot be moved, single policies can.
    left = [(0, 3, 1)] * 70 + [(0, m, 1) for m in (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12) for _ in range(25)]
    right = [(1, 3, 1)] * 20 + [(1, m, 1) for m in (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12) for _ in range(25)]
    plan = make_plan(
        book_of([(0.0, 0.0), (3_000.0, 0.0)], [0, 1], left + right), standard_rules(), AS_OF, 1, 20_000
    )
    assert plan.certificate.violations == 0
    moved = plan.assignments.filter(pl.col("lever") == "adjacent")
    assert len(moved) == plan.certificate.moved_adjacent == 10
    assert moved["m03"].to_list() == [1] * 10
    assert moved["staff_number"].unique().to_list() == ["M02"]
    assert moved["unit_code"].n_unique() == 1  # a unit of their own in the community they lie in
    assert moved["community_code"].unique().to_list() == [plan.assignments["community_code"].sort()[0]]
    assert set(plan.assignments["lever"]) == {"unit", "adjacent"}


@pytest.mark.req("S0-23")
def test_instalments_are_even_and_what_falls_due_first_comes_first() -> None:
    plan = make_plan(
        book_of([(0.0, 0.0)], [0], [(0, m % 12 + 1, 1) for m in range(330)]),
        standard_rules(),
        AS_OF,
        1,
        1_000,
    )
    sizes = plan.assignments.group_by("instalment").len().sort("instalment")
    assert sizes.rows() == [(1, 83), (2, 83), (3, 82), (4, 82)]
    first = plan.assignments.filter(pl.col("instalment") == 1)
    # On 2 December the next dues are in December, January and February.
    assert first.select(pl.col("m12", "m01", "m02").sum()).row(0) == (27, 28, 28)


@pytest.mark.req("S0-17")
def test_breaks_that_cannot_be_avoided_are_listed() -> None:
    # No coordinates; streets 1 and 2 are not neighbours, and the only manager must serve both.
    policies = [(place, month, 1) for place in (0, 4) for month in range(1, 13) for _ in range(14)]
    book = book_of([None] * 5, [0], policies, neighbours=[(0, 1)])
    plan = make_plan(book, standard_rules(), AS_OF, 1, 10_000)
    torn = plan.breaks.filter(pl.col("level").is_in(["manager", "team"])).select("level", "key", "pieces")
    assert torn.rows() == [("manager", "M01", 2), ("team", "T0", 2)]
    assert plan.certificate.contiguity == "judged"
    assert plan.certificate.violations == 0


@pytest.mark.req("S0-14", "S0-16")
def test_a_manager_without_a_coded_home_is_listed_and_borrows_the_teams_middle() -> None:
    policies = [(place, month, 1) for place in range(3) for month in range(1, 13) for _ in range(26)]
    points = [(0.0, 0.0), (2_000.0, 0.0), (4_000.0, 0.0)]
    plan = make_plan(book_of(points, [0, None, 2], policies), standard_rules(), AS_OF, 1, 10_000)
    assert ("住址未编码，暂按本组中心计算", "M02") in plan.certificate.feasibility
    middle = plan.assignments.filter(pl.col("staff_number") == "M02")["community_code"].unique()
    assert middle.to_list() == ["330201001002"]


@pytest.mark.req("S0-16")
def test_a_trait_mismatch_costs_what_the_rulebook_says() -> None:
    policies = [(place, month, 1) for place in range(2) for month in range(1, 13) for _ in range(30)]
    book = book_of([(0.0, 0.0), (600.0, 0.0)], [0, 1], policies)
    people = book.books.people.with_columns(trait=pl.Series(["乡镇", "城区"]))
    book = replace(book, books=replace(book.books, people=people))
    rules = standard_rules().replace(
        territory__trait_mismatch_m=250, territory__district_traits={"330201": "城区"}
    )
    plan = make_plan(book, rules, AS_OF, 1, 10_000)
    held_by_the_first = plan.assignments.filter(pl.col("staff_number") == "M01").height
    assert 300 <= held_by_the_first < 360  # the mismatch makes him dearer, the limits keep him busy
    assert figures(plan)["trait_part_m"] == 250 * held_by_the_first
    assert plan.certificate.objective == figures(plan)["distance_part_m"] + 250 * held_by_the_first


@pytest.mark.req("S0-16")
def test_removing_a_manager_changes_only_the_units_he_held() -> None:
    rules = standard_rules().replace(territory__month_load_min=5)
    book = make_book(managers=7, policies=1_100, seed=4)
    before = make_plan(book, rules, AS_OF, 1, EFFORT)
    after = make_plan(without(book, "M03"), rules, AS_OF, 1, EFFORT, earlier=before)
    moved = compare(before, after).moved
    assert after.certificate.violations == 0
    assert set(moved["before"]) == {"M03"}
    assert len(moved) == before.assignments.filter(pl.col("staff_number") == "M03").height
    kept = before.assignments.filter(pl.col("staff_number") != "M03").select(
        "policy_number", "unit_code", "staff_number"
    )
    assert kept.equals(after.assignments.join(kept, on="policy_number", how="semi").select(kept.columns))


@pytest.mark.req("S0-21", "S0-22")
def test_replanning_around_a_full_staff_moves_more_but_keeps_every_limit() -> None:
    book = make_book(managers=7, policies=1_900)
    before = make_plan(book, standard_rules(), AS_OF, 1, EFFORT)
    after = make_plan(without(book, "M03"), standard_rules(), AS_OF, 1, EFFORT, earlier=before)
    assert after.certificate.violations == 0
    assert len(after.assignments) == 1_900


@pytest.mark.req("N-04")
def test_two_plans_side_by_side_write_nothing_and_count_right() -> None:
    book = make_book()
    a = make_plan(book, standard_rules(), AS_OF, 1, 50_000)
    b = make_plan(book, standard_rules().replace(territory__balance_band_pct=5), AS_OF, 2, 50_000)
    stored = (plan_digest(a), plan_digest(b))
    found = compare(a, b)
    assert (plan_digest(a), plan_digest(b)) == stored
    assert plan_digest(make_plan(book, standard_rules(), AS_OF, 1, 50_000)) == stored[0]
    both = a.assignments.join(b.assignments, on="policy_number", suffix="_b")
    changed = both.filter(pl.col("staff_number") != pl.col("staff_number_b"))
    assert found.moved["policy_number"].to_list() == changed["policy_number"].sort().to_list()
    assert found.moved_share == pytest.approx(len(changed) / 1_800, abs=1e-6)
    people = found.people
    assert (people["held_after"] - people["held_before"]).to_list() == (
        people["gained"] - people["lost"]
    ).to_list()
    assert found.histogram["cells_before"].sum() == found.histogram["cells_after"].sum() == 72
    assert found.months["infeasible_after"].to_list() == [0] * 12
    same = compare(a, a)
    assert same.moved.is_empty()
    assert same.moved_share == 0


@pytest.mark.req("S0-17", "S0-16")
def test_without_coordinates_the_certificate_names_the_metric_and_the_doubt() -> None:
    book = make_book(coordinates=False)
    plan = make_plan(book, standard_rules(), AS_OF, 1, 100_000)
    assert plan.certificate.metric == "region_level"
    assert plan.certificate.contiguity.startswith("not_judged: 没有坐标")
    assert plan.certificate.violations == 0
    assert plan.units["x_m"].null_count() == len(plan.units)
    assert check_plan(plan, book, standard_rules()).is_empty()


@pytest.mark.req("N-02")
def test_shuffled_rows_and_a_second_run_give_the_same_bytes_and_another_seed_another_plan() -> None:
    book = make_book(seed=8)
    digest = plan_digest(make_plan(book, standard_rules(), AS_OF, 1, 100_000))
    assert plan_digest(make_plan(book, standard_rules(), AS_OF, 1, 100_000)) == digest
    assert plan_digest(make_plan(shuffled(book, 5), standard_rules(), AS_OF, 1, 100_000)) == digest
    assert plan_digest(make_plan(book, standard_rules(), AS_OF, 2, 100_000)) != digest


def test_progress_rises_to_one() -> None:
    told: list[tuple[str, float]] = []
    make_plan(
        make_book(policies=1_500, managers=5),
        standard_rules(),
        AS_OF,
        1,
        1_000,
        progress=lambda *x: told.append(x),
    )
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
