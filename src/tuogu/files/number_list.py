"""One column of policy, customer or staff numbers out of a clerk's file.

In: a path to xlsx, xls, csv or Parquet, the header of the column (may be left out where there is only one). Out: the
numbers as text, in the order of the file. Never: a number that Excel rounded, a blank or repeated number passed on, a
first number taken for a header.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tuogu.core.intake_sheet import EXAMPLE_MARK
from tuogu.core.standardise_text import identifier, normal, printable
from tuogu.files.reader import parse
from tuogu.files.refusal import FileRefused
from tuogu.files.safe_csv import unguarded
from tuogu.files.sandbox import ParsedSheet

_SHOWN = 5  # rows named in a refusal


def read_numbers(path: str | Path, column: str = "") -> pl.Series:
    """The numbers of `column`; FileRefused with a sentence for the clerk when they cannot be taken as they stand."""
    sheets = [sheet for sheet in parse(path) if not sheet.hidden and sheet.frame.height]
    if len(sheets) != 1:
        raise FileRefused(f"名单须只有一张工作表，这里有 {len(sheets)} 张", "two_sheets")
    header, rows = _header(sheets[0])
    place = _place(header, column)
    cells = pl.col(f"c{place}")
    cells = unguarded(cells) if sheets[0].format == "csv" else cells
    filled = pl.any_horizontal(pl.col(f"c{i}").is_not_null() for i in range(len(header)))
    parsed = identifier(normal(printable(cells)))
    numbers = rows.filter(filled & ~cells.str.starts_with(EXAMPLE_MARK).fill_null(False)).select(
        "_row", number=parsed.value
    )
    _refuse_rows(
        numbers.filter(pl.col("number").is_null()),
        "不是完整的号码（空白、被 Excel 改成科学计数或含有别的字符）",
    )
    _refuse_rows(numbers.filter(pl.col("number").is_duplicated()), "的号码在名单里重复")
    if numbers.is_empty():
        raise FileRefused("名单里没有号码", "empty_list")
    return numbers["number"]


def _header(sheet: ParsedSheet) -> tuple[list[str], pl.DataFrame]:
    """The headings (Parquet: the column names; else the first row) and the rows below them."""
    if sheet.header is not None:
        return list(sheet.header), sheet.frame
    places = [name for name in sheet.frame.columns if name.startswith("c")]
    first = sheet.frame.select(places).row(0)
    return [(text or "").strip() for text in first], sheet.frame.slice(1)


def _place(header: list[str], column: str) -> int:
    if column:
        if header.count(column) != 1:
            raise FileRefused(f"名单里没有唯一的一列叫“{column}”；现有：{'、'.join(header)}", "no_column")
        return header.index(column)
    if len(header) != 1:
        raise FileRefused(f"名单有 {len(header)} 列，请用 --column 指明：{'、'.join(header)}", "no_column")
    if any(sign.isdecimal() for sign in header[0]):
        raise FileRefused(f"名单第一行应为列名，却像一个号码：{header[0]}", "no_header")
    return 0


def _refuse_rows(rows: pl.DataFrame, why: str) -> None:
    if rows.height:
        named = "、".join(str(row) for row in rows["_row"].head(_SHOWN))
        more = f"等 {rows.height} 行" if rows.height > _SHOWN else ""
        raise FileRefused(f"第 {named} 行{more}{why}", "bad_number")
