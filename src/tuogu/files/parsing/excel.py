"""xlsx and xls become rows of text.

In: a path. Out: Arrow files and facts about each sheet.
Never: a formula evaluated, a macro run, an entity expanded; more than 15 digits of a number taken for exact.

Excel keeps 15 digits of a number. A longer one is written in scientific notation, as Excel itself shows it,
so that intake can tell that its last digits are lost.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from tuogu.files.parsing.error_cells import ErrorFinder, Errors
from tuogu.files.parsing.numbers import shown_number
from tuogu.files.parsing.percent_cells import Cells, as_percent, percent_cells
from tuogu.files.parsing.sink import write_rows
from tuogu.files.refusal import MIB, FileRefused, Limits

_LOCAL = struct.Struct("<4s5H3L2H")
_STEP_BYTES = 1 << 16
_MERGED_ROWS, _MERGED_MAX = 200, 5000
_DATE1904_XLSX = re.compile(rb"date1904\s*=\s*[\"'](?:1|true)[\"']", re.IGNORECASE)
_DATE1904_XLS = re.compile(rb"\x22\x00\x02\x00\x01\x00\x0e\x00\x02\x00")  # DATEMODE = 1, then PRECISION
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_BROKEN = "文件已损坏或不符合 Excel 规范，读不出来；请在 Excel 中打开并另存为 .xlsx"


def parse_excel(path: Path, form: str, out: Path, stem: str, limits: Limits) -> list[dict[str, Any]]:
    """Write one Arrow file a visible worksheet; returns a fact dict for each sheet."""
    if form == "xlsx":
        date1904, errors, percents = _verify_parts(path, limits)
    else:
        date1904, errors, percents = _DATE1904_XLS.search(path.read_bytes()) is not None, [], []
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            metadata = book.sheets_metadata
            if len(metadata) > limits.sheets_max:
                raise FileRefused(
                    f"工作簿有 {len(metadata)} 个工作表，超过上限 {limits.sheets_max}", "too_many_sheets"
                )
            facts = []
            for index, sheet in enumerate(metadata):
                fact: dict[str, Any] = {"name": sheet.name, "format": form, "date1904": date1904, "rows": 0}
                fact["hidden"] = sheet.visible != SheetVisibleEnum.Visible
                if sheet.typ == SheetTypeEnum.WorkSheet and not fact["hidden"]:
                    target = out / f"{stem}-{index}.arrow"
                    found = errors[index] if index < len(errors) else {}
                    shares = percents[index] if index < len(percents) else set()
                    fact |= _write_sheet(book.get_sheet_by_index(index), target, found, shares, limits)
                facts.append(fact)
            return facts
    except PasswordError:
        raise FileRefused("工作簿设有打开密码；请在 Excel 中取消密码，另存后再导入", "password") from None
    except CalamineError:
        raise FileRefused(_BROKEN, "broken_workbook") from None


def _write_sheet(
    sheet: CalamineSheet, target: Path, errors: Errors, percents: Cells, limits: Limits
) -> dict[str, Any]:
    if sheet.start is None or sheet.end is None:
        return {}
    last_row, last_column = sheet.end[0] + 1, sheet.end[1] + 1
    if last_row > limits.rows_max:
        raise FileRefused(
            f"工作表“{sheet.name[:31]}”有 {last_row:,} 行，超过上限 {limits.rows_max:,} 行，请拆分",
            "too_many_rows",
        )
    if last_column > limits.columns_max:
        raise FileRefused(
            f"工作表“{sheet.name[:31]}”最右边的内容在第 {last_column:,} 列，"
            f"超过上限 {limits.columns_max} 列；请删除右侧零星内容",
            "too_many_columns",
        )
    rows = write_rows(target, last_column, _numbered(sheet, errors, percents, limits))
    return {"path": target.name, "rows": rows, "columns": last_column, "merged": _merged(sheet)}


def _merged(sheet: CalamineSheet) -> list[list[int]]:
    """[row as Excel shows it, first column, last column] of cells merged sideways near the top."""
    ranges = sheet.merged_cell_ranges or []
    near = [(top, left, right) for (top, left), (_, right) in ranges if top < _MERGED_ROWS and right > left]
    return [[top + 1, left, right] for top, left, right in near[:_MERGED_MAX]]


def _numbered(
    sheet: CalamineSheet, errors: Errors, percents: Cells, limits: Limits
) -> Iterator[tuple[int, list[str | None]]]:
    """(row number as Excel shows it, cells from column A on). A row loop: calamine hands out rows."""
    first_row, first_column = sheet.start or (0, 0)
    pad: list[str | None] = [None] * first_column
    spoilt: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for (row, column), text in errors.items():
        spoilt[row].append((column, text))
    shares: defaultdict[int, list[int]] = defaultdict(list)
    for row, column in percents:
        shares[row].append(column)
    for number, row_cells in enumerate(sheet.iter_rows(), 1):
        if number <= first_row:
            continue
        cells = pad + [_text(cell) for cell in row_cells]
        if any(cell is not None and len(cell) > limits.cell_chars_max for cell in cells):
            raise FileRefused(f"第 {number} 行有超过 {limits.cell_chars_max:,} 字的单元格", "cell_too_long")
        for column, text in spoilt.get(number, ()):
            if column < len(cells) and cells[column] is None:
                cells[column] = text
        for column in shares.get(number, ()):
            if column < len(cells) and (fraction := cells[column]) is not None:
                cells[column] = as_percent(fraction)
        yield number, cells


def _text(cell: object) -> str | None:
    """One cell as text."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        return shown_number(cell)
    if isinstance(cell, datetime):
        midnight = cell.time() == time.min
        return cell.date().isoformat() if midnight else cell.isoformat(" ", "seconds")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return shown_number(cell / timedelta(days=1))
    return None


def _verify_parts(path: Path, limits: Limits) -> tuple[bool, list[Errors], list[Cells]]:
    """Unpack every part piece by piece and compare with what the directory claims; nothing is kept.

    Returns whether the workbook counts days from 1904, its error cells and its percentages by sheet. Refuses lying
    sizes, broken data and XML entities.
    """
    date1904, total, finder = False, 0, ErrorFinder()
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        for part in archive.infolist():
            size = 0
            finder.start()
            for piece in _unpack(file, part):
                if size == 0 and _is_markup(part.filename) and _DECLARATION.search(piece):
                    raise FileRefused("工作簿内含 XML 实体或文档类型声明，不予读取", "xml_entities")
                if part.filename == "xl/workbook.xml" and _DATE1904_XLSX.search(piece):
                    date1904 = True
                finder.look(part.filename, piece)
                size += len(piece)
                if size > part.file_size:
                    raise FileRefused("工作簿谎报了部件大小（解压后比目录所写的大），不予读取", "lying_size")
            total += size
            if size != part.file_size:
                raise FileRefused("工作簿不完整或谎报了部件大小，不予读取", "lying_size")
            if total > limits.unpacked_bytes:
                raise FileRefused(f"解压后超过上限 {limits.unpacked_bytes // MIB} MB", "unpacked_too_large")
        return date1904, finder.of_sheets(archive), percent_cells(archive)


def _is_markup(part: str) -> bool:
    return part.lower().endswith((".xml", ".rels", ".vml"))


def _unpack(file: Any, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The unpacked bytes of one part in pieces of at most 64 KiB, read past what the headers claim."""
    file.seek(part.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or header[:4] != b"PK\x03\x04":
        raise FileRefused(_BROKEN, "broken_zip")
    name_length, extra_length = _LOCAL.unpack(header)[9:11]
    file.seek(name_length + extra_length, 1)
    if part.compress_type == zipfile.ZIP_STORED:
        yield from _stored(file, part.compress_size)
        return
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    left = part.compress_size
    try:
        while left > 0 and not unpacker.eof:
            packed = file.read(min(left, _STEP_BYTES))
            if not packed:
                break
            left -= len(packed)
            while packed:
                yield unpacker.decompress(packed, _STEP_BYTES)
                packed = unpacker.unconsumed_tail
        if not unpacker.eof:
            raise FileRefused(_BROKEN, "broken_zip")
    except zlib.error:
        raise FileRefused(_BROKEN, "broken_zip") from None


def _stored(file: Any, size: int) -> Iterator[bytes]:
    while size > 0:
        piece = file.read(min(size, _STEP_BYTES))
        if not piece:
            return
        size -= len(piece)
        yield piece
