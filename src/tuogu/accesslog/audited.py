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

_SUBJECTS = {"policy": "保单", "customer": "客户", "person": "人员", "list": "清单", "export": "导出"}
_SEEN = {
    "name": "姓名", "phone": "手机", "id_number": "证件号", "id": "证件号", "address": "地址", "home": "住址",
    "employer": "单位", "masked": "已脱敏", "as_sent": "原表内容", "approved": "同意导出",
    "declined": "不同意", "numbers": "号码",
}  # fmt: skip


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Looks from `first` to `last`, both included; fields in words."""
    rows = Sighting.objects.filter(day__range=(first, last)).order_by("id")
    told = titled(rows, _FIELDS, {"对象类别": _SUBJECTS})
    seen = {
        line: "、".join(_SEEN.get(one, one) for one in line.split(","))
        for line in told["字段"].unique()
        if line
    }
    return {"查看与导出": told.with_columns(pl.col("字段").replace(seen))}
