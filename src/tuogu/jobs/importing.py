"""The two jobs of an upload: the dry run, which writes nothing to the books, and the import itself.

In: an upload's folder and what its clerk chose. Out: counts for the job's row; in the folder, what the file looks like
(`sketch.json`), how its first rows were understood (`understood.json`), its rejected rows as a list and as the same sheets
with a reason column. Never: a row of the file in the job's row; a second import of the same content.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from tuogu import files
from tuogu.books import queries as books
from tuogu.core.custody import business_date
from tuogu.core.intake_tables import RawWorkbook
from tuogu.core.reject_advice import ADVICE
from tuogu.files.plain_header import plain_header
from tuogu.files.sketches import SheetSketch
from tuogu.jobs import flow, reject_keeping, storing, understood, uploads
from tuogu.jobs.asked import Asked, Clock, scope_of
from tuogu.jobs.flow import BranchFile, FlowRefused
from tuogu.jobs.models import KnownHeaders, Upload
from tuogu.jobs.progress import Steps
from tuogu.renewals import queries as renewals

# steps with their share of the progress bar
READING = ("读取文件", 20)
PREPARING = (("规范数据", 15), ("载入地址编码簿", 5), ("编码与分类", 15))
PREVIEW_STEPS = (READING, *PREPARING, ("对照在库数据", 5), ("写出拒收行", 5))
IMPORT_STEPS = (READING, *PREPARING, ("入库并建立责任台账", 60), ("写出拒收行", 5))


def run_preview(asked: Asked, clock: Clock, progress: Steps) -> dict[str, Any]:
    """The dry run of an upload. Result: already (id of an import with the same content, or null), counts (see
    books.actions.import_books), sheets (rows of COUNTS), reasons [[code, words, rows]], rejected (rows), notes."""
    upload, scope = _upload(asked), scope_of(asked, clock)
    raw = _read(upload, progress)
    _take_over(upload, raw, clock)
    prepared = storing.prepare_file(
        raw,
        data_date=upload.data_date,
        classified_on=upload.data_date,
        city=upload.city or None,
        progress=progress,
        scope=scope,
    )
    with progress.step("对照在库数据"):
        today = business_date(clock())
        found = books.forecast(
            prepared.file.intake, prepared.book, coverage=upload.coverage, on=today, scope=scope
        )
        counts = found.counts if found.already else found.counts | renewals.motor_forecast(
            prepared.file.intake.motor, data_date=prepared.file.intake.books.data_date, on=today, in_post=found.in_post
        )  # fmt: skip
        coming = books.ahead(prepared.file.intake, prepared.book, prepared.stored, on=today)
        understood.write_understood(upload.key, prepared, coming.strangers)
    _write_rejects(upload.key, prepared.file, progress)
    return {"already": found.already, "counts": counts, "ahead": _ahead(coming)} | _about(prepared.file)


def run_import(asked: Asked, clock: Clock, progress: Steps) -> dict[str, Any]:
    """The import of an upload. Result as of the dry run, with import_run; `already` tells whether the content was there
    before this job was asked for. Run again after a crash, it finds its own import and says so."""
    upload = _upload(asked)
    raw = _read(upload, progress)
    _take_over(upload, raw, clock)
    imported = storing.import_file(
        raw, name=upload.file_name, coverage=upload.coverage, data_date=upload.data_date,
        classified_on=upload.data_date, city=upload.city or None, by=asked.by, clock=clock, progress=progress,
        scope=scope_of(asked, clock),
    )  # fmt: skip
    result = imported.result
    _write_rejects(upload.key, imported.prepared.file, progress)
    before = result.already and books.import_run(result.import_run).recorded_at < asked.at
    Upload.objects.filter(pk=upload.pk).update(import_run=result.import_run)
    if upload.mapping:
        _remember(upload, asked, clock)
    uploads.drop_source(upload.key)
    return {
        "import_run": result.import_run,
        "already": before,
        "counts": result.counts | imported.motor,
    } | _about(imported.prepared.file)


def _ahead(coming: books.Ahead) -> dict[str, Any]:
    """Counts alone: staff numbers that nobody bears may hold anything, they stay in the upload's folder."""
    return {
        "rows": [asdict(row) for row in coming.rows],
        "queue": coming.queue,
        "leaving": coming.leaving,
        "strangers": coming.strangers.height,
        "strangers_policies": int(coming.strangers["policies"].sum()),
    }


def _upload(asked: Asked) -> Upload:
    upload = Upload.objects.filter(key=asked.arguments["key"], purged_at__isnull=True).first()
    if upload is None:
        raise FlowRefused("上传的文件已按期删除，请重新上传")
    return upload


def _read(upload: Upload, progress: Steps) -> RawWorkbook:
    """Parse, write down what the file looks like, then read it as mapped."""
    path = uploads.source(upload.key)
    if path is None:
        raise FlowRefused("上传的文件已不在，请重新上传")
    try:
        with progress.step("读取文件"):
            parsed = files.parse(path)
            plain = files.sketch(parsed, files.HeaderMapping())
            mapping, remembered = _mapping(upload, plain)
            sketches = files.sketch(parsed, mapping) if mapping else plain
            uploads.write_json(
                upload.key,
                uploads.SKETCH,
                {"sheets": [asdict(sheet) for sheet in sketches], "header_key": header_key(plain),
                 "remembered": remembered},
            )  # fmt: skip
            return files.assemble(parsed, mapping=mapping)
    except files.FileRefused as refusal:
        raise FlowRefused(f"{upload.file_name}：{refusal}") from refusal


def _take_over(upload: Upload, raw: RawWorkbook, clock: Clock) -> None:
    """What the file itself says of its day and its coverage counts, not what the clerk chose; the page shows it."""
    upload.data_date = flow.day_described(
        raw, given=None, default=upload.data_date, today=business_date(clock())
    )
    upload.coverage = flow.coverage_of(raw, upload.coverage)
    Upload.objects.filter(pk=upload.pk).update(data_date=upload.data_date, coverage=upload.coverage)


def _mapping(upload: Upload, plain: list[SheetSketch]) -> tuple[files.HeaderMapping, bool]:
    """What the clerk chose for this upload, else what was last chosen for the same headers."""
    if upload.mapping:
        return files.HeaderMapping.from_json(upload.mapping), False
    known = KnownHeaders.objects.filter(header_key=header_key(plain)).first()
    return files.HeaderMapping.from_json(known.mapping if known else {}), known is not None


def header_key(sheets: list[SheetSketch]) -> str:
    """The identity of a set of headers: sheet names and plain headers, in the order of the file."""
    content = [[sheet.name, [plain_header(c.header) for c in sheet.columns]] for sheet in sheets]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _remember(upload: Upload, asked: Asked, clock: Clock) -> None:
    sketch = uploads.read_json(upload.key, uploads.SKETCH) or {}
    if "header_key" in sketch:
        KnownHeaders.objects.update_or_create(
            header_key=sketch["header_key"],
            defaults={"mapping": upload.mapping, "by": asked.by, "at": clock()},
        )


def _about(file: BranchFile) -> dict[str, Any]:
    """Counts of sheets, rejected rows and reasons; nothing of a row."""
    rejects = file.intake.rejects
    by_reason = rejects.group_by("reason").len().sort("len", "reason", descending=[True, False])
    return {
        "sheets": file.intake.counts.to_dicts(),
        "rejected": rejects.select("sheet", "row").n_unique(),
        "reasons": [[code, ADVICE[code][0], count] for code, count in by_reason.iter_rows()],
        "notes": list(file.raw.notes),
        "city": file.city,
    }


def _write_rejects(key: str, file: BranchFile, progress: Steps) -> None:
    with progress.step("写出拒收行"):
        reject_keeping.write_rejects(key, file)
