"""The one place that creates workbooks: every text stays text, whatever it looks like.

In: a path and cells. Out: an XlsxWriter workbook whose sheets are `SafeSheet`s, each with the mark in force (N-13).
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

from tuogu.files.watermark import PROPERTY, Mark, mark_in_force

CELL_UNITS_MAX = 32_767  # UTF-16 units that Excel keeps in one cell
SHEET_ROWS_MAX = 1_048_576
CUT_MARK = "…（已截断）"
TEXT_FORMAT = "@"  # without it an edited "=1+1" would come alive in Excel
_A4 = 9  # as Excel counts papers
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

    def print_wide(self) -> None:
        """On paper: A4 lying, all columns on one page's width, the head on every page."""
        self.set_landscape()
        self.set_paper(_A4)
        self.fit_to_pages(1, 0)
        self.repeat_rows(0)


class SafeWorkbook(Workbook):  # type: ignore[misc]  # XlsxWriter ships no types
    """A workbook of `SafeSheet`s. With a mark, every sheet ends with its line and prints it at the head of each page."""

    worksheet_class = SafeSheet
    mark: Mark | None = None

    def close(self) -> None:
        """Marks the sheets, then writes the file."""
        if self.mark is not None and not self.fileclosed:
            self._stamp(self.mark)
        super().close()

    def _stamp(self, mark: Mark) -> None:
        faint = text_format(self, font_color="#7F7F7F", font_size=8)
        printed = mark.line.replace("&", "&&")
        for sheet in self.worksheets():
            sheet.write_string(0 if sheet.dim_rowmax is None else sheet.dim_rowmax + 1, 0, mark.line, faint)
            if not sheet.header:
                sheet.set_header(f"&R&8{printed}")
        self.set_properties({**self.doc_properties, "author": mark.who, "comments": mark.line})
        if mark.code:
            self.set_custom_property(PROPERTY, mark.code)


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
    workbook.mark = mark_in_force()
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
