"""What the ledger did of late, in lines for a board: batches with their seals, leavers' books.

In: how many lines. Out: plain values. Never: a subject's number, more queries for more lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from django.db import connection
from django.db.models import OuterRef, Subquery

from tuogu.bulk import fetch
from tuogu.ledger.kinds import EntryKind
from tuogu.ledger.models import Batch, SealedEntry

MOVING = (EntryKind.RELEASE, EntryKind.TRANSFER, EntryKind.RETURN_TO_POOL, EntryKind.UNDO)


_LEAVE = {"batch": pl.Int64, "person": pl.Int64, "left_date": pl.Date, "moved": pl.Int64}
# Whose book it was: whoever held the subject of the batch's first entry on the day from which that entry took it over.
_LEAVES = """
SELECT b.id, (SELECT x.custodian_id FROM ledger_entry x
              WHERE x.subject_id = e.subject_id AND x.relation = e.relation AND x.seq < e.seq
                AND x.effective_date <= e.effective_date
                AND (x.effective_until IS NULL OR x.effective_until > e.effective_date)
              ORDER BY x.seq DESC LIMIT 1), b.effective_date, b.posted
FROM ledger_batch b JOIN ledger_entry e ON e.id = (SELECT MIN(f.id) FROM ledger_entry f WHERE f.batch_id = b.id)
WHERE b.kind = 'leave' AND b.effective_date >= %s AND NOT EXISTS (SELECT 1 FROM ledger_batch u WHERE u.undoes_id = b.id)
ORDER BY b.id DESC LIMIT %s
"""


@dataclass(frozen=True)
class RecentBatch:
    """A batch that two people signed. `seal_mark`: eight digits of its seal, '' while it waits for one."""

    id: int
    kind: str
    label: str
    key: str
    posted: int
    by: int
    approved_by: int | None
    effective_date: date
    recorded_at: datetime
    seal_mark: str
    undone: bool


@dataclass(frozen=True)
class RecentLeave:
    """A leaver's book that passed to the buffer group. person: None when the first entry does not tell."""

    batch: int
    person: int | None
    left_date: date
    moved: int


def recent_batches(limit: int = 5) -> list[RecentBatch]:
    """The newest releases, transfers, returns and undos, newest first."""
    seal = SealedEntry.objects.filter(entry__batch=OuterRef("pk")).values("seal__digest")[:1]
    undo = Batch.objects.filter(undoes=OuterRef("pk")).values("id")[:1]
    rows = Batch.objects.filter(kind__in=MOVING).annotate(digest=Subquery(seal), undo=Subquery(undo))
    return [
        RecentBatch(
            int(b.pk), b.kind, b.get_kind_display(), b.key or "", b.posted, b.by_id, b.approved_by_id,
            b.effective_date, b.recorded_at, seal_mark(b.digest), b.undo is not None,
        )
        for b in rows.order_by("-id")[:limit]
    ]  # fmt: skip


def recent_leaves(since: date, limit: int = 6) -> list[RecentLeave]:
    """Books that passed to the buffer group because somebody left on `since` or later, the newest record first."""
    with connection.cursor() as cursor:
        found = fetch(cursor, _LEAVE, _LEAVES, [connection.ops.adapt_datefield_value(since), limit])
    return [RecentLeave(**row) for row in found.iter_rows(named=True)]


def seal_mark(digest: str | None) -> str:
    """First eight digits of a digest, as people compare them: '9c41·e07b'; '' for none."""
    return f"{digest[:4]}·{digest[4:8]}" if digest else ""
