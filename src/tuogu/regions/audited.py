"""What this room tells the auditor of a period: who proposed and approved what, who coded whom, who drew which zone.

In: two days. Out: tables of ids, numbers and times. Never: an address, its hash, a fragment of one.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.codebook_changes import KINDS
from tuogu.core.tables import Schema
from tuogu.org import queries as org
from tuogu.regions.effective import version_name
from tuogu.regions.models import (
    AddressAct,
    AddressDecision,
    CodebookChange,
    CodebookProposal,
    HomeDecision,
    ZoneVersion,
)

_TEXT, _WHOLE = pl.String, pl.Int64


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Tables by Chinese name, of everything written from `first` to `last`, both days included."""
    return {
        "编码簿变更": _changes(first, last),
        "地址判定": _decisions(first, last),
        "住址判定": _homes(first, last),
        "地图区域": _zones(first, last),
    }


def _changes(first: date, last: date) -> pl.DataFrame:
    proposals = CodebookProposal.objects.filter(at__date__range=(first, last)).select_related("verdict")
    heads = {row.pk: row for row in proposals.order_by("id")}
    rows = []
    for change in CodebookChange.objects.filter(proposal_id__in=list(heads)).order_by("proposal_id", "row"):
        head = heads[change.proposal_id]
        verdict = getattr(head, "verdict", None)
        rows.append((
            head.pk, change.row, KINDS.get(change.kind, change.kind), change.old_code, change.new_code, change.new_name,
            head.source, head.document, head.effective_date, head.by_id, head.at,
            None if verdict is None else verdict.approved, None if verdict is None else verdict.by_id,
            None if verdict is None else verdict.at,
            version_name(verdict.number) if verdict and verdict.number else None,
        ))  # fmt: skip
    schema: Schema = {
        "变更": _WHOLE, "行": _WHOLE, "类型": _TEXT, "原代码": _TEXT, "新代码": _TEXT, "新名称": _TEXT, "来源": _TEXT,
        "文号": _TEXT, "生效日": pl.Date, "提出人": _WHOLE, "提出时间": pl.Datetime("us", "UTC"), "批准": pl.Boolean,
        "复核人": _WHOLE, "复核时间": pl.Datetime("us", "UTC"), "版本": _TEXT,
    }  # fmt: skip
    return _signed(pl.DataFrame(rows, schema=schema, orient="row"), "提出人", "复核人")


def _decisions(first: date, last: date) -> pl.DataFrame:
    rows = AddressDecision.objects.filter(act__at__date__range=(first, last)).order_by("id")
    fields = (
        "act_id",
        "act__kind",
        "customer_number",
        "outcome",
        "community_code",
        "reason",
        "act__by_id",
        "act__at",
    )
    schema: Schema = {
        "判定": _WHOLE, "方式": _TEXT, "客户号": _TEXT, "结果": _TEXT, "社区代码": _TEXT, "原因": _TEXT, "经手人": _WHOLE,
        "时间": pl.Datetime("us", "UTC"),
    }  # fmt: skip
    frame = pl.DataFrame(list(rows.values_list(*fields)), schema=schema, orient="row").with_columns(
        pl.col("方式").replace(dict(AddressAct.Kind.choices)),
        pl.col("结果").replace(dict(AddressDecision.Outcome.choices)),
    )
    return _signed(frame, "经手人")


def _homes(first: date, last: date) -> pl.DataFrame:
    rows = HomeDecision.objects.filter(at__date__range=(first, last)).order_by("id")
    fields = ("id", "person_id", "outcome", "community_code", "reason", "by_id", "at")
    schema: Schema = {
        "判定": _WHOLE, "人员": _WHOLE, "结果": _TEXT, "社区代码": _TEXT, "原因": _TEXT, "经手人": _WHOLE,
        "时间": pl.Datetime("us", "UTC"),
    }  # fmt: skip
    frame = pl.DataFrame(list(rows.values_list(*fields)), schema=schema, orient="row")
    told = frame.with_columns(pl.col("结果").replace(dict(AddressDecision.Outcome.choices)))
    return _signed(told, "人员", "经手人")


def _zones(first: date, last: date) -> pl.DataFrame:
    rows = ZoneVersion.objects.filter(at__date__range=(first, last)).order_by("id")
    fields = ("zone_id", "number", "name", "datum", "from_date", "ended", "how", "by_id", "at")
    schema: Schema = {
        "区域": _WHOLE, "版本": _WHOLE, "名称": _TEXT, "坐标系": _TEXT, "生效日": pl.Date, "已结束": pl.Boolean,
        "来历": _TEXT, "经手人": _WHOLE, "时间": pl.Datetime("us", "UTC"),
    }  # fmt: skip
    frame = pl.DataFrame(list(rows.values_list(*fields)), schema=schema, orient="row")
    return _signed(frame.with_columns(pl.col("来历").replace(dict(ZoneVersion.How.choices))), "经手人")


def _signed(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Custodian ids as staff numbers; whoever has none (the machine) keeps the id."""
    ids = sorted({int(i) for column in columns for i in frame[column].drop_nulls()})
    numbers = org.labels(ids) if ids else {}
    return frame.with_columns(
        pl.col(column).replace_strict(numbers, default=pl.col(column).cast(pl.String), return_dtype=pl.String)
        for column in columns
    )
