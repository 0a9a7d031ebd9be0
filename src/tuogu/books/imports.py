"""Reads of the accepted files: the list of imports, one import, its rejected rows, the request to take it back.

In: ids, a place to page from. Out: plain values. Never: the content of a rejected row (only its reason, masked).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from tuogu.books.failures import ImportRefused
from tuogu.books.models import ImportRevert, ImportRun, Reject
from tuogu.core.custody import SHANGHAI
from tuogu.core.reject_advice import ADVICE

IMPORT_STATES = ("stored", "rejects", "asked", "reverted")  # as the list calls them; each import is in one


@dataclass(frozen=True)
class RevertRequest:
    """A wish to take an import back, and what was decided."""

    state: str  # asked | done | declined
    reason: str
    asked_by: int
    asked_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    outcome: dict[str, int]


@dataclass(frozen=True)
class ImportRecord:
    """One accepted file. `sheets`: rows of COUNTS (empty for imports of earlier versions)."""

    id: int
    file_name: str
    data_date: date
    coverage: str
    by: int
    recorded_at: datetime
    reverted_at: datetime | None
    counts: dict[str, int]
    sheets: tuple[dict[str, Any], ...]
    revert: RevertRequest | None  # the newest

    @property
    def read(self) -> int:
        return sum(sheet["read"] for sheet in self.sheets)

    @property
    def accepted(self) -> int:
        return sum(sheet["accepted"] for sheet in self.sheets)

    @property
    def rejected(self) -> int:
        return int(self.counts.get("rejected", 0))


@dataclass(frozen=True)
class RejectedLine:
    """One reason why a row came back; `value` is masked, '' where it was not kept."""

    sheet: str
    row: int
    column: str
    value: str
    wrong: str
    advice: str


def import_run(run_id: int) -> ImportRecord:
    """One import; ImportRefused when there is none."""
    row = ImportRun.objects.prefetch_related("reverts").filter(pk=run_id).first()
    if row is None:
        raise ImportRefused(f"没有导入 {run_id}")
    return _record(row)


@dataclass(frozen=True)
class ImportFilter:
    """Which imports a list shows; the default is all. `first` and `last` are business days of storing."""

    name: str = ""  # part of the file's name
    by: int | None = None
    first: date | None = None
    last: date | None = None
    coverage: str = ""
    state: str = ""  # one of IMPORT_STATES


def import_page(*, before: int | None, size: int, wanted: ImportFilter | None = None) -> list[ImportRecord]:
    """Up to `size` imports older than the id `before` (None = from the newest), newest first."""
    rows = _wanted(wanted or ImportFilter()).prefetch_related("reverts").order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_record(row) for row in rows[:size]]


def newest_import() -> tuple[ImportRecord | None, date | None]:
    """The newest file, without who wants it taken back, and the newest data date of all files: one query."""
    latest = ImportRun.objects.order_by("-data_date").values("data_date")[:1]
    row = ImportRun.objects.annotate(latest=Subquery(latest)).order_by("-id").first()
    return (None, None) if row is None else (_told(row, None), row.latest)


def importers() -> list[int]:
    """Everybody who ever imported a file."""
    return list(ImportRun.objects.order_by().values_list("by_id", flat=True).distinct())


def _wanted(wanted: ImportFilter) -> QuerySet[ImportRun]:
    rows = ImportRun.objects.all()
    if wanted.name:
        rows = rows.filter(file_name__icontains=wanted.name)
    if wanted.by is not None:
        rows = rows.filter(by_id=wanted.by)
    if wanted.first is not None:
        rows = rows.filter(recorded_at__gte=datetime.combine(wanted.first, time(), SHANGHAI))
    if wanted.last is not None:
        rows = rows.filter(
            recorded_at__lt=datetime.combine(wanted.last + timedelta(days=1), time(), SHANGHAI)
        )
    if wanted.coverage:
        rows = rows.filter(coverage=wanted.coverage)
    asked = Exists(ImportRevert.objects.filter(import_run=OuterRef("pk"), state=ImportRevert.State.ASKED))
    stands = Q(reverted_at__isnull=True)
    whole = Q(counts__rejected=0) | Q(counts__rejected__isnull=True)  # an early import did not count them
    states = {
        "reverted": ~stands,
        "asked": stands & asked,
        "rejects": stands & ~asked & Q(counts__rejected__gt=0),
        "stored": stands & ~asked & whole,
    }
    return rows.filter(states[wanted.state]) if wanted.state else rows


def import_count() -> int:
    """How many files were accepted."""
    return ImportRun.objects.count()


def open_reverts() -> list[ImportRecord]:
    """Imports that somebody asked to take back and nobody has decided on, oldest request first."""
    asked = (
        ImportRevert.objects.filter(state=ImportRevert.State.ASKED)
        .order_by("pk")
        .values_list("import_run", flat=True)
    )
    found = {row.pk: row for row in ImportRun.objects.prefetch_related("reverts").filter(pk__in=list(asked))}
    return [_record(found[pk]) for pk in asked]


def import_rejects(run_id: int, *, start: int, size: int) -> list[RejectedLine]:
    """Reasons of the rejected rows of an import, by sheet and row. What the cells held is not kept."""
    rows = Reject.objects.filter(import_run_id=run_id).order_by("sheet", "row", "id")[start : start + size]
    return [
        RejectedLine(r.sheet, r.row, r.header or "", "", *ADVICE.get(r.reason, (r.detail or "", "")))
        for r in rows
    ]


def import_reject_count(run_id: int) -> int:
    """How many reasons `import_rejects` has."""
    return Reject.objects.filter(import_run_id=run_id).count()


def _record(row: ImportRun) -> ImportRecord:
    reverts = sorted(row.reverts.all(), key=lambda r: r.pk)
    return _told(row, _request(reverts[-1]) if reverts else None)


def _told(row: ImportRun, revert: RevertRequest | None) -> ImportRecord:
    return ImportRecord(
        row.pk, row.file_name, row.data_date, row.coverage, row.by_id, row.recorded_at, row.reverted_at, row.counts,
        tuple(row.sheets), revert,
    )  # fmt: skip


def _request(row: ImportRevert) -> RevertRequest:
    return RevertRequest(
        row.state, row.reason, row.asked_by_id, row.asked_at, row.decided_by_id, row.decided_at, row.outcome
    )
