"""What this room stores about a person: told in a copy for the person (L-07, PIPL 45), emptied when the person is erased.

In: customer numbers. Out: frames for the copy; texts without the lines that name the customer. Never: a fact taken away:
that a department reported, how many policies, with which result, stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

import polars as pl
from django.db.models import Q

from tuogu import vault
from tuogu.campaigns.models import Completeness, ReportAudit, ReportedPolicy, WeeklyReport
from tuogu.core.named_lines import only, without
from tuogu.org import queries as org
from tuogu.privacy import actions as privacy

_REPORTED = ("周报起", "周报止", "部门", "保单号", "产品", "投保人客户号", "被保险人客户号", "报告人工号")
_KNOWN = ("日期", "情形", "已知项", "应知项", "缺项")


def join_in() -> None:
    """Copies and deletions of a person ask this room, too."""
    privacy.also_in_copies("活动周报", _reported)
    privacy.also_in_copies("活动资料完整度", _known)
    privacy.also_erased("活动周报", erase)


def _reported(number: str) -> pl.DataFrame:
    rows = ReportedPolicy.objects.filter(Q(holder_number=number) | Q(insured_number=number))
    found = list(rows.select_related("report").order_by("pk"))
    who = org.labels(row.report.filed_by_id for row in found)
    told = [
        (
            row.report.first_date.isoformat(), row.report.last_date.isoformat(), row.report.department_code,
            row.policy_number, row.product_name, row.holder_number, row.insured_number, who.get(row.report.filed_by_id),
        )
        for row in found
    ]  # fmt: skip
    told += [
        (r.first_date.isoformat(), r.last_date.isoformat(), r.department_code, "", line, number, "", None)
        for r, text in _texts()
        for line in only(text, {number}).splitlines()
    ]
    return pl.DataFrame(told, schema=dict.fromkeys(_REPORTED, pl.String), orient="row")


def _known(number: str) -> pl.DataFrame:
    rows = Completeness.objects.filter(customer_number=number).order_by("campaign_id", "number")
    told = [
        (row.seen_date.isoformat(), row.get_kind_display(), str(row.known), str(row.wanted), "、".join(row.missing))
        for row in rows
    ]  # fmt: skip
    return pl.DataFrame(told, schema=dict.fromkeys(_KNOWN, pl.String), orient="row")


def _texts() -> Iterable[tuple[WeeklyReport, str]]:
    for row in WeeklyReport.objects.filter(text_sealed__isnull=False).order_by("pk"):
        yield row, "\n".join(json.loads(vault.open_text(row.text_sealed) or "{}").values())


def erase(numbers: Sequence[str], *, by: int, at: datetime) -> int:  # noqa: ARG001 - the deletion names who and when
    """Empty the lines that name these customers; how many texts."""
    wanted = set(numbers)

    def parts(told: str) -> str:
        texts = {name: without(text, wanted) for name, text in json.loads(told).items()}
        return json.dumps(texts, ensure_ascii=False)

    return privacy.empty_texts(WeeklyReport.objects.all(), "text_sealed", parts) + privacy.empty_texts(
        ReportAudit.objects.all(), "remark_sealed", lambda told: without(told, wanted)
    )
