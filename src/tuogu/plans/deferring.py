"""Who is away on the day of a release: rows to them are held back, for nobody who is away receives anything new (P-06).

In: rows of STANDING, a day. Out: the rows that may be posted that day, those held back, and the day to try them again.
Never: custody moved because somebody is away (what is held back stays with whom it is); a row held back for somebody who
has left (the ledger lists those).
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from tuogu.core.presence import REASON
from tuogu.ledger.results import STALE
from tuogu.org import queries as org
from tuogu.rules import queries as rules

HELD_OF = "of_held"  # in the outcome of an attempt: how many rows of an earlier one it was made for


def present(rows: pl.DataFrame, on: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(rows that may be posted on that day, STALE of the rows held back). Where the house lets releases reach people who are
    away (`plans.release_to_absent`), nothing is held back."""
    if rules.applicable(on)["plans.release_to_absent"]:
        return rows, pl.DataFrame(schema=STALE)
    away = away_among(rows, on)
    held = away.with_columns(current_custodian_id=pl.col("holder_id").cast(pl.Int64), reason=pl.lit(REASON))
    return (
        rows.join(away.select("subject_id"), on="subject_id", how="anti", maintain_order="left"),
        held.select(pl.col(name).cast(kind) for name, kind in STALE.items()),
    )


def away_among(rows: pl.DataFrame, on: date) -> pl.DataFrame:
    """The rows whose receiver is away that day, whatever the house makes of it."""
    return rows.filter(pl.col("custodian_id").is_in(list(org.absent(on))))


def first_return(held: pl.DataFrame, on: date) -> date:
    """The first day on which one of those who are away is back; whoever is away longer is held back again then."""
    people = held["custodian_id"].unique().to_list()
    return min(row.until_date for row in org.absences(people, on, on + timedelta(days=1)))
