"""A copy turned up: which export does it come from? By its watermark, and where that was cut away, by its invented rows.
A signed paper bears no mark of ours and is known by its digest: that of its bytes, or the one that is printed in it.

In: the texts of a file, or the file itself (untrusted: parsed in the parsing process). Out: the exports that it points to,
each with what pointed there. Never: the file kept; a guess: two numbers that merely look alike point nowhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
from django.db.models import Q

from tuogu import files
from tuogu.accesslog import queries as seen
from tuogu.bulk import in_parts
from tuogu.exports.building import printed_note
from tuogu.exports.models import Act, Canary, Export
from tuogu.exports.reading import ExportRow, rows_of
from tuogu.files.refusal import FileRefused
from tuogu.files.watermark import codes_in, codes_in_properties

_PLAIN_BYTES_MAX = 20_000_000  # of a file that is no table: text of a mail, a page saved from a browser
_BATCH = 10_000
_SHA256 = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


@dataclass(frozen=True)
class Trace:
    """One export that a file points to. `marked`: by a watermark; `canaries`: how many invented rows it holds; `digest`:
    it is that very file, or bears the digest of its content. Several people may have taken the same signed paper."""

    export: ExportRow
    marked: bool
    canaries: int
    digest: bool = False


@dataclass(frozen=True)
class Found:
    """Exports, the most certain first, and printed pages by their marks."""

    exports: list[Trace]
    printed: list[seen.Look]


def trace_file(path: Path, *, now: datetime) -> Found:
    """What a file points to: cells of tables, properties of workbooks, the text of anything else."""
    properties = [*codes_in_properties(path), _digest(path)]
    try:
        texts: Iterable[str] = _cells(path)
    except FileRefused:
        with path.open("rb") as file:
            texts = file.read(_PLAIN_BYTES_MAX).decode("utf-8", "ignore").split()
    return trace([*properties, *texts], now=now)


def trace(texts: Iterable[str], *, now: datetime) -> Found:
    """What some texts point to."""
    found = [text.strip() for text in texts]
    codes = codes_in(found)
    marked = set(Export.objects.filter(code__in=codes).values_list("pk", flat=True))
    hits, same = _hits(found), _same(found)
    rows = rows_of(Export.objects.filter(pk__in=marked | set(hits) | same), now)
    exports = [Trace(row, row.id in marked, hits.get(row.id, 0), row.id in same) for row in rows]
    exports.sort(key=lambda t: (not t.marked, not t.digest, -t.canaries, t.export.id))
    return Found(exports, seen.printed_pages(codes))


def _cells(path: Path) -> list[str]:
    """Every cell of every sheet, the hidden ones as well."""
    found: list[str] = []
    for sheet in files.parse(path):
        found += sheet.header or ()
        for column in sheet.frame.drop("_row").iter_columns():
            found += column.drop_nulls().cast(pl.String).to_list()
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _same(texts: list[str]) -> set[int]:
    """Exports of the very file, or of the paper whose digest is printed in it."""
    digests = sorted({found for text in texts for found in _SHA256.findall(text)})[: _BATCH // 2]
    if not digests:
        return set()
    named = Q(digest__in=digests) | Q(note__in=[printed_note(digest) for digest in digests])
    return set(Act.objects.filter(named, kind=Act.Kind.BUILT).values_list("export_id", flat=True))


def _hits(texts: list[str]) -> dict[int, int]:
    """export → how many of its invented numbers are among the texts."""
    wanted = sorted({text for text in texts if text.isalnum()})
    hits: dict[int, int] = {}
    for part in in_parts(wanted, _BATCH):
        for export in Canary.objects.filter(number__in=part).values_list("export_id", flat=True):
            hits[export] = hits.get(export, 0) + 1
    return hits
