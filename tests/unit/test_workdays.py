"""Working days: published holidays and made-up weekends, weekends alone where nothing is published yet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tuogu.data.workdays import LAST_YEAR, is_working_day, working_days


@pytest.mark.req("N-20")
def test_published_holidays_and_made_up_days() -> None:
    assert not is_working_day(date(2026, 2, 17))  # Spring Festival, a Tuesday
    assert is_working_day(date(2026, 2, 14))  # a Saturday worked for it
    assert not is_working_day(date(2026, 10, 1))
    assert working_days(date(2026, 10, 1), date(2026, 10, 8)).count == 0
    assert not working_days(date(2026, 10, 1), date(2026, 10, 8)).provisional


def test_a_period_is_half_open_and_adds_up_over_years() -> None:
    start, end = date(2024, 11, 20), date(2026, 3, 9)
    by_day = sum(is_working_day(start + timedelta(days=i)) for i in range((end - start).days))
    assert working_days(start, end).count == by_day
    assert working_days(end, start).count == 0
    assert working_days(start, start).count == 0


def test_an_unpublished_year_counts_weekends_and_says_so() -> None:
    first = date(LAST_YEAR + 1, 1, 4)
    week = working_days(first, first + timedelta(days=7))
    assert week.count == 5
    assert week.provisional
    assert working_days(date(LAST_YEAR, 12, 28), date(LAST_YEAR + 1, 1, 2)).provisional
    assert not working_days(date(LAST_YEAR, 12, 28), date(LAST_YEAR + 1, 1, 1)).provisional
