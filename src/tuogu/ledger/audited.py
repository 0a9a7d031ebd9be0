"""What the ledger tells an auditor of a period: its batches, and every sealed line with the links of the chain.

In: days. Out: frames and lines, ids and codes only. Never: an entry without its seal (pending ones are counted apart).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl
from django.db import connection, transaction

from tuogu.bulk import titled
from tuogu.core.custody import day_bounds
from tuogu.core.labels import ENTRY_REASONS
from tuogu.ledger.canonical import settle_spelling
from tuogu.ledger.models import Batch, Seal
from tuogu.ledger.verifying import sealed_rows

_BATCH = {
    "批次": "id", "类别": "kind", "关系": "relation", "键": "key", "件数": "posted", "撤销的批次": "undoes_id",
    "经办人员号": "by_id", "复核人员号": "approved_by_id", "生效日": "effective_date", "记账时间": "recorded_at",
    "规则": "rule", "原因": "reason_code", "内容摘要": "content_digest",
}  # fmt: skip

_INSTALMENTS = {f"instalment_{n}": f"第 {n} 期" for n in range(1, 13)}  # of a year at most one a month


@dataclass(frozen=True)
class Link:
    """One seal: what its digest is taken of. `recorded_at` in UTC, written as the digest takes it."""

    number: int
    previous_digest: str
    digest: str
    entries: int
    last_entry_id: int
    lines_digest: str
    entries_digest: str
    by: int
    recorded_at: str


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Batches posted from `first` to `last`, both included."""
    begin, end = day_bounds(first, last)
    rows = Batch.objects.filter(recorded_at__gte=begin, recorded_at__lt=end).order_by("id")
    return {"批次": titled(rows, _BATCH, {"原因": ENTRY_REASONS | _INSTALMENTS})}


def links(first: date, last: date) -> list[Link]:
    """The seals of the period in the order of the chain."""
    begin, end = day_bounds(first, last)
    rows = Seal.objects.filter(recorded_at__gte=begin, recorded_at__lt=end).order_by("number")
    return [
        Link(
            s.number, s.previous_digest, s.digest, s.entries, s.last_entry_id, s.lines_digest, s.entries_digest,
            s.by_id, _utc(s.recorded_at),
        )
        for s in rows
    ]  # fmt: skip


def sealed_lines(number: int) -> Iterator[list[str]]:
    """The canonical lines of one seal in sealing order, in chunks; an entry that is gone has an empty line."""
    with transaction.atomic(), connection.cursor() as cursor:
        settle_spelling(cursor)
        for rows in sealed_rows(only=number):
            yield [line or "" for *_, line in rows]


def _utc(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%d %H:%M:%S.%f")
