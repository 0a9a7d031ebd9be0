"""Working days of China, by the column.

In: a column of days. Out: a column of days as long as it; null stays null. Never: a guess about holidays that are not
published (weekends alone count there, and `provisional` says so).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from tuogu.data.workdays import is_working_day, published

_Days = npt.NDArray[np.datetime64]
_ROLLS: dict[str, Literal["forward", "backward"]] = {
    "next_working": "forward",
    "previous_working": "backward",
}


def add_working_days(days: pl.Series, count: int) -> pl.Series:
    """The `count`-th working day after each day (before it, when negative); 0 leaves the day as it is."""
    if count == 0:
        return days
    return _moved(days, count, "backward" if count > 0 else "forward")


def rolled(days: pl.Series, roll: str) -> pl.Series:
    """Each day, or the next (next_working) or previous (previous_working) working day where it is off; "none": as it is."""
    return days if roll == "none" else _moved(days, 0, _ROLLS[roll])


def provisional(days: pl.Series) -> pl.Series:
    """True where the day lies in a year whose public holidays are not known yet."""
    years = days.dt.year()
    known = [year for year in years.unique().drop_nulls() if published(year)]
    return years.is_not_null() & ~years.is_in(known).fill_null(False)


def _moved(days: pl.Series, count: int, roll: Literal["forward", "backward"]) -> pl.Series:
    known = days.drop_nulls()
    if known.is_empty():
        return days
    distinct = known.unique()
    lowest, highest = distinct.min(), distinct.max()
    assert isinstance(lowest, date)
    assert isinstance(highest, date)
    reach = abs(count) // 100 + 1  # a year has far more than a hundred working days
    calendar = _calendar(lowest.year - reach, highest.year + reach)
    moved: Any = np.busday_offset(
        distinct.to_numpy().astype("datetime64[D]"), count, roll, busdaycal=calendar
    )
    return days.replace_strict(distinct, pl.Series(moved).cast(pl.Date), return_dtype=pl.Date)


@lru_cache(maxsize=64)
def _calendar(first_year: int, last_year: int) -> np.busdaycalendar:
    """Every day may be worked (weekends are made up for holidays); those that are off are listed."""
    off = [day for year in range(first_year, last_year + 1) for day in _days_off(year)]
    return np.busdaycalendar(weekmask="1111111", holidays=np.array(off, dtype="datetime64[D]"))


@lru_cache(maxsize=256)
def _days_off(year: int) -> tuple[date, ...]:
    first = date(year, 1, 1)
    length = (date(year + 1, 1, 1) - first).days
    return tuple(day for day in (first + timedelta(days=i) for i in range(length)) if not is_working_day(day))
