"""The pure fold of core: what counts as a fault, what a business day is, and who is head."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tuogu.core.custody import Entry, business_date, custodian_on, faults, head, timeline

A, B = 1, 2


def entry(
    seq: int, custodian: int | None, day: date, *, until: date | None = None, recorded: int = 20
) -> Entry:
    """An entry recorded at noon of that day in January 2026."""
    kind = "open" if seq == 1 else "close" if custodian is None else "transfer"
    return Entry(seq, custodian, kind, day, until, datetime(2026, 1, recorded, 4, tzinfo=UTC))


def test_a_business_day_is_a_day_in_china() -> None:
    assert business_date(datetime(2026, 1, 1, 15, 59, tzinfo=UTC)) == date(2026, 1, 1)
    assert business_date(datetime(2026, 1, 1, 16, 0, tzinfo=UTC)) == date(2026, 1, 2)
    with pytest.raises(ValueError, match="time zone"):
        business_date(datetime(2026, 1, 1))  # noqa: DTZ001 - the naive moment is the point


def test_of_two_entries_on_one_day_the_later_seq_counts() -> None:
    day = date(2026, 1, 5)
    history = [entry(1, A, day), entry(2, B, day)]
    assert custodian_on(history, day) == B
    assert [s.custodian for s in timeline(history)] == [B]


def test_the_head_is_the_last_entry_without_an_end() -> None:
    history = [
        entry(1, A, date(2026, 1, 1)),
        entry(2, B, date(2026, 1, 10)),
        entry(3, 9, date(2026, 1, 5), until=date(2026, 1, 10)),
    ]
    assert head(history) == history[1]
    assert head([]) is None


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], "empty"),
        ([entry(1, A, date(2026, 1, 1)), entry(3, B, date(2026, 1, 2))], "seq_gap"),
        ([entry(1, A, date(2026, 1, 21))], "dated_ahead"),
        ([entry(1, A, date(2026, 1, 3), until=date(2026, 1, 3))], "empty_period"),
        (
            [entry(1, A, date(2026, 1, 1)), entry(2, B, date(2026, 1, 1), recorded=19)],
            "recorded_backwards",
        ),
        (
            [entry(1, A, date(2026, 1, 1), until=date(2026, 1, 3)), entry(2, B, date(2026, 1, 4))],
            "no_custodian:2026-01-03",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_faults_are_named(history: list[Entry], expected: str) -> None:
    assert expected in faults(history)


def test_a_closed_history_is_no_fault() -> None:
    assert faults([entry(1, A, date(2026, 1, 1)), entry(2, None, date(2026, 1, 4))]) == ()
