"""Who is away on the plan's day receives nothing, by any strategy; a day brings a thirtieth of what thirty may (P-06)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import campaign_books
import centre_books
import match_books
from arrivals_books import grown, held_by
from campaign_books import CITY, Department, Person, branch, hold
from territory_books import AS_OF, fill, make_book, standard_rules
from tuogu.core.check import check_plan
from tuogu.core.daily_quota import WINDOW_DAYS, capacity_of, daily_quota, room_today
from tuogu.core.plan import book_digest, make_plan
from tuogu.core.presence import away_on
from tuogu.core.tables import AWAY, INSTITUTIONS, PEOPLE, Book, Plan

RULES = standard_rules()
Planner = Callable[[Book], Plan]


def without(book: Book, number: str, day: date, days: int = 1) -> Book:
    """The book in which `number` is away from `day` on."""
    rows = [{"staff_number": number, "from_date": day, "until_date": day + timedelta(days=days)}]
    return replace(book, away=fill(rows, AWAY))


def _territory() -> tuple[Book, date, Planner]:
    return make_book(policies=900, managers=4), AS_OF, lambda book: make_plan(book, RULES, AS_OF, 1, 20_000)


def _match() -> tuple[Book, date, Planner]:
    day = match_books.AS_OF
    book = match_books.random_book(3)
    return book, day, lambda book: make_plan(book, RULES, day, 3, 1, strategy="match")


def _collectors() -> tuple[Book, date, Planner]:
    book = make_book(20, 5, 400, seed=3)
    return (
        book,
        AS_OF,
        lambda book: make_plan(book, RULES, AS_OF, 1, 1, strategy="match", options={"to": "collection"}),
    )


def _centre() -> tuple[Book, date, Planner]:
    day = centre_books.AS_OF
    return (
        centre_books.random_centre(1),
        day,
        lambda book: make_plan(book, RULES, day, 1, 1, strategy="centre"),
    )


def _campaign_book() -> Book:
    people = [Person(f"C{i:02d}", agent="A1" if i < 6 else "gone") for i in range(20)]
    departments = [Department("D1", CITY[:6], 100, {"A1": 9_000, "A2": 8_000, "A3": 7_000})]
    return branch(people, departments, leavers=["gone"])


def _campaign() -> tuple[Book, date, Planner]:
    day = campaign_books.AS_OF
    return _campaign_book(), day, lambda book: make_plan(book, RULES, day, 1, 1, strategy="campaign")


def _department() -> tuple[Book, date, Planner]:
    day = campaign_books.AS_OF
    book = hold(
        _campaign_book(), {f"C{i:02d}": "department:D1" for i in range(6, 20)}, day - timedelta(days=9)
    )
    return book, day, lambda book: make_plan(book, RULES, day, 1, 1, strategy="department")


@cache
def _grown() -> tuple[Book, Plan]:
    return grown(2)


def _arrivals() -> tuple[Book, date, Planner]:
    book, earlier = _grown()
    return book, AS_OF, lambda book: make_plan(book, RULES, AS_OF, 1, 0, strategy="arrivals", earlier=earlier)


def _block() -> tuple[Book, date, Planner]:
    book, earlier = _grown()
    return (
        book,
        AS_OF,
        lambda book: make_plan(
            book, RULES, AS_OF, 1, 0, strategy="block", options={"from": "M01"}, earlier=earlier
        ),
    )


def _map() -> tuple[Book, date, Planner]:
    book = make_book(20, 4, 200, seed=3)
    codes = book.communities["community_code"].to_list()
    text = "\n".join(f"{code}=M0{1 + place % 2}" for place, code in enumerate(codes))
    return (
        book,
        AS_OF,
        lambda book: make_plan(book, RULES, AS_OF, 1, 0, strategy="map", options={"map": text}),
    )


def _supervise() -> tuple[Book, date, Planner]:
    book = make_book(10, 2, 60, seed=3)
    staff = [{"staff_number": "A1", "series": "marketing", "institution_code": "B"}]
    staff += [{"staff_number": f"S{i}", "series": "service", "institution_code": "B"} for i in (1, 2)]
    house = [{"institution_code": "R", "level": "branch"}]
    house += [{"institution_code": "B", "level": "sub", "parent_code": "R"}]
    books = replace(
        book.books,
        people=pl.concat([book.books.people, fill(staff, PEOPLE)]),
        institutions=fill(house, INSTITUTIONS),
    )
    numbers = book.books.policies["policy_number"].to_list()
    book = held_by(replace(book, books=books), dict.fromkeys(numbers, "A1"))
    return book, AS_OF, lambda book: make_plan(book, RULES, AS_OF, 1, 0, strategy="supervise")


CASES = {
    "territory": _territory, "match": _match, "collectors": _collectors, "centre": _centre, "campaign": _campaign,
    "department": _department, "arrivals": _arrivals, "block": _block, "map": _map, "supervise": _supervise,
}  # fmt: skip


def most(plan: Plan) -> str:
    """The person who receives most."""
    people = plan.placements.filter(~pl.col("receiver").str.contains(":"), pl.col("receiver") != "buffer")
    return str(people.group_by("receiver").len().sort("len", "receiver")["receiver"][-1])


def newly(plan: Plan, book: Book, person: str) -> int:
    """How many pieces the plan gives to somebody who does not hold them."""
    held = book.held.select("number", "receiver").unique()
    rows = plan.placements.filter(receiver=person).join(held, on=["number", "receiver"], how="anti")
    return rows.height


@pytest.mark.req("P-06")
@pytest.mark.parametrize("case", CASES)
def test_who_is_away_receives_nothing_and_is_named_in_the_certificate(case: str):
    book, day, plan = CASES[case]()
    before = plan(book)
    person = most(before)
    assert newly(before, book, person) > 0
    gone = without(book, person, day)
    after = plan(gone)
    assert newly(after, book, person) == 0
    told = dict(after.certificate.feasibility)["不在岗，本次不接收"]
    assert told == f"1 人：{person}（至{day}）"
    found = check_plan(after, gone, RULES)
    assert set(found["rule"]) <= set(check_plan(before, book, RULES)["rule"]) | {"month_band"}, found
    asked = set(before.placements["number"]) | set(before.unplaced["policy_number"])
    assert set(after.placements["number"]) | set(after.unplaced["policy_number"]) >= asked, "nothing is lost"


@pytest.mark.req("P-06")
@pytest.mark.parametrize("case", CASES)
def test_the_check_finds_what_somebody_away_was_given(case: str):
    book, day, plan = CASES[case]()
    made = plan(book)
    person = most(made)
    found = check_plan(made, without(book, person, day), RULES).filter(rule="away")
    assert found.select("req", "key", "bound").rows() == [("P-06", person, "0")]
    assert int(found["value"][0]) == newly(made, book, person)


@pytest.mark.req("P-06")
def test_the_day_back_is_a_day_in_post_and_so_is_the_day_before():
    book, day, plan = _map()
    person = most(plan(book))
    for first in (day + timedelta(days=1), day - timedelta(days=3)):
        near = without(book, person, first, days=3)
        assert away_on(near, day).is_empty()
        assert newly(plan(near), book, person) == newly(plan(book), book, person)
    assert away_on(without(book, person, day - timedelta(days=2), days=3), day).height == 1


def test_a_book_without_a_calendar_keeps_its_digest_and_one_with_it_has_another():
    book = make_book(policies=60)
    assert book_digest(book) == book_digest(replace(book, away=book.away.clear()))
    assert book_digest(book) != book_digest(without(book, "M01", AS_OF))


# --- by the day -----------------------------------------------------------------------------------------


@pytest.mark.req("P-06")
@pytest.mark.parametrize(
    ("capacity", "quota"), [(0, 0), (1, 1), (29, 1), (30, 1), (31, 2), (60, 2), (61, 3), (120, 4)]
)
def test_a_day_brings_a_thirtieth_rounded_up(capacity: int, quota: int):
    assert daily_quota(capacity) == quota
    assert daily_quota(capacity, present_days=0) == 0


@pytest.mark.req("P-06")
@pytest.mark.parametrize(
    ("capacity", "month", "today", "days", "room"),
    [
        (60, 0, 0, 30, 2), (60, 1, 1, 30, 1), (60, 2, 2, 30, 0), (60, 59, 0, 30, 1), (60, 60, 0, 30, 0),
        (60, 58, 0, 30, 2), (60, 75, 0, 30, 0), (60, 0, 0, 0, 0), (60, 30, 0, 15, 0), (60, 29, 0, 15, 1),
        (5, 4, 0, 30, 1), (5, 5, 0, 30, 0), (0, 0, 0, 30, 0), (20, 0, 0, 1, 0), (20, 0, 0, 2, 1),
    ],
)  # fmt: skip
def test_the_room_of_a_day(capacity: int, month: int, today: int, days: int, room: int):
    assert room_today(capacity, month, today, days) == room


@pytest.mark.req("P-06")
@given(st.integers(0, 300), st.integers(0, WINDOW_DAYS))
def test_a_window_that_is_filled_day_by_day_never_holds_more_than_its_capacity(capacity: int, days: int):
    received = 0
    for _day in range(WINDOW_DAYS):
        room = room_today(capacity, received, 0, days)
        assert 0 <= room <= daily_quota(capacity, days)
        received += room
    assert received == capacity * days // WINDOW_DAYS


@pytest.mark.req("P-06")
def test_the_capacity_stands_in_the_rulebook_by_series():
    assert capacity_of(RULES, "collection") == RULES["people.capacity_per_30_days"]["collection"] > 0
    assert capacity_of(RULES, None) == capacity_of(RULES, "unheard-of") == 0


@pytest.mark.parametrize("wrong", [(-1, 0, 0, 30), (10, 0, 0, 31), (10, 0, 0, -1), (10, 1, 2, 30)])
def test_what_cannot_be_is_refused(wrong: tuple[int, int, int, int]):
    with pytest.raises(ValueError, match=r"capacity|came today"):
        room_today(*wrong)
