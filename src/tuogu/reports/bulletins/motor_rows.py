"""Motor policies whose cover ends, one row each, with who was responsible and what became of them.

In: a scope, days. Out: ROWS. Never: a row out of scope; other rows than those of the renewal rate (scrapped cars are out).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import polars as pl

from tuogu.core.measures.periods import Period, month_after
from tuogu.org.scope import Scope
from tuogu.renewals import queries as renewals
from tuogu.reports import live
from tuogu.work import queries as work

ROWS: Final = {
    "subject_id": pl.Int64, "policy_number": pl.String, "holder_number": pl.String, "branch": pl.String,
    "department": pl.String, "team": pl.String, "person": pl.Int64, "source": pl.String, "premium_fen": pl.Int64,
    "expiry_date": pl.Date, "outcome": pl.String, "ended_date": pl.Date,
}  # fmt: skip


def motor_rows(scope: Scope, first: date, until: date) -> pl.DataFrame:
    """ROWS of policies whose cover ends in `first`..`until` (half open), with who is responsible now."""
    years = {Period.of(day, "year").first for day in (first, until - timedelta(days=1))}
    found = [pl.DataFrame(schema=ROWS)]
    for year in sorted(years):
        period = Period.of(year, "year")
        begin, end = max(first, period.first), min(until, period.end)
        told = renewals.expiring(begin, end)
        if told.is_empty():
            continue
        placed = live.drill(scope, year, "renewal", on=period.last, kind="year")
        ends = renewals.ends(begin, end)
        rows = told.join(placed, left_on="policy_number", right_on="key").join(
            ends, on="subject_id", how="left"
        )
        found.append(rows.select(*ROWS).cast(ROWS))  # type: ignore[arg-type]  # polars' schemas are wider
    return pl.concat(found)


def month_rows(scope: Scope, month: date, on: date) -> pl.DataFrame:
    """ROWS of a month up to `on`, each where the renewal rate of that month counts it."""
    period = Period.of(month)
    told = renewals.expiring(period.first, period.end)
    placed = live.drill(scope, period.first, "renewal", on=on)
    ends = renewals.ends(period.first, period.end)
    rows = told.join(placed, left_on="policy_number", right_on="key").join(ends, on="subject_id", how="left")
    return rows.select(*ROWS).cast(ROWS)  # type: ignore[arg-type]  # polars' schemas are wider than its annotations


def around(scope: Scope, first: date, last: date) -> pl.DataFrame:
    """ROWS of what may renew in these days: from the month before to three months on."""
    return motor_rows(scope, month_after(first.replace(day=1), -1), month_after(last.replace(day=1), 5))


def ended_in(rows: pl.DataFrame, outcome: str, first: date, last: date) -> pl.DataFrame:
    """Those that ended so in these days, both included."""
    return rows.filter((pl.col("outcome") == outcome) & pl.col("ended_date").is_between(first, last))


def contacts(numbers: pl.Series, first: date, last: date) -> pl.DataFrame:
    """customer_number, person_id, kind, happened_date: contacts with these customers in these days, both included."""
    told = work.contacts_measured(first, last + timedelta(days=1))
    return told.filter(pl.col("customer_number").is_in(numbers.unique().to_list()))
