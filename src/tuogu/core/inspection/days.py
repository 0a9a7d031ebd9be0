"""The day on which something that falls on a day off is due.

In: days. Out: working days. Never: a day moved back.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from tuogu.data.workdays import is_working_day


def rolled(days: pl.Series) -> pl.DataFrame:
    """day, working: each different day, and itself or the next working day after it."""
    known = days.drop_nulls().unique().to_list()
    schema = {"day": pl.Date, "working": pl.Date}
    return pl.DataFrame({"day": known, "working": [next_working(day) for day in known]}, schema=schema)


def next_working(day: date) -> date:
    """The day itself, or the next working day."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day
