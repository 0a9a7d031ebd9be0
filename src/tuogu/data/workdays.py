"""China's working days: public holidays and made-up weekends where they are published, weekends alone
beyond.

In: days. Out: how many of them are working days, and whether that count is provisional (the State Council
publishes a year's holidays in the November before; until then only weekends are known). Never: a guess
about next year's holidays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar
from chinese_calendar import constants

FIRST_YEAR = min(day.year for day in constants.holidays)
LAST_YEAR = max(day.year for day in constants.holidays)
_SATURDAY = 5


@dataclass(frozen=True)
class Workdays:
    """Working days of a half-open period; `provisional` when part of it lies in a year not yet published."""

    count: int
    provisional: bool


def working_days(start: date, end: date) -> Workdays:
    """Count the working days in [start, end); an empty or backward period has none."""
    if end <= start:
        return Workdays(0, False)
    whole_years = sum(_running(year)[-1] for year in range(start.year, end.year))
    count = whole_years + _running(end.year)[_day_of_year(end)] - _running(start.year)[_day_of_year(start)]
    last = end - timedelta(days=1)
    return Workdays(count, not (published(start.year) and published(last.year)))


def is_working_day(day: date) -> bool:
    """True for a working day, made-up weekends included."""
    return bool(chinese_calendar.is_workday(day)) if published(day.year) else day.weekday() < _SATURDAY


def published(year: int) -> bool:
    """True when the year's public holidays are known."""
    return FIRST_YEAR <= year <= LAST_YEAR


@lru_cache(maxsize=256)
def _running(year: int) -> tuple[int, ...]:
    """Working days before each day of the year: entry 0 is 0, the last is the year's total."""
    day, total, out = date(year, 1, 1), 0, [0]
    while day.year == year:
        total += is_working_day(day)
        out.append(total)
        day += timedelta(days=1)
    return tuple(out)


def _day_of_year(day: date) -> int:
    return (day - date(day.year, 1, 1)).days
