"""What figures ask of motor renewal: policies whose cover ends in a period, and how their cases ended as known at a moment.

In: days, a moment of knowledge (None = now). Out: frames. Never: a plate or frame number; an end that was withdrawn by then.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl
from django.db.models import Count, Max

from tuogu.renewals.models import Ended, MotorPolicy

EXPIRING: dict[str, Any] = {
    "subject_id": pl.Int64,
    "policy_number": pl.String,
    "holder_number": pl.String,
    "channel": pl.String,
    "premium_fen": pl.Int64,
    "expiry_date": pl.Date,
}
ENDS: dict[str, Any] = {"subject_id": pl.Int64, "outcome": pl.String, "ended_date": pl.Date}


def expiring(first: date, until: date) -> pl.DataFrame:
    """EXPIRING: motor policies whose last day of cover lies in `first`..`until` (half open), by subject."""
    rows = MotorPolicy.objects.filter(expiry_date__gte=first, expiry_date__lt=until).order_by("subject_id")
    fields = rows.values_list(
        "subject_id", "number", "holder_number", "channel", "premium_fen", "expiry_date"
    )
    return pl.DataFrame(list(fields), schema=EXPIRING, orient="row")


def ends(first: date, until: date, *, known_at: datetime | None = None) -> pl.DataFrame:
    """ENDS of the motor policies whose cover ends in `first`..`until`: the last line of each that stands, by subject."""
    rows = Ended.objects.filter(
        subject__in=MotorPolicy.objects.filter(expiry_date__gte=first, expiry_date__lt=until).values(
            "subject_id"
        )
    )
    rows = rows if known_at is None else rows.filter(at__lte=known_at)
    fields = rows.order_by("subject_id", "seq").values_list(
        "subject_id", "outcome", "ended_date", "withdrawn"
    )
    schema = {**ENDS, "withdrawn": pl.Boolean}
    found = pl.DataFrame(list(fields), schema=schema, orient="row")
    last = found.unique("subject_id", keep="last", maintain_order=True)
    return last.filter(~pl.col("withdrawn")).select(*ENDS)


def measured_mark() -> str:
    """Changes with every motor policy stored and every end."""
    policies = MotorPolicy.objects.aggregate(n=Count("pk"), at=Max("stored_at"))
    ended = Ended.objects.aggregate(n=Count("pk"), last=Max("pk"))
    return f"{policies['n']}.{policies['at']}.{ended['n']}.{ended['last']}"
