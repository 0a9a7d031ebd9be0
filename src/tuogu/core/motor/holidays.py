"""Long holidays: what falls into one is finished on the last working day before it (S3-18, A-49).

In: HOLIDAYS of the years concerned, days as columns or one by one. Out: the same days, earlier where they must be. Never: a
day moved later; a festival that the rulebook does not name.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from tuogu.core.motor.tables import HOLIDAYS
from tuogu.core.tables import conform

_ONE = timedelta(days=1)


def table(rows: list[tuple[str, date, date, date]]) -> pl.DataFrame:
    """HOLIDAYS of (festival, first day, last day, last working day before)."""
    return pl.DataFrame(rows, schema=HOLIDAYS, orient="row").sort("first_date")


def chosen(holidays: pl.DataFrame, festivals: tuple[str, ...]) -> pl.DataFrame:
    """Those that the rulebook wants finished early."""
    return conform(holidays, HOLIDAYS).filter(pl.col("festival").is_in(list(festivals)))


def earlier(days: pl.Series, holidays: pl.DataFrame) -> pl.Series:
    """The days; each that falls into a holiday becomes the last working day before it. Null stays null.

    Two festivals that touch (Mid-Autumn within National Day) are followed until the day is free.
    """
    if holidays.is_empty():
        return days
    every = holidays.select(
        pl.date_ranges("first_date", "last_date").alias("day"), pl.col("before_date")
    ).explode("day")
    inside = every.group_by("day").agg(pl.col("before_date").min())
    name, moved = days.name, days.alias("day")
    for _turn in range(holidays.height):  # a chain cannot be longer than the table
        found = (
            moved.to_frame()
            .join(inside, on="day", how="left", maintain_order="left")
            .select(pl.coalesce("before_date", "day").alias("day"))["day"]
        )
        if found.equals(moved, null_equal=True):
            break
        moved = found
    return moved.alias(name)


def earlier_day(day: date, holidays: pl.DataFrame) -> date:
    """`earlier` of one day."""
    found: date = earlier(pl.Series([day], dtype=pl.Date), holidays)[0]
    return found


def cut(last: pl.Series, holidays: pl.DataFrame) -> pl.Series:
    """The last days of claim periods: one that would end inside a holiday ends on the last working day before, and what
    follows it follows at once."""
    return earlier(last, holidays)
