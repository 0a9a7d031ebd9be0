"""A list of a page as a workbook: one sheet, text as text, frozen head, widths that fit, ready to print.

In: a title and columns of plain values. Out: the workbook in memory, at its beginning. Never: a number that was text (a
policy number, a phone) turned into one; a formula.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime

from tuogu.files.safe_excel import SafeWorkbook, open_workbook, text_format, write_text

Value = str | int | float | date | None
_WIDE, _WIDTH_MAX = 0x2E80, 40  # from this character on a letter is two columns wide


def write_list(
    title: str, columns: Sequence[tuple[str, Sequence[Value]]], *, created: datetime
) -> io.BytesIO:
    """One sheet named `title`, one column for each (head, values)."""
    buffer = io.BytesIO()
    with open_workbook(buffer, created=created.replace(tzinfo=None)) as workbook:
        sheet = workbook.add_worksheet(title)
        formats = _formats(workbook)
        for place, (head, values) in enumerate(columns):
            write_text(sheet, 0, place, head, formats["head"])
            for row, value in enumerate(values, start=1):
                _write(sheet, row, place, value, formats)
            sheet.set_column(place, place, _width([head, *values]))
        rows = len(columns[0][1]) if columns else 0
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, rows, max(len(columns) - 1, 0))
        sheet.print_wide()
        sheet.set_footer("&L&A&R&P / &N")
    buffer.seek(0)
    return buffer


def _formats(workbook: SafeWorkbook) -> dict[str, object]:
    return {
        "head": text_format(workbook, bold=True, bottom=1),
        "text": text_format(workbook),
        "day": workbook.add_format({"num_format": "yyyy-mm-dd"}),
        "money": workbook.add_format({"num_format": "#,##0.00"}),
        "count": workbook.add_format({"num_format": "#,##0"}),
    }


def _write(sheet: object, row: int, place: int, value: Value, formats: dict[str, object]) -> None:
    if isinstance(value, date):
        sheet.write_datetime(row, place, value, formats["day"])
    elif isinstance(value, (int, float)):
        sheet.write_number(row, place, value, formats["money" if isinstance(value, float) else "count"])
    else:
        write_text(sheet, row, place, value, formats["text"])


def _width(values: Sequence[Value]) -> float:
    longest = max(
        (sum(2 if ord(c) >= _WIDE else 1 for c in str(v)) for v in values if v is not None), default=8
    )
    return min(max(longest + 2, 8), _WIDTH_MAX)
