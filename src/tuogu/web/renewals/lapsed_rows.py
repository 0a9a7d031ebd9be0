"""Lapsed cars in the order in which branches read them: newest month of expiry, institution, policy (S3-17).

In: a scope, a view, months. Out: rows, and the months among them. Never: a car of another branch.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.org.scope import Scope
from tuogu.renewals import queries as renewals

VIEWS = {"rescue": None, "true": True, "untrue": False, "unknown": None}


def lapsed_rows(scope: Scope, view: str, today: date, month: date) -> pl.DataFrame:
    """The rescue list of the month, or a register as of today; with `month`, the first day of the month of expiry."""
    if view == "rescue":
        found = renewals.lapsed_list(scope, month)
    else:
        found = renewals.lapsed_register(scope, today, true=VIEWS[view])
    return found.with_columns(month=pl.col("expiry_date").dt.truncate("1mo")).sort(
        "month", "institution_code", "policy_number", descending=[True, False, False]
    )


def expiry_months(rows: pl.DataFrame) -> list[date]:
    """The months of expiry among the rows, the newest first."""
    return sorted(rows["month"].unique().to_list(), reverse=True)


def of_month(rows: pl.DataFrame, expired: date | None) -> pl.DataFrame:
    """Those whose cover ended in a month; all of them without one."""
    return rows if expired is None else rows.filter(pl.col("month") == expired)
