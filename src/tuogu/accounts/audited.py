"""What was done to accounts in a period, for an auditor.

In: days. Out: a frame of person ids. Never: a login, a password.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.accounts.models import AccountEvent
from tuogu.bulk import titled
from tuogu.core.custody import day_bounds

_EVENTS = {"人员号": "person_id", "事项": "kind", "经办人员号": "by_id", "时间": "at", "原因": "reason"}


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Account events from `first` to `last`, both included."""
    begin, end = day_bounds(first, last)
    rows = AccountEvent.objects.filter(at__gte=begin, at__lt=end).order_by("id")
    return {"账号变更": titled(rows, _EVENTS)}
