"""Whose copy a file is: one visible line in every sheet, read back when a copy turns up, passed over on re-import.

In: who takes the file, when, under which export. Out: the line; what a text or a file says about its own copy. Never: a
writer that can forget it: `safe_excel` and `safe_csv` ask for the mark in force themselves; a mark read as a row of data.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl

from tuogu.core.custody import SHANGHAI

WORD = "水印"  # how the line begins; nothing else in a file of ours begins so
PROPERTY = "tuogu_export"  # the custom property of a workbook that holds the export's code
CODE = re.compile(r"\b[EV]\d{8}-[A-Z2-7]{8}\b")  # E an export, V a page that was printed
_LINE = rf"^'?{WORD} · "
_PROPERTIES = ("docProps/core.xml", "docProps/custom.xml")
_PROPERTY_BYTES_MAX = 1_000_000


@dataclass(frozen=True)
class Mark:
    """Who takes the copy (name and staff number), when, and the export's code ('' for a file of the command line)."""

    who: str
    at: datetime
    code: str = ""

    @property
    def line(self) -> str:
        """As it stands in a sheet."""
        parts = [
            WORD,
            self.who,
            f"{self.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            self.code,
            "内部资料，不得外传",
        ]
        return " · ".join(part for part in parts if part)


_IN_FORCE: ContextVar[Mark | None] = ContextVar("mark_in_force", default=None)


@contextmanager
def marked(mark: Mark) -> Iterator[None]:
    """Every workbook and csv file opened while the block runs carries the mark."""
    token = _IN_FORCE.set(mark)
    try:
        yield
    finally:
        _IN_FORCE.reset(token)


def mark_in_force() -> Mark | None:
    """The mark that a file opened now must carry; None outside `marked` (templates, invented data)."""
    return _IN_FORCE.get()


def marked_copy(source: Path, target: Path, mark: Mark) -> None:
    """Copy a workbook that we wrote earlier and mark the copy: a line below each sheet, and the document's description."""
    line = escape(mark.line)
    with zipfile.ZipFile(source) as read, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for part in read.infolist():
            content = read.read(part)
            if part.filename.startswith("xl/worksheets/sheet"):
                content = _with_last_row(content.decode(), line).encode()
            elif part.filename == _PROPERTIES[0]:
                described = f"<dc:description>{line}</dc:description></cp:coreProperties>"
                content = content.decode().replace("</cp:coreProperties>", described).encode()
            written.writestr(part, content)


def _with_last_row(sheet: str, line: str) -> str:
    rows = [int(number) for number in re.findall(r'<row r="(\d+)"', sheet)]
    at = max(rows, default=0) + 1
    cell = f'<row r="{at}"><c r="A{at}" t="inlineStr"><is><t>{line}</t></is></c></row>'
    return sheet.replace("<sheetData/>", "<sheetData></sheetData>").replace(
        "</sheetData>", f"{cell}</sheetData>"
    )


def without_marks(frame: pl.DataFrame) -> pl.DataFrame:
    """A parsed sheet (columns c0, c1 …) without the lines that are marks, wherever somebody has moved them."""
    if "c0" not in frame.columns:
        return frame
    return frame.filter(~pl.col("c0").str.contains(_LINE).fill_null(value=False))


def codes_in(texts: Iterable[str]) -> list[str]:
    """Codes of exports and printed pages in some texts, each once, in their order."""
    return list(dict.fromkeys(code for text in texts for code in CODE.findall(text)))


def codes_in_properties(path: Path) -> list[str]:
    """Codes in the document properties of a workbook; [] for what is no workbook or was cleaned."""
    if not zipfile.is_zipfile(path):
        return []
    found: list[str] = []
    with zipfile.ZipFile(path) as archive:
        for name in set(archive.namelist()) & set(_PROPERTIES):
            with archive.open(name) as part:
                found += codes_in([part.read(_PROPERTY_BYTES_MAX).decode("utf-8", "ignore")])
    return list(dict.fromkeys(found))
