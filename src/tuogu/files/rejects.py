"""The rejected rows go back to the clerk: the same sheets, the same columns, and why.

In: a RawWorkbook and its Intake. Out: a workbook, or a folder of csv files, whose last columns are 原行号, 数据日期, 原因.
Never: a live formula; a cell changed. A corrected file can be imported as it is: 原因 is not read, and 数据日期 says which
day the rows speak of, so that they do not pass for newer than what is stored (`files.returned` reads it).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tuogu.core.intake_tables import EXTRA, ROW, Intake, RawSheet, RawWorkbook
from tuogu.core.intake_titles import SHEET_TITLES
from tuogu.files.headers import DATA_DATE_HEADER, EXTRA_HEADER, REASON_HEADER, RETURNED_HEADERS, ROW_HEADER
from tuogu.files.returned import is_returned
from tuogu.files.safe_csv import write_csv
from tuogu.files.safe_excel import SHEET_ROWS_MAX, SafeWorkbook, open_workbook, text_format, write_text

_WIDTH_MAX, _REASON_WIDTH = 36, 80
_FORBIDDEN = set("[]:*?/\\'")


def write_rejects(raw: RawWorkbook, intake: Intake, path: str | Path) -> list[Path]:
    """Write every rejected row. `path` ends in .xlsx: a workbook (more where a sheet is full); else a folder.

    Returns the files written; none when nothing was rejected.
    """
    path = Path(path)
    day = pl.lit(intake.books.data_date.isoformat()).alias(DATA_DATE_HEADER)
    sheets = [(s, rejected_rows(s, intake.rejects).with_columns(day)) for s in raw.sheets.values()]
    sheets = [(sheet, frame) for sheet, frame in sheets if frame.height]
    if not sheets:
        return []
    if path.suffix.lower() != ".xlsx":
        path.mkdir(parents=True, exist_ok=True)
        targets = [path / f"{_sheet_name(sheet)}.csv" for sheet, _ in sheets]
        for target, (_, frame) in zip(targets, sheets, strict=True):
            write_csv(_titled(frame), target)
        return targets
    return _write_workbooks(sheets, intake.rejects, path)


def rejected_rows(sheet: RawSheet, rejects: pl.DataFrame) -> pl.DataFrame:
    """The rejected rows of `sheet` as read, with all their sentences in a column 原因, by row number."""
    why = (
        rejects.filter(pl.col("sheet") == sheet.name)
        .sort("row", "reason", "column", "detail")
        .group_by("row", maintain_order=True)
        .agg(pl.col("detail").str.join("；").alias(REASON_HEADER))
    )
    ours = RETURNED_HEADERS if is_returned(sheet) else {REASON_HEADER, ROW_HEADER}
    old = [c for c, header in sheet.headers.items() if header in ours]
    kept = sheet.frame.drop(old)
    if DATA_DATE_HEADER in kept.columns:  # a column of the branch's own; ours must be the one that is found
        kept = kept.rename({DATA_DATE_HEADER: f"{DATA_DATE_HEADER}_2"})
    return kept.join(why, left_on=ROW, right_on="row").sort(ROW)


def _titled(frame: pl.DataFrame) -> pl.DataFrame:
    """The original columns first, then what was to their right, the old row number, the day and the reason."""
    frame = frame.rename({ROW: ROW_HEADER, EXTRA: EXTRA_HEADER}, strict=False)
    last = [c for c in (EXTRA_HEADER, ROW_HEADER, DATA_DATE_HEADER, REASON_HEADER) if c in frame.columns]
    return frame.select(pl.exclude(last), *last)


def _write_workbooks(
    sheets: list[tuple[RawSheet, pl.DataFrame]], rejects: pl.DataFrame, path: Path
) -> list[Path]:
    """One workbook, and further ones while some sheet has rows left."""
    path.parent.mkdir(parents=True, exist_ok=True)
    room = SHEET_ROWS_MAX - 2  # the header, and the line that says whose copy it is
    volumes = max(-(-frame.height // room) for _, frame in sheets)
    written = []
    for volume in range(volumes):
        target = path if volume == 0 else path.with_stem(f"{path.stem}-{volume + 1}")
        with open_workbook(target, constant_memory=True) as workbook:
            for sheet, frame in sheets:
                part = frame.slice(volume * room, room)
                if part.height:
                    _write_sheet(workbook, sheet, part, _bad_cells(sheet, rejects))
        written.append(target)
    return written


def _bad_cells(sheet: RawSheet, rejects: pl.DataFrame) -> set[tuple[str, str]]:
    """(row number as text, header) of the cells that a reason names."""
    named = rejects.filter((pl.col("sheet") == sheet.name) & pl.col("column").is_not_null())
    return set(named.select(pl.col("row").cast(pl.String), "column").unique().iter_rows())


def _write_sheet(
    workbook: SafeWorkbook, sheet: RawSheet, frame: pl.DataFrame, bad: set[tuple[str, str]]
) -> None:
    """Header and text cells, the bad ones marked. A row loop: XlsxWriter takes one cell at a time."""
    frame = _titled(frame).cast(pl.String)
    titles = [sheet.headers.get(c, c) for c in frame.columns]
    old_row = titles.index(ROW_HEADER)
    page = workbook.add_worksheet(_sheet_name(sheet))
    head = workbook.add_format({"bold": True, "bg_color": "#D9E1F2", "border": 1, "num_format": "@"})
    body, why = text_format(workbook), text_format(workbook, font_color="#C00000")
    marked = text_format(workbook, bg_color="#FFF2CC", font_color="#C00000")
    for column, title in enumerate(titles):
        page.set_column(column, column, _width(frame.to_series(column), title), body)
        write_text(page, 0, column, title, head)
    for number, cells in enumerate(frame.iter_rows(), 1):
        for column, cell in enumerate(cells):
            if (cells[old_row], titles[column]) in bad:
                write_text(page, number, column, cell, marked)
            elif cell is not None:
                write_text(page, number, column, cell, why if column == len(titles) - 1 else body)
    page.freeze_panes(1, 1)
    page.print_wide()
    page.autofilter(0, 0, frame.height, len(titles) - 1)


def _width(cells: pl.Series, title: str) -> int:
    """Column width by content, within limits."""
    if title == REASON_HEADER:
        return _REASON_WIDTH
    longest = cells.str.len_bytes().max()
    return min(_WIDTH_MAX, max(int(longest) if isinstance(longest, int) else 0, 2 * len(title)) + 2)


def _sheet_name(sheet: RawSheet) -> str:
    """The sheet's own name where Excel and file systems allow it, else the title of its kind."""
    good = 0 < len(sheet.name) <= 31 and not _FORBIDDEN & set(sheet.name) and sheet.name.isprintable()
    return sheet.name if good and not sheet.name.startswith(".") else SHEET_TITLES[sheet.kind]
