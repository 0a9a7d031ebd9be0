"""One printed sheet of a register: heading rows, frozen header, print titles, page numbers, rows.

In: an open workbook, columns and rows of plain values. Out: a worksheet that prints on A4 landscape.
Never: a column cut off by the page's edge, an identifier as a number, a cell written out of row order (large
workbooks are written at flat memory).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
from xlsxwriter.format import Format

from tuogu.files.register_stationery import BODY_FONT, ROW_POINTS, Column, Stationery, row_heights, widths
from tuogu.files.safe_excel import SHEET_ROWS_MAX, SafeSheet

HEADER_ROW = 2  # title, subtitle, header: the three rows that every printed page repeats
TITLE_POINTS, SUBTITLE_POINTS, HEADER_POINTS = 30, 17, 20
_A4_LANDSCAPE_POINTS = (842, 595)
_MARGIN_INCHES = {"left": 0.4, "right": 0.4, "top": 0.45, "bottom": 0.55}
_POINTS_AN_INCH = 72
_POINTS_A_CHARACTER = (
    8.0  # 5.6 under Calibri, 7.9 where a wider font stands in for it: the page must hold all
)


def open_sheet(
    stationery: Stationery,
    name: str,
    title: str,
    subtitle: str,
    columns: Sequence[Column],
    wide: Sequence[float],
    printed: int | None = None,
) -> SafeSheet:
    """A new worksheet with heading rows and print set-up; its rows start at HEADER_ROW + 1.

    The title spans the first `printed` columns (all by default); columns to the right are for filters only.
    """
    sheet: SafeSheet = stationery.workbook.add_worksheet(name)
    for index, width in enumerate(wide):
        sheet.set_column(index, index, width)
    last = (printed or len(columns)) - 1
    sheet.set_row(0, TITLE_POINTS)
    sheet.merge_range(0, 0, 0, last, title, stationery.line(16, bold=True, align="center"))
    sheet.set_row(1, SUBTITLE_POINTS)
    sheet.merge_range(1, 0, 1, last, subtitle, stationery.line(9, colour="#5D6878", align="center"))
    sheet.set_row(HEADER_ROW, HEADER_POINTS)
    for index, column in enumerate(columns):
        sheet.write_string(HEADER_ROW, index, column.header, stationery.cell(fill="header"))
    sheet.set_default_row(ROW_POINTS)
    sheet.freeze_panes(HEADER_ROW + 1, 0)
    sheet.hide_gridlines(2)
    _set_up_page(sheet, title)
    return sheet


def _set_up_page(sheet: SafeSheet, title: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(**_MARGIN_INCHES)
    sheet.repeat_rows(0, HEADER_ROW)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f'&L&"{BODY_FONT}"&9{title.replace("&", "&&")}&R&"{BODY_FONT}"&9第 &P 页，共 &N 页')


def fit_page(sheet: SafeSheet, wide: Sequence[float], points_high: float) -> None:
    """Scale so that all columns and `points_high` fit a page: manual breaks hold only without 'fit to'."""
    points_wide = sum(width * _POINTS_A_CHARACTER for width in wide)
    paper_wide, paper_high = _A4_LANDSCAPE_POINTS
    margins = _MARGIN_INCHES
    room_wide = paper_wide - (margins["left"] + margins["right"]) * _POINTS_AN_INCH
    room_high = paper_high - (margins["top"] + margins["bottom"]) * _POINTS_AN_INCH
    sheet.set_print_scale(int(100 * min(1, room_wide / points_wide, room_high / points_high)))


def write_row(
    sheet: SafeSheet,
    stationery: Stationery,
    row: int,
    columns: Sequence[Column],
    values: Iterable[Any],
    fill: str = "body",
    start: int = 0,
) -> None:
    """One row of cells from column `start` on, zero-based; None leaves a framed blank. Money is in fen."""
    looks = stationery.row(columns, fill)
    for index, (column, look, value) in enumerate(zip(columns, looks, values, strict=True), start=start):
        _write_cell(sheet, row, index, column, value, look)


def _write_cell(sheet: SafeSheet, row: int, index: int, column: Column, value: Any, look: Format) -> None:
    if value is None:
        sheet.write_blank(row, index, None, look)
    elif column.kind in ("text", "label"):
        sheet.write_string(row, index, value, look)
    elif column.kind == "date":
        sheet.write_datetime(row, index, value, look)
    else:
        sheet.write_number(row, index, value / 100 if column.kind == "money" else value, look)


def write_table(
    stationery: Stationery,
    name: str,
    title: str,
    subtitle: str,
    columns: Sequence[Column],
    frame: pl.DataFrame,
    totals: Sequence[Any] | None = None,
) -> None:
    """A whole plain table: header, rows, autofilter. What exceeds a sheet goes on to 'name（2）'.

    A column `fill` in the frame names each row's ground (a key of the palette). `totals`: the values of a last row, below
    what the filter hides.
    """
    wide = widths(frame, columns)
    if totals is not None:  # a sum is longer than what it sums
        wide = [
            max(width, len(f"{value:,}") + 2.5) if isinstance(value, int) else width
            for width, value in zip(wide, totals, strict=True)
        ]
    room = SHEET_ROWS_MAX - HEADER_ROW - 1 - (totals is not None)
    parts = max(1, -(-frame.height // room))
    for part in range(parts):
        rows = frame.slice(part * room, room)
        suffix = f"（{part + 1}）" if part else ""
        sheet = open_sheet(stationery, name + suffix, title + suffix, subtitle, columns, wide)
        write_rows(sheet, stationery, HEADER_ROW + 1, columns, rows, row_heights(rows, columns, wide))
        if rows.is_empty():
            empty_row(sheet, stationery, columns)
        if totals is not None and part == parts - 1:
            write_row(sheet, stationery, HEADER_ROW + 1 + rows.height, columns, totals, "total")
        sheet.autofilter(HEADER_ROW, 0, max(HEADER_ROW + rows.height, HEADER_ROW + 1), len(columns) - 1)


def write_rows(
    sheet: SafeSheet,
    stationery: Stationery,
    first: int,
    columns: Sequence[Column],
    frame: pl.DataFrame,
    heights: pl.Series | None = None,
) -> None:
    """Rows of a frame from row `first` on (a cell is a call: XlsxWriter has no whole-column write)."""
    fills = frame["fill"].to_list() if "fill" in frame.columns else None
    shown = frame.select(column.name for column in columns)
    for offset, values in enumerate(shown.iter_rows()):
        if heights is not None:
            sheet.set_row(first + offset, heights[offset])
        write_row(sheet, stationery, first + offset, columns, values, fills[offset] if fills else "body")


def empty_row(sheet: SafeSheet, stationery: Stationery, columns: Sequence[Column]) -> None:
    """Say that there is nothing, instead of leaving a blank sheet that looks like a fault."""
    sheet.merge_range(
        HEADER_ROW + 1,
        0,
        HEADER_ROW + 1,
        len(columns) - 1,
        "（无）",
        stationery.cell(fill="plain", centred=True),
    )
