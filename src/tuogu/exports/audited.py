"""What this room tells the auditor of a period: wishes and what became of them. Ids, numbers, reasons; no content."""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.custody import day_bounds
from tuogu.exports.kinds import label_of
from tuogu.exports.models import Act, Export
from tuogu.org import queries as org

_ACTS = {str(code): str(word) for code, word in Act.Kind.choices}


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Exports asked for and acts done from `first` to `last`, both included."""
    begin, end = day_bounds(first, last)
    asked = Export.objects.filter(asked_at__gte=begin, asked_at__lt=end).order_by("pk")
    acts = Act.objects.filter(at__gte=begin, at__lt=end).order_by("pk")
    wishes = list(
        asked.values_list(
            "code", "kind", "title", "rows", "clear", "outside", "fields", "reason", "by_id", "asked_at",
            "needs_approval", "canaries",
        )
    )  # fmt: skip
    done = list(acts.values_list("export__code", "kind", "by_id", "at", "rows", "digest", "note"))
    numbers = org.labels({row[8] for row in wishes} | {row[2] for row in done})
    return {
        "导出": pl.DataFrame(
            [(row[0], label_of(row[1]), *row[2:8], numbers.get(row[8], ""), *row[9:]) for row in wishes],
            schema={
                "导出号": pl.String, "种类": pl.String, "名称": pl.String, "行数": pl.Int64, "明文": pl.Boolean,
                "对外接收方": pl.String, "字段": pl.String, "原因": pl.String, "申请人工号": pl.String,
                "申请时间": pl.Datetime(time_zone="UTC"), "须审批": pl.Boolean, "虚构行": pl.Int64,
            },
            orient="row",
        ),
        "导出经过": pl.DataFrame(
            [(code, _ACTS.get(kind, kind), numbers.get(by, ""), *rest) for code, kind, by, *rest in done],
            schema={
                "导出号": pl.String, "动作": pl.String, "经手工号": pl.String, "时间": pl.Datetime(time_zone="UTC"),
                "行数": pl.Int64, "文件摘要": pl.String, "说明": pl.String,
            },
            orient="row",
        ),
    }  # fmt: skip
