"""Which cells of a workbook Excel shows as percentages: calamine hands over their fraction alone, and 0.855 does not say
that a person reads 85.5 %.

In: a verified workbook. Out: for each sheet the cells; a fraction written as Excel shows it, with every digit.
Never: an XML parser, so never an entity; a float multiplied.
"""

from __future__ import annotations

import re
import zipfile
from decimal import Decimal, InvalidOperation

from tuogu.files.parsing.error_cells import column_of, head_of_part, parts_of_sheets

Cells = set[tuple[int, int]]  # (row as Excel shows it, zero-based column)

_STYLES = "xl/styles.xml"
_BUILT_IN = {9, 10}  # 0% and 0.00%
_CELLS_MAX = 400_000  # further ones stay fractions
_PIECE_BYTES, _OVERLAP_BYTES = 1 << 16, 512
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^>]*>")
_FORMAT_ID, _FORMAT_CODE = (
    re.compile(rb'\bnumFmtId="([0-9]{1,6})"'),
    re.compile(rb'\bformatCode="([^"]{0,500})"'),
)
_CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\s[^>]*>")
_QUOTED = re.compile(rb"&quot;.*?&quot;|\\.")


def percent_cells(archive: zipfile.ZipFile) -> list[Cells]:
    """Percentage cells by position of the sheet in the workbook. The parts must have been verified before: they are
    unpacked a second time here, and only where the workbook has a percentage style at all."""
    styles = _percent_styles(archive)
    if not styles:
        return []
    cell, room, sheets, parts = _pattern(styles), _CELLS_MAX, [], set(archive.namelist())
    for part in parts_of_sheets(archive):
        found = _found(archive, part, cell, room) if part in parts else set()
        room -= len(found)
        sheets.append(found)
    return sheets


def _found(archive: zipfile.ZipFile, part: str, cell: re.Pattern[bytes], room: int) -> Cells:
    """The cells of one part, read piece by piece; an overlap finds cells that two pieces share."""
    found: Cells = set()
    tail = b""
    with archive.open(part) as file:
        while len(found) < room and (piece := file.read(_PIECE_BYTES)):
            text = tail + piece
            tail = text[-_OVERLAP_BYTES:]
            found.update((int(digits), column_of(letters)) for letters, digits in cell.findall(text))
    return found


def as_percent(number: str) -> str:
    """0.2999 as 29.99%: the point moves, no arithmetic on floats."""
    try:
        return f"{Decimal(number).scaleb(2).normalize():f}%"
    except InvalidOperation:
        return number


def _percent_styles(archive: zipfile.ZipFile) -> list[int]:
    """Positions of the cell styles whose number format is a percentage."""
    if _STYLES not in archive.namelist():
        return []
    text = head_of_part(archive, _STYLES)
    formats = set(_BUILT_IN)
    for tag in _FORMAT.findall(text):
        number, code = _FORMAT_ID.search(tag), _FORMAT_CODE.search(tag)
        if number and code and b"%" in _QUOTED.sub(b"", code.group(1)):
            formats.add(int(number.group(1)))
    table = _CELL_STYLES.search(text)
    styles = _STYLE.findall(table.group(0)) if table else []
    ids = [_FORMAT_ID.search(style) for style in styles]
    return [place for place, number in enumerate(ids) if number and int(number.group(1)) in formats]


def _pattern(styles: list[int]) -> re.Pattern[bytes]:
    """A numeric cell in one of these styles: its column letters and row."""
    either = b"|".join(str(style).encode() for style in styles)
    return re.compile(
        rb'<(?:\w+:)?c\s(?=[^>]*\bs="(?:'
        + either
        + rb')")(?![^>]*\bt="(?!n"))[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"'
    )
