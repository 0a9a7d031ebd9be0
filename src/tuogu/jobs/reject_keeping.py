"""The rejected rows of an import, kept beside the uploads: as a list for the page and as workbooks to correct.

In: an upload's key, or an import of the command line, which had no upload. Out: files in the folder of uploads, deleted
after the same days as any upload. Never: a cell in the database.
"""

from __future__ import annotations

from datetime import datetime

from tuogu import files
from tuogu.core.rejected_cells import rejected_cells
from tuogu.jobs import uploads
from tuogu.jobs.flow import BranchFile
from tuogu.jobs.models import Upload
from tuogu.jobs.storing import Imported


def write_rejects(key: str, file: BranchFile) -> None:
    """Write them into the upload's folder; nothing when no row was rejected."""
    if file.intake.rejects.is_empty():
        return
    lines = uploads.place(key, uploads.REJECTED_ROWS)
    rejected_cells(file.raw, file.intake.rejects).write_parquet(lines)
    written = files.write_rejects(file.raw, file.intake, uploads.place(key, uploads.REJECTS))
    for path in (lines, *written):
        uploads.settle(path)


def keep_rejects(imported: Imported, *, name: str, coverage: str, by: int, at: datetime) -> None:
    """Keep them for an import that was not uploaded, so that its page can show and hand them out. Once an import."""
    file, run = imported.prepared.file, imported.result.import_run
    if file.intake.rejects.is_empty() or Upload.objects.filter(import_run=run).exists():
        return
    key = uploads.new_key()
    write_rejects(key, file)
    Upload.objects.create(
        key=key, file_name=name[:255], size_bytes=0, data_date=file.intake.books.data_date, coverage=coverage,
        city=file.city, asked_by=by, asked_at=at, import_run=run,
    )  # fmt: skip
