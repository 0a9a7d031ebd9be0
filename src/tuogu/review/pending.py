"""What may wait for somebody in this room: sets that a page asks for a row before it reads any.

In: a day. Out: querysets by name. Never: who it waits for (the reads with a scope say that).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from tuogu.review.models import Log, Lot, Penalty, Report

LOOK_BACK_DAYS = 31  # logs older than that are no longer offered


def pending(on: date) -> dict[str, QuerySet[Any]]:
    """Logs and lots of late, penalties, reports of logs that nobody has decided on."""
    first = on - timedelta(days=LOOK_BACK_DAYS)
    return {
        "logs": Log.objects.filter(log_date__range=(first, on)),
        "lots": Lot.objects.filter(lot_date__gte=first),
        "penalties": Penalty.objects.all(),
        "reports": Report.objects.filter(end__isnull=True),
    }
