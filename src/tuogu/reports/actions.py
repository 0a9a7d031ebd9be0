"""Writes of this room. Atomic; who acts and when are arguments."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from tuogu.core.custody import business_date
from tuogu.core.measures.figures import rate
from tuogu.core.measures.periods import Period
from tuogu.renewals import actions as renewals
from tuogu.reports import mailing, scheduling
from tuogu.reports.chances import train_chances
from tuogu.reports.failures import ReportsRefused, ReportUnknown
from tuogu.reports.freezing import Frozen, freeze_month, settled, stored_rows
from tuogu.reports.issuing import issue
from tuogu.reports.models import FrozenMonth
from tuogu.reports.scheduling import schedule, stop
from tuogu.rules import queries as rules

__all__ = [
    "Frozen", "ReportUnknown", "ReportsRefused", "freeze_month", "issue", "roll", "schedule", "stop", "tick",
    "train_chances",
]  # fmt: skip


def tick(*, by: int, at: datetime) -> int:
    """Every few minutes: issue and queue what schedules owe, send what waits (S3-19). How many mails went out."""
    scheduling.run_due(by=by, at=at)
    return mailing.deliver(by=by, at=at)


def roll(*, by: int, at: datetime) -> int:
    """Once a day: freeze the month before as soon as it is over (N-16), and ask branches whose renewal rate was low for what
    they do about it (S3-23). How many months were frozen."""
    book = rules.applicable(business_date(at))
    before = Period.of(business_date(settled(at, book))).before
    if FrozenMonth.objects.filter(month=before.first).exists():
        return 0
    frozen = freeze_month(before.first, by=by, at=at)
    if book["renewal.improve_below_bp"] != "":
        renewals.order_improvements(_renewal_rates(before), before.first, by=by, at=at)
    return int(not frozen.again)


def _renewal_rates(month: Period) -> dict[str, int]:
    """Branch → frozen renewal rate by count, in hundredths of a percent."""
    rows = stored_rows(month.first, ["renewal"], dimension="branch", ten_years=False)
    rows = rows.filter(pl.col("value") != "")
    told = rows.select("value", "numerator", "denominator").rows()
    rates = {branch: rate(renewed, ended, "percent") for branch, renewed, ended in told}
    return {branch: found for branch, found in rates.items() if found is not None}
