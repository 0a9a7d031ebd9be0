"""The monthly list: which policies enter it, in which band, and whether they come late (S3-02, S3-03, A-47).

In: CASES, the day of a run, limits. Out: LISTED. Never: a policy that stands in a list already, one that has ended, the same
policy twice.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.motor.limits import Limits
from tuogu.core.motor.tables import CASES, LISTED
from tuogu.core.motor.words import BANDS
from tuogu.core.tables import conform

_C = pl.col


def band(days_left: pl.Expr, limits: Limits) -> pl.Expr:
    """The band of so many days to expiry: the first whose upper end is not passed; null above the last. What has expired
    already stands in the nearest."""
    found = pl.lit(None, dtype=pl.String)
    for code, upper in reversed(list(zip(BANDS, limits.band_days, strict=True))):
        found = pl.when(days_left <= upper).then(pl.lit(code)).otherwise(found)
    return found


def run_day(month: date, limits: Limits) -> date:
    """The day of a month on which its list is read."""
    return month.replace(day=limits.list_month_day)


def runs_due(after: date | None, until: date, limits: Limits) -> list[date]:
    """The run days in (after, until], oldest first: what a machine that stood still has missed. Without an earlier run only
    the newest counts: nobody makes lists of a time before the house used them."""
    day, found = run_day(until, limits), list[date]()
    if day > until:
        day = run_day(_month_before(until), limits)
    while after is not None and day > after:
        found.append(day)
        day = run_day(_month_before(day), limits)
    return [day] if after is None else found[::-1]


def entering(cases: pl.DataFrame, run_date: date, limits: Limits) -> pl.DataFrame:
    """LISTED of the policies that enter the list of `run_date`, by subject.

    A policy enters the first run at which no more than `list_from_days` are left. One that expired shortly before the run,
    because its file came late, still enters (late): nothing live is without a list.
    """
    days_left = (_C("expiry_date") - pl.lit(run_date)).dt.total_days()
    rows = conform(cases, CASES).filter(
        ~_C("ended")
        & _C("listed_date").is_null()
        & days_left.is_between(-limits.list_expired_days, limits.list_from_days)
    )
    found = rows.select(
        "subject_id",
        band=band(days_left, limits).fill_null(list(BANDS)[-1]),  # a longer reach than the bands
        days_left=days_left.cast(pl.Int64),
        late=days_left < limits.list_late_below_days,
    )
    return conform(found, LISTED).sort("subject_id")


def _month_before(day: date) -> date:
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)
