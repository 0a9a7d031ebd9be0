"""What was imported and taken back in a period, for an auditor.

In: days. Out: frames of counts and ids. Never: a row of a file.
"""

from __future__ import annotations

from datetime import date

import polars as pl
from django.db.models import Q

from tuogu.books.models import ImportRevert, ImportRun
from tuogu.books.words import IMPORTED
from tuogu.bulk import titled
from tuogu.core.custody import day_bounds

_RUNS = {
    "导入": "id", "文件": "file_name", "内容摘要": "content_digest", "数据日期": "data_date", "范围": "coverage",
    "计数": "counts", "批次": "batches", "经办人员号": "by_id", "时间": "recorded_at", "撤回时间": "reverted_at",
}  # fmt: skip
_REVERTS = {
    "导入": "import_run_id", "状态": "state", "原因": "reason", "申请人员号": "asked_by_id", "申请时间": "asked_at",
    "复核人员号": "decided_by_id", "复核时间": "decided_at",
}  # fmt: skip


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Imports and their reverts from `first` to `last`, both included."""
    begin, end = day_bounds(first, last)
    runs = ImportRun.objects.filter(
        Q(recorded_at__gte=begin, recorded_at__lt=end) | Q(reverted_at__gte=begin, reverted_at__lt=end)
    )
    reverts = ImportRevert.objects.filter(
        Q(asked_at__gte=begin, asked_at__lt=end) | Q(decided_at__gte=begin, decided_at__lt=end)
    )
    return {
        "导入": titled(runs.order_by("id"), _RUNS, {"计数": IMPORTED}),
        "撤回导入": titled(reverts.order_by("id"), _REVERTS),
    }
