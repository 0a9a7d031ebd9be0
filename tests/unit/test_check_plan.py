"""The second opinion: a sound plan has no violation, and every planted one is found by its own rule."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl
import pytest

import tuogu.core.check
import tuogu.core.checks.case
import tuogu.core.checks.placed
import tuogu.core.checks.territory
from territory_books import AS_OF, book_of, make_book, standard_rules
from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan
from tuogu.core.tables import Book, Plan

Tamper = Callable[[Plan], Plan]


@cache
def sound() -> tuple[Plan, Book]:
    book = make_book(communities=30, managers=4, policies=1_200, seed=5)
    return make_plan(book, standard_rules(), AS_OF, 1, 200_000), book


def assigned(plan: Plan, change: pl.Expr, row: int = 0) -> Plan:
    """`plan` with one row of assignments changed."""
    frame = plan.assignments.with_row_index("_i")
    name = change.meta.output_name()
    changed = frame.with_columns(
        pl.when(pl.col("_i") == row).then(change).otherwise(pl.col(name)).alias(name)
    )
    return replace(plan, assignments=changed.drop("_i"))


def first(plan: Plan, **columns: str) -> int:
    """Row number of the first assignment with these values."""
    frame = plan.assignments.with_row_index("_i")
    return int(frame.filter(*(pl.col(k) == v for k, v in columns.items()))["_i"][0])


def split_manager(plan: Plan) -> Plan:
    """Give one manager's farthest unit to another without a word in breaks."""
    book = sound()[1]
    places = book.communities.select("community_code", "x_m")
    units = plan.units.drop("x_m").join(places, on="community_code").sort("x_m")
    west, east = (
        units.row(0, named=True),
        units.filter(pl.col("staff_number") != units["staff_number"][0]).row(-1, named=True),
    )
    swap = (
        pl.when(pl.col("unit_code") == east["unit_code"])
        .then(pl.lit(west["staff_number"]))
        .otherwise("staff_number")
    )
    return replace(plan, assignments=plan.assignments.with_columns(staff_number=swap))


TAMPERED: dict[str, tuple[str, Tamper]] = {
    "a policy is lost": ("conservation", lambda p: replace(p, assignments=p.assignments.slice(1))),
    "a policy comes twice": (
        "conservation",
        lambda p: replace(p, assignments=pl.concat([p.assignments, p.assignments.head(1)])),
    ),
    "a policy that is no orphan": (
        "conservation",
        lambda p: assigned(p, pl.lit("P99999").alias("policy_number")),
    ),
    "custodian of the unplaced": (
        "custodian",
        lambda p: replace(
            p,
            assignments=p.assignments.slice(1),
            unplaced=pl.DataFrame(
                [(p.assignments["policy_number"][0], "lapsed", "", "M01")],
                schema=p.unplaced.schema,
                orient="row",
            ),
        ),
    ),
    "a stranger holds it": ("staff", lambda p: assigned(p, pl.lit("M99").alias("staff_number"))),
    "two staff numbers in a unit": (
        "unit_staff",
        lambda p: assigned(
            p, pl.lit("M01" if p.assignments["staff_number"][0] != "M01" else "M02").alias("staff_number")
        ),
    ),
    "another community": (
        "community",
        lambda p: assigned(
            p, pl.lit(p.assignments["community_code"].sort(descending=True)[0]).alias("community_code")
        ),
    ),
    "another holder": ("holder", lambda p: assigned(p, pl.lit("C1").alias("holder_number"))),
    "months written down wrongly": ("dues", lambda p: assigned(p, (1 - pl.col("m03")).alias("m03"))),
    "a fourth lever": ("lever", lambda p: assigned(p, pl.lit("moved").alias("lever"))),
    "an instalment too many": ("instalment", lambda p: assigned(p, pl.lit(5, pl.Int64).alias("instalment"))),
    "everything released at once": (
        "visits",
        lambda p: replace(p, assignments=p.assignments.with_columns(instalment=pl.lit(1, pl.Int64))),
    ),
    "a unit of more than fifty": (
        "unit_size",
        lambda p: replace(
            p,
            assignments=p.assignments.with_columns(
                unit_code=pl.when(pl.col("unit_code").str.ends_with("02"))
                .then(pl.col("unit_code").str.head(-2) + "01")
                .otherwise("unit_code")
            ),
        ),
    ),
    "a unit code of another community": (
        "unit_code",
        lambda p: assigned(p, pl.lit("9999999901").alias("unit_code")),
    ),
    "units that do not add up": (
        "units",
        lambda p: replace(p, units=p.units.with_columns(policies=pl.col("policies") + 1)),
    ),
    "loads that do not add up": (
        "loads",
        lambda p: replace(p, loads=p.loads.with_columns(due=pl.col("due") + 1)),
    ),
    "an area torn apart in silence": ("breaks_manager", split_manager),
    "a month over the band": (
        "month_band",
        lambda p: replace(p, assignments=p.assignments.with_columns(staff_number=pl.lit("M01"))),
    ),
    "more than the yearly cap": (
        "held_cap",
        lambda p: replace(p, assignments=p.assignments.with_columns(staff_number=pl.lit("M01"))),
    ),
    "a bound above the value": (
        "bound",
        lambda p: replace(p, certificate=replace(p.certificate, lower_bound=p.certificate.objective + 1)),
    ),
}


@pytest.mark.req("S0-18", "S0-21")
def test_a_sound_plan_has_no_violation() -> None:
    plan, book = sound()
    assert check_plan(plan, book, standard_rules()).is_empty()
    assert plan.certificate.violations == 0


@pytest.mark.req("S0-17", "S0-18", "S0-21", "S0-22", "S0-24", "N-20")
@pytest.mark.parametrize("name", TAMPERED)
def test_a_planted_violation_is_found(name: str) -> None:
    rule, tamper = TAMPERED[name]
    plan, book = sound()
    found = check_plan(tamper(plan), book, standard_rules())
    assert rule in found["rule"].to_list(), found["rule"].unique().to_list()


@pytest.mark.req("S0-22")
def test_a_hand_over_to_a_manager_who_does_not_touch_is_found() -> None:
    # Four communities on a line with a manager in each: the neighbours touch, the first and the last do not.
    policies = [(place, month, 1) for place in range(4) for month in range(1, 13) for _ in range(25)]
    book = book_of([(place * 1_000.0, 0.0) for place in range(4)], [0, 1, 2, 3], policies)
    plan = make_plan(book, standard_rules(), AS_OF, 1, 10_000)
    assert check_plan(plan, book, standard_rules()).is_empty()
    row = first(plan, staff_number="M01")
    handed = assigned(plan, pl.lit("adjacent").alias("lever"), row)
    for receiver, touches in (("M02", True), ("M04", False)):
        forged = assigned(handed, pl.lit(receiver).alias("staff_number"), row)
        found = check_plan(forged, book, standard_rules()).filter(pl.col("rule") == "adjacent")
        assert found.is_empty() is touches


@pytest.mark.req("S0-24")
def test_a_policy_that_should_not_be_planned_is_found() -> None:
    plan, book = sound()
    number = plan.assignments["policy_number"][0]
    route = pl.when(pl.col("policy_number") == number).then(pl.lit("specialist")).otherwise("route")
    other = replace(book, classified=book.classified.with_columns(route=route))
    assert check_plan(plan, other, standard_rules())["rule"].to_list() == ["route"]


def test_the_checker_imports_nothing_of_the_planner() -> None:
    for module in (
        tuogu.core.check, tuogu.core.checks.case, tuogu.core.checks.placed, tuogu.core.checks.territory,
    ):  # fmt: skip
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        names = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        names += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
        assert not [n for n in names if n.startswith(("tuogu.core.plan", "tuogu.core.territory"))]
