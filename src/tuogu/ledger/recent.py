"""What the ledger did of late, in lines for a board: batches with their seals, leavers' books.

In: how many lines. Out: plain values. Never: a subject's number, more queries for more lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, Subquery

from tuogu.ledger.kinds import EntryKind
from tuogu.ledger.models import Batch, SealedEntry

MOVING = (EntryKind.RELEASE, EntryKind.TRANSFER, EntryKind.RETURN_TO_POOL, EntryKind.UNDO)


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
    """A leaver's book that passed to the buffer group."""

    batch: int
    person: int
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
    rows = Batch.objects.filter(
        kind=EntryKind.LEAVE, leaver__isnull=False, posted__gt=0, effective_date__gte=since, undone_by=None
    ).order_by("-id")[:limit]
    return [RecentLeave(b.pk, b.leaver_id, b.effective_date, b.posted) for b in rows if b.leaver_id]


def seal_mark(digest: str | None) -> str:
    """First eight digits of a digest, as people compare them: '9c41·e07b'; '' for none."""
    return f"{digest[:4]}·{digest[4:8]}" if digest else ""
