"""What figures ask of the campaign: which customers it gave to whom, and how much was known of them before and now.

In: a year, a moment of knowledge (None = now). Out: a frame. Never: what was seen after the day asked for.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl
from django.db.models import Count, Max

from tuogu.campaigns.models import Completeness

RESOURCES: dict[str, Any] = {
    "customer_number": pl.String,
    "department_code": pl.String,
    "released_date": pl.Date,
    "filled_before": pl.Int64,
    "filled": pl.Int64,
    "fields": pl.Int64,
}
_READ: dict[str, Any] = {
    "campaign_id": pl.Int64, "customer_number": pl.String, "department_code": pl.String, "kind": pl.String,
    "seen_date": pl.Date, "known": pl.Int64, "wanted": pl.Int64,
}  # fmt: skip


def resources(year: int, last: date, *, known_at: datetime | None = None) -> pl.DataFrame:
    """RESOURCES of the campaigns of a year as they stood at the end of `last`; a customer counts once in a campaign."""
    rows = Completeness.objects.filter(campaign__year=year, seen_date__lte=last)
    rows = rows if known_at is None else rows.filter(taken_at__lte=known_at)
    fields = rows.order_by("campaign_id", "customer_number", "number").values_list(*_READ)
    found = pl.DataFrame(list(fields), schema=_READ, orient="row")
    keys = ["campaign_id", "customer_number"]
    released = found.filter(pl.col("kind") == "release").unique(keys, keep="first", maintain_order=True)
    latest = found.unique(keys, keep="last", maintain_order=True).select(*keys, filled="known")
    told = released.join(latest, on=keys, how="left", maintain_order="left")
    return told.select(
        "customer_number", "department_code", "filled", released_date="seen_date", filled_before="known", fields="wanted",
    ).select(*RESOURCES)  # fmt: skip


def measured_mark() -> str:
    """Changes with every line of completeness."""
    found = Completeness.objects.aggregate(n=Count("pk"), last=Max("pk"))
    return f"{found['n']}.{found['last']}"
