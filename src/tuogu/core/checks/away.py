"""Nobody who is away on the plan's day receives anything new (P-06), read from the book's calendar alone.

In: Plan, Book. Out: rows of VIOLATIONS. Never: an import of what the planners read the calendar with.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tuogu.core.tables import VIOLATIONS, Book, Plan


def check(plan: Plan, book: Book) -> Iterator[pl.DataFrame]:
    """One row for each person who is away and receives all the same; what is held already is not received."""
    calendar = book.away.filter(pl.col("from_date") <= plan.as_of, pl.col("until_date") > plan.as_of)
    held = book.held.select("number", "receiver").unique()
    given = plan.placements.join(held, on=["number", "receiver"], how="anti")
    given = given.join(calendar, left_on="receiver", right_on="staff_number", how="semi")
    counted = given.group_by("receiver").agg(n=pl.len())
    yield counted.select(
        rule=pl.lit("away"),
        req=pl.lit("P-06"),
        key="receiver",
        value=pl.col("n").cast(pl.String),
        bound=pl.lit("0"),
        detail=pl.format("{} 在方案日不在岗，却接收 {} 件", "receiver", "n"),
    ).select(*VIOLATIONS)
