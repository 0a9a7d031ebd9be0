"""The campaign's checkers find what a planner could get wrong: each test spoils one thing in a sound plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import polars as pl
import pytest

from campaign_books import AS_OF, CITY, COUNTY, Department, Person, branch, buys_again, hold, released
from territory_books import standard_rules
from tuogu.core.check import check_plan
from tuogu.core.plan import make_plan
from tuogu.core.tables import Book, Plan

JUNE = date(2012, 6, 30)
RULES = standard_rules()
LOT = {"stage": "q2", "draw_id": "L1", "seed_hex": "00" * 16}


@cache
def campaign_case() -> tuple[Book, Plan]:
    """40 city orphans, 10 county orphans, 5 customers of A1; D1 and D2 in the city, K1 in the county."""
    people = [Person(f"C{i:02d}", premium_fen=1_000 * i) for i in range(40)]
    people += [Person(f"K{i:02d}", lives=COUNTY) for i in range(10)]
    people += [Person(f"A{i:02d}", agent="A1") for i in range(5)]
    departments = (
        Department("D1", CITY[:6], 60, {"A1": 900, "A2": 800, "A3": 10}),
        Department("D2", CITY[:6], 40, {"B1": 500}),
        Department("K1", COUNTY[:6], 7),
    )
    book = branch(people, departments)
    return book, make_plan(book, RULES, AS_OF, 1, 1, strategy="campaign")


@cache
def released_case() -> Book:
    """The book after the first wave; D2 has sold to 14 of 16 customers, the others to nobody."""
    book, plan = campaign_case()
    sold = plan.placements.filter(receiver="department:D2").sort("number")["number"].to_list()[:14]
    return buys_again(released(book, plan, 1, AS_OF), sold, date(2012, 5, 1))


@cache
def reclaim_case() -> tuple[Book, Plan]:
    book, plan = released_case(), campaign_case()[1]
    return book, make_plan(book, RULES, JUNE, 1, 1, strategy="reclaim", options=LOT, earlier=plan)


@cache
def redistribute_case() -> tuple[Book, Plan]:
    book = released(reclaim_case()[0], reclaim_case()[1], 1, JUNE)
    options = {"stage": "q2"}
    plan = make_plan(
        book, RULES, JUNE, 1, 1, strategy="redistribute", options=options, earlier=campaign_case()[1]
    )
    return book, plan


@cache
def department_case() -> tuple[Book, Plan]:
    book = hold(released_case(), {"C00": "A3"}, AS_OF)
    book = replace(book, facts=book.facts.with_columns(month=pl.lit(date(2012, 5, 1))))
    options = {"department": "D1"}
    return book, make_plan(book, RULES, JUNE, 1, 1, strategy="department", options=options)


CASES = {
    "campaign": campaign_case,
    "reclaim": reclaim_case,
    "redistribute": redistribute_case,
    "department": department_case,
}


def rules_broken(case: str, **changes: object) -> set[str]:
    book, plan = CASES[case]()
    return set(check_plan(replace(plan, **changes), book, RULES)["rule"])


def placements(case: str) -> pl.DataFrame:
    return CASES[case]()[1].placements


def tables(case: str, **changes: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return dict(CASES[case]()[1].tables) | changes


def given_to(frame: pl.DataFrame, number: str, receiver: str) -> pl.DataFrame:
    changed = pl.when(pl.col("number") == number).then(pl.lit(receiver)).otherwise("receiver")
    return frame.with_columns(receiver=changed)


@pytest.mark.parametrize("case", CASES)
def test_a_sound_plan_has_no_violations(case: str) -> None:
    assert rules_broken(case) == set()
    assert len(placements(case)) > 0


@pytest.mark.parametrize("case", CASES)
def test_a_lost_a_doubled_and_a_foreign_customer_are_found(case: str) -> None:
    frame = placements(case)
    assert "conservation" in rules_broken(case, placements=frame.head(-1))
    assert "conservation" in rules_broken(case, placements=pl.concat([frame, frame.head(1)]))
    foreign = frame.with_columns(
        number=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("X")).otherwise("number")
    )
    assert "conservation" in rules_broken(case, placements=foreign)


@pytest.mark.req("S2-03")
def test_another_agent_and_a_department_for_an_own_customer_are_found() -> None:
    for receiver in ("B1", "department:D1"):
        changed = given_to(placements("campaign"), "A00", receiver)
        assert "own_agent" in rules_broken("campaign", placements=changed)


@pytest.mark.req("S2-04")
def test_a_crossing_is_found() -> None:
    changed = given_to(placements("campaign"), "K00", "department:D1")
    assert {"area", "quota_sum"} <= rules_broken("campaign", placements=changed)


@pytest.mark.req("S2-05")
def test_a_quota_moved_by_one_is_found() -> None:
    mine = placements("campaign").filter(receiver="department:D1", instalment=2)["number"][0]
    changed = given_to(placements("campaign"), mine, "department:D2")
    assert {"quota", "shares"} <= rules_broken("campaign", placements=changed)


@pytest.mark.req("S2-08")
def test_a_wave_moved_by_one_is_found() -> None:
    mine = placements("campaign").filter(receiver="department:D1", instalment=2)["number"][0]
    later = pl.when(pl.col("number") == mine).then(1).otherwise("instalment")
    changed = placements("campaign").with_columns(instalment=later)
    assert {"wave", "place"} <= rules_broken("campaign", placements=changed)


@pytest.mark.req("S2-02")
def test_wrong_tables_are_found() -> None:
    split = CASES["campaign"]()[1].tables["split"]
    changed = split.with_columns(customers=pl.col("customers") + 1)
    assert "split" in rules_broken("campaign", tables=tables("campaign", split=changed))


@pytest.mark.req("S2-07")
def test_a_customer_of_somebody_else_is_found() -> None:
    book, plan = campaign_case()
    taken = hold(book, {"C00": "B1"}, AS_OF)
    assert "already_held" in set(check_plan(plan, taken, RULES)["rule"])


@pytest.mark.req("N-05", "S2-10")
def test_a_bent_lot_is_found() -> None:
    lots = reclaim_case()[1].tables["lots"]
    first, last = lots.filter("drawn")["number"][0], lots.filter(~pl.col("drawn"))["number"][-1]
    swap = {first: last, last: first}
    bent = lots.with_columns(pl.col("number").replace(swap))
    moved = placements("reclaim").with_columns(
        pl.col("number").replace(swap), pl.col("holder_number").replace(swap)
    )
    broken = rules_broken("reclaim", placements=moved, tables=tables("reclaim", lots=bent))
    assert "lot_order" in broken
    more = lots.with_columns(drawn=pl.lit(True))
    assert "lot_cut" in rules_broken("reclaim", tables=tables("reclaim", lots=more))
    digests = reclaim_case()[1].tables["draws"].with_columns(list_digest=pl.lit("0"))
    assert "lot_digest" in rules_broken("reclaim", tables=tables("reclaim", draws=digests))


@pytest.mark.req("S2-04", "S2-10")
def test_a_wrong_pool_is_found() -> None:
    elsewhere = placements("reclaim").with_columns(receiver=pl.lit("pool:campaign-county"))
    assert "pool" in rules_broken("reclaim", placements=elsewhere)


@pytest.mark.req("S2-09", "S2-10")
@pytest.mark.parametrize("case", ["reclaim", "redistribute"])
def test_a_false_evaluation_is_found(case: str) -> None:
    own = CASES[case]()[1].tables
    for column in ("quota", "completions", "draw", "released"):
        changed = own["evaluation"].with_columns(pl.col(column) + 1)
        assert "evaluation" in rules_broken(case, tables=tables(case, evaluation=changed))
    records = own["records"]
    for column, value, rule in (
        ("converted", pl.lit(False), "converted"),
        ("department", pl.lit("department:K1"), "holder"),
        ("receiver", pl.lit("B1"), "holder"),
    ):
        changed = records.with_columns(value.alias(column))
        assert rule in rules_broken(case, tables=tables(case, records=changed))
    double = pl.concat([records, records.head(1)])
    assert "two_departments" in rules_broken(case, tables=tables(case, records=double))


@pytest.mark.req("S2-10")
def test_a_customer_left_out_of_the_evaluation_is_found_when_there_is_no_earlier_plan() -> None:
    book = released_case()
    plan = make_plan(book, RULES, JUNE, 1, 1, strategy="reclaim", options=LOT)
    assert check_plan(plan, book, RULES).is_empty()
    short = replace(plan, tables=dict(plan.tables) | {"records": plan.tables["records"].head(-1)})
    assert "missing" in set(check_plan(short, book, RULES)["rule"])


@pytest.mark.req("S2-12")
def test_a_redistribution_to_a_department_that_did_not_meet_the_target_is_found() -> None:
    other = placements("redistribute").with_columns(receiver=pl.lit("department:D1"))
    assert "quota" in rules_broken("redistribute", placements=other)


@pytest.mark.req("S2-12")
def test_a_pool_given_away_although_nobody_met_the_target_is_found() -> None:
    _book, plan = redistribute_case()
    county = plan.unplaced
    assert county["reason"].unique().to_list() == ["no_department_met"]
    given = county.select(
        number="policy_number", holder_number="policy_number", receiver=pl.lit("department:K1"),
        instalment=pl.lit(1, pl.Int64), unit_code=pl.lit(None, pl.String), lever=pl.lit("redistribute"),
        place=pl.lit(1, pl.Int64),
    )  # fmt: skip
    changed = {"placements": pl.concat([plan.placements, given]), "unplaced": county.clear()}
    assert "no_department_met" in rules_broken("redistribute", **changed)
    elsewhere = county.with_columns(custodian=pl.lit("buffer"))
    assert "pool" in rules_broken("redistribute", unplaced=elsewhere)


@pytest.mark.req("S2-07")
def test_favours_inside_a_department_are_found() -> None:
    frame = placements("department")
    mine = frame["number"][0]
    assert {"best_people", "receiver", "quota"} & rules_broken(
        "department", placements=given_to(frame, mine, "A3")
    )
    assert {"department", "receiver"} <= rules_broken("department", placements=given_to(frame, mine, "B1"))
    owned = frame.head(1).with_columns(number=pl.lit("C00"), holder_number=pl.lit("C00"))
    assert "already_held" in rules_broken("department", placements=pl.concat([frame, owned]))
    people = department_case()[1].tables["best_people"]
    favoured = people.with_columns(chosen=pl.col("staff_number") == "A3")
    assert "best_people" in rules_broken("department", tables=tables("department", best_people=favoured))
    idle = department_case()[1].tables["idle"]
    assert len(idle) > 0
    assert "idle" in rules_broken("department", tables=tables("department", idle=idle.head(-1)))


@pytest.mark.parametrize("case", CASES)
def test_a_bound_above_the_value_is_found(case: str) -> None:
    proof = CASES[case]()[1].certificate
    false = replace(proof, lower_bound=proof.objective + 1)
    assert "bound" in rules_broken(case, certificate=false)


@pytest.mark.req("S2-09", "S2-10")
def test_a_customer_wrongly_called_taken_and_one_judged_too_early_are_found() -> None:
    book, plan = reclaim_case()
    taken = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("taken")).otherwise("where").alias("where")
    changed = plan.tables["records"].with_columns(taken)
    assert "taken" in rules_broken("reclaim", tables=tables("reclaim", records=changed))
    early = replace(plan, as_of=date(2012, 5, 1))
    assert "too_early" in set(check_plan(early, book, RULES)["rule"])


@pytest.mark.req("S2-09")
def test_a_taken_customer_who_is_reclaimed_is_found() -> None:
    book, plan = reclaim_case()
    mine = plan.placements["number"][0]
    away = hold(book, {mine: "nobody-of-ours"}, date(2012, 5, 1))
    records = plan.tables["records"].with_columns(
        receiver=pl.when(pl.col("number") == mine).then(pl.lit("nobody-of-ours")).otherwise("receiver"),
        where=pl.when(pl.col("number") == mine).then(pl.lit("taken")).otherwise("where"),
    )
    bent = replace(plan, tables=tables("reclaim", records=records))
    assert "taken" in set(check_plan(bent, away, RULES)["rule"])
