"""Customers who refused marketing in the four strategies that offer something: left out, named, and checked (L-03)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache

import polars as pl
import pytest

from campaign_books import AS_OF, CITY, COUNTY, Department, Person, branch, buys_again, hold, released
from centre_books import AS_OF as CENTRE_DAY
from centre_books import centre_book, planner, policy
from territory_books import standard_rules
from tuogu.core.check import check_plan
from tuogu.core.digest import book_digest
from tuogu.core.plan import make_plan
from tuogu.core.strategies import STRATEGIES
from tuogu.core.tables import REFUSED, Book, Plan
from tuogu.plans.archive import MEASURED

RULES = standard_rules()
JUNE = date(2012, 6, 30)
REASON = "refused_marketing"


def refusing(book: Book, *numbers: str) -> Book:
    return replace(book, refused=pl.DataFrame({"customer_number": sorted(numbers)}, schema=REFUSED))


def plan(book: Book, strategy: str, as_of: date, earlier: Plan | None = None, **options: str) -> Plan:
    return make_plan(book, RULES, as_of, 1, 1, strategy=strategy, options=options, earlier=earlier)


@cache
def campaign_book() -> Book:
    people = [Person(f"C{i:02d}", premium_fen=1_000 * i) for i in range(30)]
    people += [Person(f"K{i:02d}", lives=COUNTY) for i in range(6)]
    people += [Person(f"A{i:02d}", agent="A1") for i in range(4)]
    departments = (
        Department("D1", CITY[:6], 60, {"A1": 900, "A2": 800}), Department("D2", CITY[:6], 40, {"B1": 500}),
        Department("K1", COUNTY[:6], 7),
    )  # fmt: skip
    return branch(people, departments)


def campaign(*numbers: str) -> tuple[Book, Plan]:
    book = refusing(campaign_book(), *numbers)
    return book, plan(book, "campaign", AS_OF)


def department(*numbers: str) -> tuple[Book, Plan]:
    book = released(campaign_book(), plan(campaign_book(), "campaign", AS_OF), 1, AS_OF)
    book = hold(book, {"C00": "A2", "C01": "department:D1"}, AS_OF)
    book = replace(book, facts=book.facts.with_columns(month=pl.lit(date(2012, 5, 1))))
    book = refusing(book, *numbers)
    return book, plan(book, "department", JUNE, department="D1")


def redistribute(*numbers: str) -> tuple[Book, Plan]:
    first = plan(campaign_book(), "campaign", AS_OF)
    sold = first.placements.filter(receiver="department:D2").sort("number")["number"].to_list()
    book = buys_again(released(campaign_book(), first, 1, AS_OF), sold, date(2012, 5, 1))
    held = first.placements.filter(receiver="department:D1", instalment=1)["number"].sort().to_list()[:6]
    book = refusing(hold(book, dict.fromkeys(held, "pool:campaign-city"), JUNE), *numbers)
    return book, plan(book, "redistribute", JUNE, earlier=first, stage="q2")


def centre(*numbers: str) -> tuple[Book, Plan]:
    rows = [policy(f"P{i}", "renewal", holder=f"R{i}") for i in range(6)]
    rows += [policy("P9", "other", holder="R9")]
    book = centre_book(
        rows, [planner("M001"), planner("M002")], classes={"P9": {"orphan": True, "nature": "hard"}}
    )
    book = refusing(book, *numbers)
    return book, plan(book, "centre", CENTRE_DAY)


CASES: dict[str, Callable[..., tuple[Book, Plan]]] = {
    "campaign": campaign, "department": department, "redistribute": redistribute, "centre": centre,
}  # fmt: skip


def reasons(made: Plan) -> dict[str, str]:
    return dict(made.unplaced.select("policy_number", "reason").iter_rows())


def test_the_four_strategies_that_offer_something_say_so_and_no_other() -> None:
    offering = {name for name, one in STRATEGIES.items() if one.marketing}
    assert offering == set(CASES)


@pytest.mark.req("L-03")
@pytest.mark.parametrize("case", CASES)
def test_a_refused_customer_is_left_out_by_name_and_the_plan_is_sound(case: str) -> None:
    book, before = CASES[case]()
    assert check_plan(before, book, RULES).is_empty()
    chosen = before.placements["number"].sort().to_list()[:2]
    book, made = CASES[case](*chosen)
    assert check_plan(made, book, RULES).is_empty(), check_plan(made, book, RULES).rows()
    assert not set(made.placements["number"]) & set(chosen)
    said = reasons(made)
    assert {number: said[number] for number in chosen} == dict.fromkeys(chosen, REASON)
    assert made.placements.height == before.placements.height - len(chosen)
    assert list(said.values()).count(REASON) == len(chosen)


@pytest.mark.req("L-03")
@pytest.mark.parametrize("case", CASES)
def test_the_checker_finds_a_refused_customer_who_was_placed(case: str) -> None:
    book, made = CASES[case]()
    number = made.placements["number"].sort()[0]
    found = check_plan(made, refusing(book, number), RULES)
    assert "refused" in set(found.filter(req="L-03")["rule"])


@pytest.mark.parametrize("case", CASES)
def test_the_checker_finds_a_false_reason(case: str) -> None:
    _book, before = CASES[case]()
    chosen = before.placements["number"].sort().to_list()[:2]
    book, made = CASES[case](*chosen)
    mute = made.unplaced.with_columns(reason=pl.lit("pool"))
    assert "refused" in set(check_plan(replace(made, unplaced=mute), book, RULES)["rule"])
    falsely = check_plan(made, refusing(book, chosen[0]), RULES)
    assert "refused" in set(falsely["rule"])


def test_somebody_held_already_who_refuses_is_listed_as_refused() -> None:
    book, _made = department("C00", "C01")
    said = reasons(plan(book, "department", JUNE, department="D1"))
    assert said["C00"] == said["C01"] == REASON
    assert "C00" not in set(plan(book, "department", JUNE, department="D1").tables["idle"]["number"])


def test_the_split_counts_everybody_screened_and_the_funnel_says_how_many_refused() -> None:
    _book, before = campaign()
    _book, made = campaign("C00", "C01")
    assert made.tables["split"].equals(before.tables["split"])
    steps = dict(made.tables["funnel"].rows())
    assert steps["其中没有拒绝营销的"] == 38
    assert steps["其中孤儿客户，按区域分配"] == 34
    assert "其中没有拒绝营销的" not in dict(before.tables["funnel"].rows())


def test_refusals_are_part_of_the_books_digest_and_of_the_archive() -> None:
    plain = campaign_book()
    assert book_digest(plain) == book_digest(refusing(plain))
    assert book_digest(plain) != book_digest(refusing(plain, "C00"))
    assert MEASURED["refused"] == REFUSED
