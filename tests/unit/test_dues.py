"""Instalments by month: how often, from when, until when, and on which side of the year's edge."""

from __future__ import annotations

import calendar
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuogu.core.dues import DUES, due_months
from tuogu.core.tables import MONTH_COLUMNS


def policy(
    inception: date | None, per_year: int, term: int | None = 20, mode: str = "regular", number: str = "P1"
) -> dict[str, object]:
    return {
        "policy_number": number,
        "premium_mode": mode,
        "payments_per_year": per_year,
        "inception_date": inception,
        "payment_term_years": term,
    }


SCHEMA = {
    "policy_number": pl.String,
    "premium_mode": pl.String,
    "payments_per_year": pl.Int64,
    "inception_date": pl.Date,
    "payment_term_years": pl.Int64,
}


def months(row: dict[str, object], start: date) -> list[int]:
    dues = due_months(pl.DataFrame([row], schema=SCHEMA), start)
    assert dict(dues.schema) == DUES
    return list(dues.select(MONTH_COLUMNS).row(0))


@pytest.mark.req("S0-01")
@pytest.mark.parametrize(
    ("per_year", "due"), [(1, [5]), (2, [5, 11]), (4, [2, 5, 8, 11]), (12, list(range(1, 13)))]
)
def test_a_monthly_payer_counts_twelve_times_and_a_yearly_one_once(per_year: int, due: set[int]) -> None:
    counted = months(policy(date(2020, 5, 9), per_year), date(2026, 1, 1))
    assert counted == [int(m in due) for m in range(1, 13)]


def test_single_premium_has_no_instalment() -> None:
    assert sum(months(policy(date(2020, 5, 9), 0, mode="single"), date(2026, 1, 1))) == 0
    assert sum(months(policy(date(2020, 5, 9), 1, mode="single"), date(2026, 1, 1))) == 0


def test_the_last_instalment_is_one_step_before_the_end_of_the_term() -> None:
    ten_years = policy(date(2017, 3, 1), 1, term=10)  # instalments 2017 ... 2026
    assert sum(months(ten_years, date(2026, 1, 1))) == 1
    assert sum(months(ten_years, date(2026, 3, 1))) == 1
    assert sum(months(ten_years, date(2026, 3, 2))) == 0
    quarterly = policy(date(2017, 3, 1), 4, term=10)  # the last one in December 2026
    assert months(quarterly, date(2026, 6, 1)) == [0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1]


def test_nothing_is_due_before_inception_and_the_first_instalment_is_due_on_it() -> None:
    assert months(policy(date(2026, 9, 10), 12), date(2026, 1, 1)) == [0] * 8 + [1] * 4
    assert sum(months(policy(date(2027, 9, 10), 12), date(2026, 1, 1))) == 0


def test_days_before_the_start_belong_to_next_year() -> None:
    start = date(2026, 11, 22)
    five_years = policy(date(2022, 11, 10), 1, term=5)  # last instalment 2026-11-10: already past
    assert sum(months(five_years, start)) == 0
    assert sum(months(policy(date(2022, 11, 22), 1, term=5), start)) == 1


def test_unknown_term_never_ends_and_unknown_inception_never_begins() -> None:
    assert sum(months(policy(date(1990, 1, 31), 12, term=None), date(2026, 2, 28))) == 12
    assert sum(months(policy(None, 12), date(2026, 1, 1))) == 0


def due_dates(inception: date, per_year: int, term: int) -> list[date]:
    """The slow twin: every instalment of a policy, one by one."""
    dates = []
    for instalment in range(per_year * term):
        serial = inception.year * 12 + inception.month - 1 + instalment * (12 // per_year)
        year, month = divmod(serial, 12)
        dates.append(date(year, month + 1, min(inception.day, calendar.monthrange(year, month + 1)[1])))
    return dates


@given(
    inception=st.dates(date(2015, 1, 1), date(2028, 12, 31)),
    per_year=st.sampled_from([1, 2, 4, 12]),
    term=st.integers(1, 20),
    start=st.dates(date(2020, 1, 1), date(2032, 12, 31)).filter(lambda d: (d.month, d.day) != (2, 29)),
)
def test_agrees_with_counting_one_by_one(inception: date, per_year: int, term: int, start: date) -> None:
    last = calendar.monthrange(start.year, start.month)[1]
    if start.month == 2 and start.day == last and inception.day > start.day:
        return  # an anchor beyond February's end: see the next test
    end = start.replace(year=start.year + 1)
    expected = [0] * 12
    for due in due_dates(inception, per_year, term):
        if start <= due < end:
            expected[due.month - 1] += 1
    assert months(policy(inception, per_year, term), start) == expected


@pytest.mark.parametrize("start", [date(2028, 2, 29), date(2027, 2, 28), date(2028, 2, 28)])
@pytest.mark.parametrize("day", [1, 28, 29, 30, 31])
def test_a_monthly_payer_has_twelve_even_around_a_leap_day(start: date, day: int) -> None:
    assert months(policy(date(2020, 1, day), 12), start) == [1] * 12


def test_row_order_does_not_matter() -> None:
    rows = [
        policy(date(2020, 1 + n % 12, 1 + n % 28), [1, 2, 4, 12][n % 4], number=f"P{n}") for n in range(40)
    ]
    frame = pl.DataFrame(rows, schema=SCHEMA)
    start = date(2026, 7, 15)
    assert (
        due_months(frame.reverse(), start)
        .sort("policy_number")
        .equals(due_months(frame, start).sort("policy_number"))
    )
