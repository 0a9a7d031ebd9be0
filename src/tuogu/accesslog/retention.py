"""Removal of rows past their days (L-06): a permit is written, then exactly what it covers goes, in one transaction.

In: how many days rows are kept. Out: how many went. Never: a row of the last six months (the triggers refuse the permit), a
removal without its own row, which stays for ever.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from tuogu.accesslog.models import Retention, Sighting
from tuogu.accesslog.router import side_alias
from tuogu.core.custody import business_date


def remove_old(*, kept_days: int, by: int, at: datetime) -> int:
    """Remove rows older than `kept_days`; again changes nothing and writes no permit."""
    before = business_date(at) - timedelta(days=kept_days)
    old = Sighting.objects.filter(day__lt=before)
    with transaction.atomic(using=side_alias()):
        rows = old.count()
        if rows:
            Retention.objects.create(before_day=before, kept_days=kept_days, rows=rows, by_id=by, at=at)
            old._raw_delete(side_alias())  # one statement; nothing points at these rows
    return rows
