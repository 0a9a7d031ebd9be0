"""A plan revised by hand: receivers change, everything that follows is recomputed, and every row says who and why."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from functools import cache

import polars as pl
import pytest
import test_block
import test_check_campaign
import test_map_strategy
import test_supervise

import centre_books
import match_books
from territory_books import AS_OF, make_book, standard_rules
from tuogu.core.adjust import BELOW, MOVES, NOT_REVALUED, adjusted
from tuogu.core.adjust_territory import recomputed
from tuogu.core.by_hand import HAND, program_levers
from tuogu.core.check import check_plan
from tuogu.core.explain import explain
from tuogu.core.plan import checked, make_plan, plan_digest
from tuogu.core.revalue import mixed, revalued
from tuogu.core.tables import Book, Plan
from tuogu.plans.archive import certificate_as_json, pack, unpack

RULES = standard_rules()
DAY = date(2026, 1, 5)
MAP = "330201001001=M01\n330201001=M02\n330201=M03"


@cache
def territory() -> tuple[Book, Plan]:
    book = make_book(policies=1_800, managers=6)
    return book, make_plan(book, RULES, AS_OF, 1, 20_000)


@cache
def case(name: str) -> tuple[Book, Plan]:
    """A plan of each way to allocate."""
    if name == "territory":
        return territory()
    if name in test_check_campaign.CASES:
        return test_check_campaign.CASES[name]()
    if name == "supervise":
        house = test_supervise.house()
        return house, test_supervise.supervise(house)
    if name == "map":
        town = test_map_strategy.town()
        return town, test_map_strategy.mapped(MAP, town)
    if name == "block":
        return test_block.city()[0], test_block.block(from_="M03")
    books = {"match": match_books.random_book, "centre": centre_books.random_centre}
    as_of = {"match": match_books.AS_OF, "centre": centre_books.AS_OF}[name]
    book = books[name](3)
    return book, make_plan(book, RULES, as_of, 1, 1, strategy=name, options={})


def moved(plan: Plan, book: Book, numbers: list[str], to: str, by: str = "M01", why: str = "熟客") -> Plan:
    rows = pl.DataFrame([(n, to, why) for n in numbers], schema=MOVES, orient="row")
    return checked(adjusted(plan, book, RULES, rows, by=by, day=DAY), book, RULES)[0]


def other_than(plan: Plan, receiver: str) -> str:
    return next(r for r in plan.placements["receiver"].unique().sort() if r != receiver)


@pytest.mark.parametrize(
    "name",
    [
        "territory",
        "match",
        "centre",
        "campaign",
        "department",
        "redistribute",
        "reclaim",
        "block",
        "supervise",
        "map",
    ],
)
def test_the_objective_counted_again_is_the_one_that_the_planner_proved(name: str) -> None:
    book, plan = case(name)
    assert plan.placements.height
    assert revalued(plan, plan, book, RULES) == plan.certificate.objective


def test_moving_nothing_gives_the_same_tables() -> None:
    book, plan = territory()
    again = recomputed(plan, plan, book, RULES)
    assert plan_digest(again) == plan_digest(plan)


def test_a_whole_unit_keeps_its_code_and_every_table_follows() -> None:
    book, plan = territory()
    unit = plan.units.row(0, named=True)
    numbers = plan.assignments.filter(unit_code=unit["unit_code"])["policy_number"].to_list()
    to = other_than(plan, unit["staff_number"])
    new = moved(plan, book, numbers, to)
    rows = new.assignments.filter(pl.col("policy_number").is_in(numbers))
    assert set(rows["staff_number"]) == {to}
    assert set(rows["unit_code"]) == {unit["unit_code"]}
    assert set(rows["lever"]) == {HAND}
    assert new.adjusted.height == len(numbers)
    assert set(new.adjusted["former"]) == {unit["staff_number"]}
    fresh = set(check_plan(new, book, RULES)["rule"])
    assert fresh <= {"month_band", "adjacent", "visits"}, "hands break no table"
    assert new.certificate.objective != plan.certificate.objective
    assert new.certificate.lower_bound == min(plan.certificate.lower_bound, new.certificate.objective)
    due = new.loads.filter(staff_number=to)["due"].sum() - plan.loads.filter(staff_number=to)["due"].sum()
    assert due == sum(unit[m] for m in plan.units.columns if m.startswith("m") and m[1:].isdecimal())


@pytest.mark.req("S0-18")
def test_part_of_a_unit_gets_a_code_of_its_own() -> None:
    book, plan = territory()
    unit = plan.units.row(0, named=True)
    numbers = plan.assignments.filter(unit_code=unit["unit_code"])["policy_number"].to_list()[:3]
    new = moved(plan, book, numbers, other_than(plan, unit["staff_number"]))
    codes = set(new.assignments.filter(pl.col("policy_number").is_in(numbers))["unit_code"])
    assert len(codes) == 1
    assert not codes & set(plan.units["unit_code"])
    assert {c[:-2] for c in codes} == {unit["unit_code"][:-2]}
    assert "unit_staff" not in set(check_plan(new, book, RULES)["rule"])


def test_a_stranger_is_found_by_the_checker() -> None:
    book, plan = territory()
    number = plan.assignments["policy_number"][0]
    assert "staff" in set(check_plan(moved(plan, book, [number], "NOBODY"), book, RULES)["rule"])


@pytest.mark.parametrize(
    ("name", "rule"), [("centre", "quota"), ("campaign", "own_agent"), ("match", "tier")]
)
def test_the_strategys_own_rules_judge_what_hands_did(name: str, rule: str) -> None:
    book, plan = case(name)
    row = plan.placements.sort("number").row(0, named=True)
    numbers = plan.placements.filter(holder_number=row["holder_number"])["number"].to_list()
    new = moved(plan, book, numbers, other_than(plan, row["receiver"]))
    before, after = (set(check_plan(p, book, RULES)["rule"]) for p in (plan, new))
    assert rule in after - before
    assert not {"by_hand", "conservation", "split_customer", "category"} & after


def test_a_hidden_hand_is_found() -> None:
    book, plan = territory()
    number = plan.assignments["policy_number"][0]
    new = moved(plan, book, [number], other_than(plan, plan.assignments["staff_number"][0]))
    silent = replace(new, adjusted=new.adjusted.clear())
    assert "by_hand" in set(check_plan(silent, book, RULES)["rule"])
    mute = replace(new, adjusted=new.adjusted.with_columns(reason=pl.lit("")))
    assert "by_hand" in set(check_plan(mute, book, RULES)["rule"])


def test_a_second_hand_keeps_what_the_program_gave_first() -> None:
    book, plan = territory()
    row = plan.assignments.row(0, named=True)
    number, program = row["policy_number"], row["staff_number"]
    third = [s for s in plan.placements["receiver"].unique().sort() if s != program][1]
    once = moved(plan, book, [number], other_than(plan, program))
    twice = moved(once, book, [number], third, by="M02", why="二次")
    (told,) = twice.adjusted.rows(named=True)
    assert (told["former"], told["receiver"], told["by"], told["reason"]) == (program, third, "M02", "二次")
    assert told["former_lever"] != HAND
    assert program_levers(twice).assignments.filter(policy_number=number)["lever"][0] == row["lever"]


def test_the_explanation_says_who_and_why_beside_the_programs_choice() -> None:
    book, plan = territory()
    row = plan.assignments.row(0, named=True)
    to = other_than(plan, row["staff_number"])
    told = explain(moved(plan, book, [row["policy_number"]], to), book, RULES, row["policy_number"])
    assert told.staff_number == to
    assert told.rule.startswith("人工调整（N-04）")
    assert "工号 M01" in told.rule
    assert "熟客" in told.rule
    assert [c.staff_number for c in told.candidates if c.verdict == "by_program"] == [row["staff_number"]]


def test_what_cannot_be_revalued_says_so_and_a_bound_that_was_left_is_lowered() -> None:
    book, plan = case("campaign")
    row = plan.placements.filter(pl.col("receiver").str.starts_with("department:")).row(0, named=True)
    new = moved(plan, book, [row["number"]], "department:K1")
    assert new.certificate.objective > 0
    assert NOT_REVALUED not in new.certificate.limits_hit
    assert BELOW not in new.certificate.limits_hit


def test_a_revision_comes_back_from_the_archive_as_it_was() -> None:
    book, plan = territory()
    new = moved(
        plan,
        book,
        [plan.assignments["policy_number"][0]],
        other_than(plan, plan.assignments["staff_number"][0]),
    )
    frames = {
        n: pl.read_parquet(io.BytesIO(c))
        for n, c in pack(new, book, pl.DataFrame()).items()
        if n != "violations"
    }
    head = {
        "certificate": certificate_as_json(new.certificate), "as_of": new.as_of, "seed": new.seed, "effort": new.effort,
        "rulebook_version": new.rulebook_version, "book_digest": new.book_digest, "strategy": new.strategy,
        "options": new.options,
    }  # fmt: skip
    again, _book = unpack(frames, head, AS_OF)
    assert plan_digest(again) == plan_digest(new)
    assert plan_digest(new) != plan_digest(plan)


@pytest.mark.parametrize(
    ("text", "value"), [("17 1/2", "35/2"), ("-1/3", "-1/3"), ("24", "24"), ("-2 1/4", "-9/4")]
)
def test_exact_numbers_are_read_as_written(text: str, value: str) -> None:
    assert str(mixed(text)) == value
