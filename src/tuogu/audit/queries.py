"""Reads of the audit room: packs that were made, and what rooms tell of a period.

Nothing personal is read here: the rooms give numbers and ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from tuogu.audit.models import AuditPack
from tuogu.audit.sources import SOURCES, told

__all__ = ["SOURCES", "Pack", "pack", "packs", "table", "tables"]


@dataclass(frozen=True)
class Pack:
    """A pack that was made; `digest` is SHA-256 of the file."""

    id: int
    first_date: date
    last_date: date
    digest: str
    files: int
    size_bytes: int
    by: int
    at: datetime


def packs(limit: int = 50) -> list[Pack]:
    """The newest packs first."""
    return [_pack(row) for row in AuditPack.objects.order_by("-id")[:limit]]


def pack(pack_id: int) -> Pack | None:
    """One pack; None for an unknown one."""
    row = AuditPack.objects.filter(pk=pack_id).first()
    return _pack(row) if row else None


def tables(first: date, last: date) -> list[tuple[str, str, str, int]]:
    """(room, its heading, table, rows) of everything that happened from `first` to `last`, both included."""
    return [(source.room, source.heading, name, frame.height) for source, name, frame in told(first, last)]


def table(room: str, name: str, first: date, last: date) -> pl.DataFrame | None:
    """One table of a room in that period; None for an unknown one."""
    source = next((source for source in SOURCES if source.room == room), None)
    return source.tables(first, last).get(name) if source else None


def _pack(row: AuditPack) -> Pack:
    return Pack(
        row.pk, row.first_date, row.last_date, row.digest, row.files, row.size_bytes, row.by_id, row.at
    )
