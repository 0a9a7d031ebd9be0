"""Who looked at what in a period, for an auditor: as the log has it, subjects by number.

In: days. Out: a frame. Never: what was seen.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.accesslog.models import Sighting
from tuogu.bulk import titled

_FIELDS = {"时间": "at", "人员号": "person_id", "方式": "kind", "对象类别": "subject_kind", "对象": "subject",
           "字段": "fields", "原因": "reason", "行数": "rows"}  # fmt: skip


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Looks from `first` to `last`, both included."""
    return {"查看与导出": titled(Sighting.objects.filter(day__range=(first, last)).order_by("id"), _FIELDS)}
