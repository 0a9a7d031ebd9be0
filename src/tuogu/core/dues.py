"""When instalments fall due: the one answer that the census, the planner and the registers share.

In: policies (main policies or riders) and the first day of a year. Out: one row a policy with the instalments
due in each calendar month of the year that starts there, or with its next due day. Never: a look at the state of a
policy (whether a lapsed policy counts is the caller's question), a month that counts twice, a due date after the
payment term.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.tables import MONTH_COLUMNS, Schema

DUES: Schema = {"policy_number": pl.String, **dict.fromkeys(MONTH_COLUMNS, pl.Int64)}
_NEEDED = ("policy_number", "premium_mode", "payments_per_year", "inception_date", "payment_term_years")


def due_months(policies: pl.DataFrame, start: date) -> pl.DataFrame:
    """Return policy_number, m01..m12: instalments due in the year that starts on `start`, by calendar month.

    The first instalment is due at inception and the next ones every 12 / payments_per_year months on the
    inception's day (the month's last day where that day does not exist), until payment_term_years are paid; a
    null term never ends. The year holds each calendar month once, so each cell is 0 or 1: a monthly payer has
    12, a yearly one 1, a single premium 0. Only columns of POLICIES are read; the rows keep their order.
    """
    frame = _with_terms(policies)
    cells = [_falls_due(month, start).alias(name) for month, name in enumerate(MONTH_COLUMNS, start=1)]
    return frame.select("policy_number", *cells)


def _with_terms(policies: pl.DataFrame) -> pl.DataFrame:
    """What the rule counts with: whether a policy pays at all, its first month and day, its step, its last instalment."""
    paying = (
        (pl.col("premium_mode") == "regular")
        & (pl.col("payments_per_year") > 0)
        & pl.col("inception_date").is_not_null()
    )
    return policies.select(*_NEEDED).with_columns(
        _paying=paying.fill_null(False),
        _day=pl.col("inception_date").dt.day().cast(pl.Int64),
        _inception_month=_months(pl.col("inception_date")),
        _step=12 // pl.col("payments_per_year").clip(1, 12),
        _last=pl.col("payment_term_years") * pl.col("payments_per_year").clip(1, 12) - 1,
    )


def _falls_due(month: int, start: date) -> pl.Expr:
    """1 where an instalment falls into calendar month `month` of the year from `start`, else 0."""
    if month == start.month:  # days before the start's day belong to the year's end
        last_day = _last_day(start.year, month)
        late = pl.min_horizontal(pl.col("_day"), pl.lit(last_day)) < start.day
        year = pl.lit(start.year) + late.cast(pl.Int64)
    else:
        year = pl.lit(start.year + (month < start.month))
    elapsed = year * 12 + (month - 1) - pl.col("_inception_month")
    instalment = elapsed // pl.col("_step")
    due = (
        pl.col("_paying")
        & (elapsed >= 0)
        & (elapsed % pl.col("_step") == 0)
        & (pl.col("_last").is_null() | (instalment <= pl.col("_last")))
    )
    return due.fill_null(False).cast(pl.Int64)


def _months(column: pl.Expr) -> pl.Expr:
    return column.dt.year().cast(pl.Int64) * 12 + column.dt.month().cast(pl.Int64) - 1


def _last_day(year: int, month: int) -> int:
    following = date(year + (month == 12), month % 12 + 1, 1)
    return (following - date(year, month, 1)).days


def next_due_dates(policies: pl.DataFrame, on: date) -> pl.DataFrame:
    """policy_number, next_due_date: the first instalment due on `on` or later, by the rule of `due_months`.

    Null for a single premium, without an inception date, and once every instalment has been paid.
    """
    frame = _with_terms(policies)
    elapsed = pl.lit(on.year * 12 + on.month - 1) - pl.col("_inception_month")
    this_or_next = ((elapsed + pl.col("_step") - 1) // pl.col("_step")).clip(lower_bound=0)
    frame = frame.with_columns(_instalment=this_or_next).with_columns(_due=_due_date())
    passed = pl.col("_due") < on  # the month is right, its day has gone by
    frame = frame.with_columns(_instalment=pl.col("_instalment") + passed.cast(pl.Int64)).with_columns(
        _due=_due_date()
    )
    falls = pl.col("_paying") & (pl.col("_last").is_null() | (pl.col("_instalment") <= pl.col("_last")))
    return frame.select("policy_number", next_due_date=pl.when(falls.fill_null(False)).then("_due"))


def _due_date() -> pl.Expr:
    """The day of instalment `_instalment`: the inception's day, or the month's last where that does not exist."""
    month = pl.col("_inception_month") + pl.col("_instalment") * pl.col("_step")
    first = pl.date(month // 12, month % 12 + 1, 1)
    return pl.date(
        month // 12, month % 12 + 1, pl.min_horizontal("_day", first.dt.month_end().dt.day().cast(pl.Int64))
    )
