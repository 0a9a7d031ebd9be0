"""What this room tells the auditor of a period: ids, numbers, staff numbers, moments. Never: a key, a secret, a body."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

import polars as pl

from tuogu.core.custody import SHANGHAI
from tuogu.integration.models import CallDay, Delivery, KeyEvent, Push
from tuogu.org import queries as org

MOMENT = pl.Datetime("us", "Asia/Shanghai")
_I, _S = pl.Int64, pl.String
_KEYS = {
    "id": _I, "key": _I, "name": _S, "act": _S, "subscription": _I, "institution_code": _S, "by": _S, "at": MOMENT,
}  # fmt: skip
_CALLS = {"key": _I, "day": pl.Date, "calls": _I, "refused": _I, "clear": _I}
_PUSHES = {
    "id": _I, "key": _I, "path": _S, "body_digest": _S, "state": _S, "sent": _I, "accepted": _I, "rejected": _I,
    "import_run": _I, "asked_at": MOMENT,
}  # fmt: skip
_DELIVERIES = {
    "id": _I, "subscription": _I, "event": _I, "kind": _S, "attempt": _I, "outcome": _S, "status": _I, "at": MOMENT,
}  # fmt: skip


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Chinese table name → rows of the days `first` to `last`, both included."""
    start = datetime.combine(first, time.min, SHANGHAI)
    end = datetime.combine(last + timedelta(days=1), time.min, SHANGHAI)
    acts = KeyEvent.objects.filter(at__gte=start, at__lt=end).order_by("pk")
    acted = list(acts.values_list(
        "pk", "key_id", "key__name", "kind", "subscription_id", "key__institution_code", "by_id", "at"
    ))  # fmt: skip
    labels = org.labels(row[6] for row in acted)
    pushes = Push.objects.filter(asked_at__gte=start, asked_at__lt=end).order_by("pk")
    sent = Delivery.objects.filter(at__gte=start, at__lt=end).order_by("pk")
    days = CallDay.objects.filter(day__gte=first, day__lte=last).order_by("day", "key_id")
    return {
        "接口密钥": _frame(((*row[:6], labels.get(row[6]), row[7]) for row in acted), _KEYS),
        "接口调用": _frame(days.values_list("key_id", "day", "calls", "refused", "clear"), _CALLS),
        "接口推送": _frame(
            pushes.values_list(
                "pk",
                "key_id",
                "path",
                "body_digest",
                "state",
                "sent",
                "accepted",
                "rejected",
                "import_run",
                "asked_at",
            ),
            _PUSHES,
        ),
        "事件通知": _frame(
            sent.values_list(
                "pk", "subscription_id", "event_id", "event__kind", "attempt", "outcome", "status", "at"
            ),
            _DELIVERIES,
        ),
    }


def _frame(rows: Iterable[tuple[Any, ...]], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=schema, orient="row")
