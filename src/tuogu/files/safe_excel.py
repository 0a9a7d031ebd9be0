"""The one place that creates workbooks: every text stays text, whatever it looks like.

In: a path and cells. Out: an XlsxWriter workbook whose sheets are `SafeSheet`s.
Never: a value that becomes a formula, a link or a number by itself; raw XML; a text cut without a mark.
A formula is written only where a writer calls `write_formula` with a formula of its own.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

CELL_UNITS_MAX = 32_767  # UTF-16 units that Excel keeps in one cell
SHEET_ROWS_MAX = 1_048_576
CUT_MARK = "…（已截断）"
TEXT_FORMAT = "@"  # without it an edited "=1+1" would come alive in Excel
_ZIP_EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001 (a document property without a zone; fixed so that bytes repeat)


def safe_text(text: str) -> str:
    """`text` as a cell may hold it: cut with a mark at Excel's limit, never read as rich-text XML.

    XlsxWriter copies a string from <r> to </r> into the file unescaped; a trailing space,
    which readers strip, keeps it a plain string.
    """
    if (
        len(text) > CELL_UNITS_MAX // 2
        and len(text.encode("utf-16-le", "surrogatepass")) // 2 > CELL_UNITS_MAX
    ):
        kept = text.encode("utf-16-le", "surrogatepass")[: 2 * (CELL_UNITS_MAX - len(CUT_MARK))]
        text = kept.decode("utf-16-le", "ignore") + CUT_MARK
    if text.startswith("<r>") and text.endswith("</r>"):
        text += " "
    return text


class SafeSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter ships no types
    """A worksheet that passes every string through `safe_text`, by whichever method it is written."""

    def _write_string(self, row: int, col: int, string: str, cell_format: Format | None = None) -> int:
        return int(super()._write_string(row, col, safe_text(string), cell_format))


class SafeWorkbook(Workbook):  # type: ignore[misc]  # XlsxWriter ships no types
    """A workbook of `SafeSheet`s."""

    worksheet_class = SafeSheet


def open_workbook(
    path: str | Path | BytesIO, *, constant_memory: bool = False, created: datetime = _ZIP_EPOCH
) -> SafeWorkbook:
    """A new workbook at `path` (or in memory); use it as a context manager, or close it.

    `constant_memory` writes rows in order at flat memory: for sheets of more than about 100,000 rows.
    """
    workbook = SafeWorkbook(
        path if isinstance(path, BytesIO) else str(path),
        {
            "constant_memory": constant_memory,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    workbook.set_properties({"created": created})
    return workbook


def text_format(workbook: SafeWorkbook, **properties: object) -> Format:
    """A cell format that keeps what is typed over it as text (identifiers, phones, policy numbers)."""
    return workbook.add_format({"num_format": TEXT_FORMAT, **properties})


def write_text(
    sheet: SafeSheet, row: int, column: int, text: str | None, cell_format: Format | None = None
) -> None:
    """Write `text` as a string cell (zero-based row and column); None leaves the cell blank but formatted."""
    if text is None:
        sheet.write_blank(row, column, None, cell_format)
    else:
        sheet.write_string(row, column, text, cell_format)
