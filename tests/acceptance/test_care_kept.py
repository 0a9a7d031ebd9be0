"""Figures of care that are kept or read once: never older than what they are made from, the same as one at a time."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cast import Cast
from listed_world import GONE, import_rows, policy_rows
from tuogu.org.scope import Scope
from tuogu.privacy.kinds import Purpose
from tuogu.work import actions, queries
from tuogu.work.kinds import Kind
from work_world import WorkWorld, make_work

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
EVERYTHING = Scope.everything()
FIRST, SECOND = "C000000", "C000001"
KEPT_QUERIES_MAX = 12  # the rulebook, the newest ids, what was adopted; no task, no record


@pytest.fixture
def world(cast: Cast) -> WorkWorld:
    return make_work(cast)


def told(world: WorkWorld, days: int = 0) -> dict[str, tuple[int, int]]:
    shares, _gaps = queries.coverage(EVERYTHING, world.day(days))
    return {row["obligation"]: (row["owed"], row["done"]) for row in shares.iter_rows(named=True)}


@pytest.mark.req("S4-17", "S4-19")
def test_a_kept_coverage_is_read_without_its_tasks_and_changes_with_a_record_a_waiver_and_a_move(
    world: WorkWorld,
) -> None:
    world.roll()
    assert told(world)["first_visits"] == (4, 0)
    with CaptureQueriesContext(connection) as asked:
        assert told(world)["first_visits"] == (4, 0)
    assert len(asked) <= KEPT_QUERIES_MAX
    world.visit(FIRST)
    assert told(world)["first_visits"] == (4, 1)
    task = world.owed(SECOND)["first_visits"]
    actions.waive(task.id, reason="客户在国外", by=world.cast.other, at=world.later(0))
    assert told(world)["first_visits"] == (3, 1)
    _shares, gaps = queries.coverage(EVERYTHING, world.day(0))
    assert gaps.filter(obligation="first_visits").height == 2
    world.give(["P00000002"], world.cast.other, key="moved")
    shares, _gaps = queries.coverage(EVERYTHING, world.day(0))
    assert str(world.cast.other) in set(shares["holder"])


@pytest.mark.req("S1-27")
@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (date(2027, 2, 20), date(2027, 2, 28), {"02-29", "02-28"}),  # kept on the 28th in other years
        (date(2027, 3, 1), date(2027, 3, 2), {"03-01"}),
        (date(2028, 2, 29), date(2028, 3, 1), {"02-29", "03-01"}),
        (date(2026, 12, 20), date(2027, 1, 5), {"12-31", "01-01"}),
        (date(2026, 6, 1), date(2027, 6, 1), {"02-28", "02-29", "03-01", "12-31", "01-01"}),
    ],
)
def test_birthdays_over_the_year_and_on_the_29th_of_february(
    cast: Cast, first: date, last: date, found: set[str]
) -> None:
    born = {"02-28", "02-29", "03-01", "12-31", "01-01"}
    rows = policy_rows(len(born), agent=GONE)
    people = [
        {"customer_number": row["holder_number"], "birth_date": date.fromisoformat(f"1980-{day}"), "id_number": None}
        for row, day in zip(rows, sorted(born), strict=True)
    ]  # fmt: skip
    import_rows(cast, rows, people)
    days = dict(zip((row["holder_number"] for row in rows), sorted(born), strict=True))
    told = queries.birthdays(EVERYTHING, first, last)
    assert {days[number] for number in told["customer_number"]} == found
    assert told["day"].is_between(first, last).all()


@pytest.mark.req("N-17")
def test_several_purposes_at_once_are_answered_like_one_at_a_time(world: WorkWorld) -> None:
    at = world.later(0) + timedelta(hours=12)
    purposes = [str(Purpose.SERVICE), str(Purpose.MARKETING)]
    together = queries.may_contact_for(FIRST, purposes, Kind.CALL, at)
    assert together == {one: queries.may_contact(FIRST, one, Kind.CALL, at) for one in purposes}


@pytest.mark.req("S1-24")
def test_the_records_of_several_customers_are_those_of_each_in_as_many_queries(world: WorkWorld) -> None:
    world.roll()
    for days in (0, 1, 2):
        world.visit(FIRST, days=days)
    world.visit(SECOND)
    with CaptureQueriesContext(connection) as one:
        each = {number: queries.records_of_customer(number, limit=2) for number in (FIRST, SECOND)}
    with CaptureQueriesContext(connection) as both:
        assert queries.records_of_customers([FIRST, SECOND], limit=2) == each
    assert len(both) * 2 <= len(one)


@pytest.mark.req("S4-38")
def test_pieces_are_counted_within_scope_only(world: WorkWorld) -> None:
    everything = queries.pieces(EVERYTHING, world.day(0))
    own = queries.pieces(Scope(custodian_ids=frozenset({world.manager})), world.day(0))
    assert own.rows() == everything.filter(pl.col("person") == world.manager).rows()
    assert queries.pieces(Scope.nothing(), world.day(0)).is_empty()
