"""The access log: append-only on whichever database holds it, a daily quota that cannot be overrun, pages by key."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from tuogu.accesslog import actions, queries
from tuogu.accesslog.queries import LogFilter
from tuogu.accesslog.router import side_alias
from tuogu.core.custody import SHANGHAI
from tuogu.org.scope import Scope

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
DAY = date(2026, 11, 22)
ANN, BOB = 101, 102


def at(hour: int = 9, day: date = DAY) -> datetime:
    """A moment of a business day."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def reveal(
    by: int = ANN, *, per_day: int = 2, hour: int = 9, day: date = DAY, reason: str = "客户来电核对"
) -> int:
    return actions.reveal(
        by=by,
        subject_kind="policy",
        subject="P1",
        fields="phone",
        reason=reason,
        per_day=per_day,
        at=at(hour, day),
    )


def test_reveals_are_counted_by_person_and_business_day():
    assert [reveal(), reveal()] == [1, 0]
    with pytest.raises(actions.RevealRefused, match="每日上限 2 次"):
        reveal()
    assert queries.reveals_left(ANN, DAY, 2) == 0
    assert reveal(BOB) == 1, "another person has a quota of his own"
    assert reveal(day=DAY + timedelta(days=1)) == 1, "the next day begins anew"
    assert reveal(hour=23, day=DAY - timedelta(days=1)) == 1, "23:00 in Shanghai is still the day before"
    assert queries.log_totals(Scope.everything(), LogFilter(person=ANN))["reveal"] == 4, (
        "a refusal writes no row"
    )


@pytest.mark.parametrize("reason", ["", "   核对   ", "长" * 201])
def test_a_reveal_needs_a_reason_that_says_something(reason):
    with pytest.raises(actions.RevealRefused, match="原因"):
        reveal(reason=reason)
    assert queries.reveals_left(ANN, DAY, 2) == 2


def test_rows_can_neither_be_changed_nor_removed_nor_replaced():
    reveal()
    assert queries.missing_guards() == []
    connection = connections[side_alias()]
    for statement in (
        "UPDATE accesslog_sighting SET reason = '' WHERE person_id = 101",
        "DELETE FROM accesslog_sighting",
    ):
        with (
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(using=side_alias()),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert queries.log_page(Scope.everything(), LogFilter()).rows[0].reason == "客户来电核对"


def test_the_log_pages_by_key_in_both_directions_within_scope():
    for hour in range(7):
        actions.record_open(
            by=ANN if hour % 2 else BOB, subject_kind="policy", subject=f"P{hour}", at=at(hour)
        )
    everything = Scope.everything()
    first = queries.log_page(everything, LogFilter(), size=3)
    assert [look.subject for look in first.rows] == ["P6", "P5", "P4"]
    assert first.newer is None
    second = queries.log_page(everything, LogFilter(), before=first.older, size=3)
    assert [look.subject for look in second.rows] == ["P3", "P2", "P1"]
    last = queries.log_page(everything, LogFilter(), before=second.older, size=3)
    assert ([look.subject for look in last.rows], last.older) == (["P0"], None)
    back = queries.log_page(everything, LogFilter(), after=second.newer, size=3)
    assert ([look.subject for look in back.rows], back.newer) == (["P6", "P5", "P4"], None)
    only_ann = Scope(custodian_ids=frozenset({ANN}))
    assert [look.subject for look in queries.log_page(only_ann, LogFilter()).rows] == ["P5", "P3", "P1"]
    assert queries.log_page(Scope.nothing(), LogFilter()).rows == []


def test_totals_and_filters_say_what_left_the_house():
    actions.record_export(by=ANN, subject="policies", rows=1_200, at=at())
    actions.record_export(by=BOB, subject="policies", rows=30, at=at())
    reveal()
    totals = queries.log_totals(Scope.everything(), LogFilter(first_day=DAY, last_day=DAY))
    assert (totals["all"], totals["export"], totals["rows_out"], totals["reveal"]) == (3, 2, 1_230, 1)
    looks = queries.who_looked("policy", "P1")
    assert [(look.person, look.label, look.reason) for look in looks] == [(ANN, "查看明文", "客户来电核对")]
    assert queries.log_page(Scope.everything(), LogFilter(last_day=DAY - timedelta(days=1))).rows == []
