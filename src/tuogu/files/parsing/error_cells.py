"""Where a workbook holds Excel errors (#N/A, #REF! …) or formulas that were never computed: calamine hands both over as
empty cells.

In: pieces of worksheet parts as they are unpacked, and the two small parts that name the sheets.
Out: for each sheet, (row, column) → error text, or NO_RESULT. Never: an XML parser, so never an entity.

A lookup that failed must come back as an error: read as blank, a policy would lose its agent. The same goes for a formula
that a program wrote and no Excel ever computed; one that Excel computed to an empty text has t="str" and is none.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections import defaultdict

NO_RESULT = "#NO_RESULT!"  # what core.standardise_text knows as a formula without a result
Errors = dict[tuple[int, int], str]

_CELLS_MAX = 200_000  # further ones stay blank
_OVERLAP_BYTES = 2048
_SMALL_PART_BYTES = 4 << 20
_CELL = re.compile(
    rb'<(?:\w+:)?c\s(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*>(?:(?!</(?:\w+:)?c>).){0,1500}?'
    rb"<(?:\w+:)?v>(#[^<]{1,12})</",
    re.DOTALL,
)
_UNCOMPUTED = re.compile(
    rb'<(?:\w+:)?c\s(?![^>]*\bt=")[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*>\s*'
    rb"<(?:\w+:)?f(?:\s[^>]{0,200})?(?:/>|>[^<]{0,1500}</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s{0,3}/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_SHEET = re.compile(rb'<(?:\w+:)?sheet\s[^>]*?\b\w+:id="([^"]+)"')
_RELATIONSHIP = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_ID, _TARGET = re.compile(rb'\bId="([^"]+)"'), re.compile(rb'\bTarget="([^"]+)"')


class ErrorFinder:
    """Collects error cells while a zip is being unpacked; ask `of_sheets` at the end."""

    def __init__(self) -> None:
        self._found: defaultdict[str, Errors] = defaultdict(dict)
        self._tail = b""
        self._count = 0

    def start(self) -> None:
        """A new part begins."""
        self._tail = b""

    def look(self, part: str, piece: bytes) -> None:
        """Search the next piece of a part; an overlap finds cells that two pieces share."""
        if not part.startswith("xl/worksheets/") or self._count >= _CELLS_MAX:
            return
        text = self._tail + piece
        self._tail = text[-_OVERLAP_BYTES:]
        if b't="e"' in text:
            for letters, digits, error in _CELL.findall(text):
                self._found[part][int(digits), column_of(letters)] = error.decode("ascii", "replace")
        if b"f>" in text or b"<f" in text:
            for letters, digits in _UNCOMPUTED.findall(text):
                self._found[part].setdefault((int(digits), column_of(letters)), NO_RESULT)
        self._count = sum(map(len, self._found.values()))

    def of_sheets(self, archive: zipfile.ZipFile) -> list[Errors]:
        """Error cells by position of the sheet in the workbook."""
        return [self._found.get(part, {}) for part in parts_of_sheets(archive)] if self._found else []


def parts_of_sheets(archive: zipfile.ZipFile) -> list[str]:
    """The part of each sheet by its position in the workbook; '' where none is named."""
    if "xl/_rels/workbook.xml.rels" not in archive.namelist():
        return []
    targets = {}
    for tag in _RELATIONSHIP.findall(head_of_part(archive, "xl/_rels/workbook.xml.rels")):
        name, target = _ID.search(tag), _TARGET.search(tag)
        if name and target:
            targets[name.group(1)] = _part_name(target.group(1).decode("utf-8", "replace"))
    return [targets.get(name, "") for name in _SHEET.findall(head_of_part(archive, "xl/workbook.xml"))]


def head_of_part(archive: zipfile.ZipFile, part: str) -> bytes:
    """The beginning of a small part."""
    with archive.open(part) as file:
        return file.read(_SMALL_PART_BYTES)


def _part_name(target: str) -> str:
    """A relationship's target as a part name: relative to xl/, or from the root."""
    return posixpath.normpath(target.lstrip("/") if target.startswith("/") else f"xl/{target}")


def column_of(letters: bytes) -> int:
    """Zero-based column of A, B … XFD."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
