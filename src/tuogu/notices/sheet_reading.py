"""Small sheets that clerks bring back: receipts of letters, contacts of WeCom.

In: a file (xlsx, xls, csv), the headings by which a column may be called. Out: rows of text with their Excel row numbers.
Never: a sheet whose head is not understood taken for empty, a day guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from tuogu.core.intake_sheet import EXAMPLE_MARK
from tuogu.core.standardise_text import bare_number, is_rounded, normal, printable
from tuogu.files.reader import parse
from tuogu.files.safe_csv import unguarded
from tuogu.notices.failures import NoticeRefused

_ROWS_MAX = 200_000  # of one sheet
_SHOWN = 5  # rows named in a refusal
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_EXCEL_ZERO = date(1899, 12, 30)


def read_rows(
    path: Path, columns: Mapping[str, Sequence[str]], *, demanded: Sequence[str]
) -> list[tuple[int, dict[str, str]]]:
    """(Excel row, name → text) of every row that has the demanded columns filled. NoticeRefused for another sheet."""
    sheets = [sheet for sheet in parse(path) if not sheet.hidden and sheet.frame.height > 1]
    for sheet in sheets:
        places = [name for name in sheet.frame.columns if name.startswith("c")]
        head = [str(text or "").strip() for text in sheet.frame.select(places).row(0)]
        found = {
            name: head.index(title) for name, titles in columns.items() for title in titles if title in head
        }
        if all(name in found for name in demanded):
            return _rows(sheet.frame.slice(1), found, demanded, csv=sheet.format == "csv")
    wanted = "、".join(columns[name][0] for name in columns)
    raise NoticeRefused(f"没有找到这样的表：第一行应有 {wanted}；没有写入任何数据")


def _rows(
    frame: pl.DataFrame, found: Mapping[str, int], demanded: Sequence[str], *, csv: bool
) -> list[tuple[int, dict[str, str]]]:
    if frame.height > _ROWS_MAX:
        raise NoticeRefused(f"一次最多 {_ROWS_MAX:,} 行，请分开上传；没有写入任何数据")
    cells = {name: pl.col(f"c{place}") for name, place in found.items()}
    texts = {name: unguarded(cell) if csv else cell for name, cell in cells.items()}
    read = frame.select(
        "_row", **{name: normal(printable(text)).fill_null("") for name, text in texts.items()}
    )
    filled = read.filter(pl.all_horizontal(pl.col(name) != "" for name in demanded))
    filled = filled.filter(~pl.col(demanded[0]).str.starts_with(EXAMPLE_MARK))
    _refuse_rounded(filled, demanded)
    return [(int(row.pop("_row")), row) for row in filled.iter_rows(named=True)]


def _refuse_rounded(rows: pl.DataFrame, demanded: Sequence[str]) -> None:
    """A number that Excel turned into 3.3E+17 has lost its last digits: nobody guesses them."""
    rounded = pl.any_horizontal(is_rounded(bare_number(pl.col(name))) for name in demanded)
    found = rows.filter(rounded)["_row"].head(_SHOWN).to_list()
    if found:
        named = "、".join(str(row) for row in found)
        raise NoticeRefused(
            f"第 {named} 行的号码被 Excel 改成了科学计数，后几位已经丢失；请把该列设为文本后重填；没有写入任何数据"
        )


def day_in(text: str | None, row: int) -> date | None:
    """A day as people or Excel write it; None for an empty cell. NoticeRefused for anything else."""
    if not text:
        return None
    if _SERIAL.fullmatch(text):
        return _EXCEL_ZERO + timedelta(days=int(float(text)))
    found = _DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in found.groups())) if found else _refuse(text, row)
    except ValueError:
        return _refuse(text, row)


def _refuse(text: str, row: int) -> date:
    raise NoticeRefused(f"第 {row} 行的“{text}”不是日期；没有写入任何数据")
