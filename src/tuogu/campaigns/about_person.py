"""What this room stores about a person: told in a copy for the person (L-07, PIPL 45), emptied when the person is erased.

In: customer numbers. Out: frames for the copy; texts without the lines that name the customer. Never: a fact taken away:
that a department reported, how many policies, with which result, stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from django.db import models
from django.db.models import Q

from tuogu import vault
from tuogu.campaigns.models import Completeness, ReportAudit, ReportedPolicy, WeeklyReport
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.privacy import actions as privacy

_TOKEN = re.compile(r"[0-9A-Za-z_-]+")
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
        for r, lines in _texts()
        for line in _naming(lines, {number})
    ]
    return pl.DataFrame(told, schema=dict.fromkeys(_REPORTED, pl.String), orient="row")


def _known(number: str) -> pl.DataFrame:
    rows = Completeness.objects.filter(customer_number=number).order_by("campaign_id", "number")
    told = [
        (row.seen_date.isoformat(), row.get_kind_display(), str(row.known), str(row.wanted), "、".join(row.missing))
        for row in rows
    ]  # fmt: skip
    return pl.DataFrame(told, schema=dict.fromkeys(_KNOWN, pl.String), orient="row")


def _texts() -> Iterable[tuple[WeeklyReport, list[str]]]:
    for row in WeeklyReport.objects.filter(text_sealed__isnull=False).order_by("pk"):
        texts = json.loads(vault.open_text(row.text_sealed) or "{}")
        yield row, [line for text in texts.values() for line in text.splitlines()]


def _naming(lines: Iterable[str], numbers: Collection[str]) -> list[str]:
    return [line.strip() for line in lines if any(token in numbers for token in _TOKEN.findall(line))]


def erase(numbers: Sequence[str], *, by: int, at: datetime) -> int:  # noqa: ARG001 - the deletion names who and when
    """Empty the lines that name these customers; how many texts."""
    wanted = set(numbers)

    def parts(told: str) -> str:
        texts = {name: _without(text, wanted) for name, text in json.loads(told).items()}
        return json.dumps(texts, ensure_ascii=False)

    return _empty(WeeklyReport, "text_sealed", parts) + _empty(
        ReportAudit, "remark_sealed", lambda told: _without(told, wanted)
    )


def _without(text: str, numbers: Collection[str]) -> str:
    lines = text.splitlines()
    kept = [line for line in lines if not _naming([line], numbers)]
    return text if len(kept) == len(lines) else "\n".join(kept).strip()


def _empty(model: type[models.Model], field: str, left_of: Callable[[str], str]) -> int:
    emptied = 0
    rows: Any = model._default_manager.filter(**{f"{field}__isnull": False}).order_by("pk")
    with append_only.lifted(model._meta.db_table):
        for row in rows:
            told = vault.open_text(getattr(row, field)) or ""
            left = left_of(told)
            if left != told:
                sealed = vault.seal_text(left) if left else None
                emptied += model._default_manager.filter(pk=row.pk).update(**{field: sealed})
    return emptied
