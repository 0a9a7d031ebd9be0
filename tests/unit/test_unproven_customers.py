"""Customers whose data was found untrue stay where they are, by any strategy, and are named (L-09)."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from campaign_books import AS_OF as CAMPAIGN_DAY
from campaign_books import CITY, Department, Person, branch
from cast import Cast
from territory_books import AS_OF, make_book, standard_rules
from tuogu.core.check import check_plan
from tuogu.core.digest import book_digest
from tuogu.core.plan import make_plan
from tuogu.core.tables import UNPROVEN, Book, Plan
from tuogu.corrections import actions as corrections
from tuogu.corrections import queries as reads
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import withheld
from tuogu.plans.archive import MEASURED

RULES = standard_rules()
REASON = "data_unproven"


def doubted(book: Book, *numbers: str) -> Book:
    return replace(book, unproven=pl.DataFrame({"customer_number": sorted(numbers)}, schema=UNPROVEN))


def territory(book: Book) -> Plan:
    return make_plan(book, RULES, AS_OF, 1, 20_000)


def campaign(book: Book) -> Plan:
    return make_plan(book, RULES, CAMPAIGN_DAY, 1, 1, strategy="campaign", options={})


@pytest.mark.req("L-09")
def test_orphans_of_a_doubted_holder_stay_with_the_buffer_group_and_are_named():
    book = make_book(policies=300, managers=4)
    before = territory(book)
    holder = before.placements["holder_number"][0]
    told = doubted(book, holder)
    plan = territory(told)
    assert set(check_plan(plan, told, RULES)["rule"]) <= set(check_plan(before, book, RULES)["rule"])
    assert holder not in set(plan.placements["holder_number"])
    orphans = book.classified.filter("orphan")["policy_number"].implode()
    theirs = book.books.policies.filter(
        pl.col("holder_number") == holder, pl.col("policy_number").is_in(orphans)
    )
    listed = plan.unplaced.filter(pl.col("reason") == REASON)
    assert set(listed["policy_number"]) == set(theirs["policy_number"])
    assert listed.height > 0
    assert set(listed["custodian"]) == {"buffer"}
    everybody = before.placements.height + before.unplaced.height
    assert plan.placements.height + plan.unplaced.height == everybody, "nobody is lost"


@pytest.mark.req("L-09")
def test_a_campaign_does_not_list_a_doubted_customer():
    people = [Person(f"C{i:02d}", premium_fen=1_000 * i) for i in range(20)]
    book = branch(
        people, (Department("D1", CITY[:6], 60, {"A1": 900}), Department("D2", CITY[:6], 40, {"B1": 500}))
    )
    assert "C07" in set(campaign(book).placements["number"])
    plan = campaign(doubted(book, "C07"))
    assert plan.certificate.violations == 0
    assert "C07" not in set(plan.placements["number"])
    assert plan.unplaced.filter(pl.col("policy_number") == "C07")["reason"].to_list() == [REASON]


@pytest.mark.req("L-09")
def test_the_check_finds_them_placed_and_not_listed():
    book = make_book(policies=300, managers=4)
    plan = territory(book)
    holder = plan.placements["holder_number"][0]
    found = check_plan(plan, doubted(book, holder), RULES)
    said = found.filter(pl.col("rule") == "unproven")
    assert set(said["req"]) == {"L-09"}
    assert said.height >= 2, "placed, and not named"
    lied = territory(doubted(book, holder))
    assert check_plan(lied, book, RULES).filter(pl.col("rule") == "unproven").height > 0, (
        "named without cause"
    )


def test_the_digest_and_the_archive_know_them_and_old_plans_are_unchanged():
    book = make_book(policies=60, managers=2)
    assert book_digest(doubted(book)) == book_digest(book)
    assert book_digest(doubted(book, "C1")) != book_digest(book)
    assert MEASURED["unproven"] == UNPROVEN


def test_supervision_watches_over_them_all_the_same():
    from tuogu.core.unproven import for_allotting, waiting

    book = doubted(make_book(policies=60, managers=2), "C1")
    assert for_allotting(book, "supervise") is book
    assert waiting(book, "supervise").is_empty()


@pytest.mark.database
@pytest.mark.django_db(databases="__all__")
@pytest.mark.req("L-09")
def test_whoever_is_marked_is_withheld_from_plans_until_the_mark_comes_off(cast: Cast):
    by = cast.people[Role.RESOURCE_CLERK]
    assert corrections.open_holds(["C2", "C1"], reason="电话为空号", by=by, at=cast.now) == 2
    corrections.open_holds(["C1"], reason="证件不符", by=by, at=cast.now)
    assert withheld.unproven()["customer_number"].to_list() == ["C1", "C2"]
    mark = next(mark for mark in reads.open_marks(Scope.everything()) if mark.customer_number == "C2")
    corrections.close_hold(mark.id, reason="已更正", by=by, at=cast.now)
    assert withheld.unproven()["customer_number"].to_list() == ["C1"]
