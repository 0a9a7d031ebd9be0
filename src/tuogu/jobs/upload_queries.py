"""Reads about uploads, as plain values: their state, what their file looks like, what would not be accepted.

In: a key. Out: values and paths of files to fetch. Never: a cell in clear (samples and rejected cells were masked when
they were written down).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from tuogu.files import HeaderMapping
from tuogu.files.sketches import ColumnSketch, SheetSketch
from tuogu.jobs import uploads
from tuogu.jobs.models import Upload


@dataclass(frozen=True)
class UploadRecord:
    """One upload that waits to become an import, or became one (`import_run`)."""

    key: str
    file_name: str
    size_bytes: int
    data_date: date
    coverage: str
    city: str
    mapping: HeaderMapping
    asked_by: int
    asked_at: datetime
    preview_job: int | None
    import_job: int | None
    import_run: int | None
    purged_at: datetime | None


@dataclass(frozen=True)
class RejectedCell:
    """One reason why a row would come back; `value` is masked."""

    kind: str
    sheet: str
    row: int
    column: str
    value: str
    reason: str
    wrong: str
    advice: str
    detail: str


def upload(key: str) -> UploadRecord | None:
    """One upload; None when there is none."""
    row = Upload.objects.filter(key=key).first()
    return _record(row) if row else None


def open_uploads() -> list[UploadRecord]:
    """Uploads of everybody that are not imported yet, newest first."""
    rows = Upload.objects.filter(import_run__isnull=True, purged_at__isnull=True).order_by("-pk")
    return [_record(row) for row in rows]


def upload_of_run(import_run: int) -> UploadRecord | None:
    """The upload that became this import, while its files are kept."""
    row = Upload.objects.filter(import_run=import_run, purged_at__isnull=True).order_by("-pk").first()
    return _record(row) if row else None


def was_kept(import_run: int) -> bool:
    """Whether the rejected rows of this import were ever kept; an import of the command line may have none."""
    return Upload.objects.filter(import_run=import_run).exists()


def sketches(key: str) -> list[SheetSketch]:
    """What the sheets of the upload look like; [] before it was read."""
    found = uploads.read_json(key, uploads.SKETCH) or {"sheets": []}
    return [
        SheetSketch(
            sheet["name"], sheet["kind"], sheet["header_row"], sheet["rows"],
            tuple(ColumnSketch(c["header"], c["column"], tuple(c["samples"])) for c in sheet["columns"]),
            tuple(sheet["missing"]),
        )
        for sheet in found["sheets"]
    ]  # fmt: skip


def mapping_remembered(key: str) -> bool:
    """Whether the file was read by what was chosen for the same headers before."""
    return bool((uploads.read_json(key, uploads.SKETCH) or {}).get("remembered"))


def rejected_cells(key: str, *, start: int, size: int) -> tuple[list[RejectedCell], int]:
    """A stretch of the rejected rows by sheet and row, and how many there are."""
    file = uploads.result(key, uploads.REJECTED_ROWS)
    if file is None:
        return [], 0
    lines = pl.scan_parquet(file)
    columns = [pl.col(name).fill_null("") if name != "row" else pl.col(name) for name in _CELL]
    part = lines.slice(start, size).select(columns).collect()
    total = int(lines.select(pl.len()).collect().item())
    return [RejectedCell(*row) for row in part.iter_rows()], total


def reject_files(key: str) -> list[Path]:
    """The workbooks of rejected rows; more than one where a sheet was full."""
    where = uploads.folder(key)
    stem = Path(uploads.REJECTS).stem
    return sorted(where.glob(f"{stem}*.xlsx"), key=lambda path: (len(path.name), path.name))


_CELL = ("kind", "sheet", "row", "column", "value", "reason", "wrong", "advice", "detail")


def _record(row: Upload) -> UploadRecord:
    return UploadRecord(
        row.key, row.file_name, row.size_bytes, row.data_date, row.coverage, row.city,
        HeaderMapping.from_json(row.mapping), row.asked_by, row.asked_at, row.preview_job, row.import_job,
        row.import_run, row.purged_at,
    )  # fmt: skip
