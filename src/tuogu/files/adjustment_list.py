"""A clerk's sheet of hand adjustments: which row goes to whom, and why.

In: a path to xlsx, xls, csv or Parquet with the columns COLUMNS. Out: the rows as they stand, and what is wrong with each
row that cannot be used. Never: a number that Excel rounded taken for one, a repeated number passed on, a row dropped in
silence (S0-24).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tuogu.core.intake_sheet import EXAMPLE_MARK
from tuogu.core.standardise_text import identifier, normal, printable
from tuogu.files.plain_header import plain_header
from tuogu.files.reader import parse
from tuogu.files.refusal import FileRefused
from tuogu.files.safe_csv import unguarded
from tuogu.files.sandbox import ParsedSheet

COLUMNS = {  # what the sheet is read for → headings that mean it
    "number": ("保单号", "客户号"),
    "receiver": ("新责任人", "接收人", "新接收人", "新责任人工号"),
    "reason": ("原因", "理由"),
}


@dataclass(frozen=True)
class SheetRow:
    """One row with its number in the file; `fault` '' = it can be used."""

    row: int
    number: str
    receiver: str
    reason: str
    fault: str = ""


def read_adjustments(path: str | Path) -> list[SheetRow]:
    """Every filled row, in the order of the file. FileRefused when it is no such sheet."""
    sheets = [sheet for sheet in parse(path) if not sheet.hidden and sheet.frame.height]
    if len(sheets) != 1:
        raise FileRefused(f"调整表须只有一张工作表，这里有 {len(sheets)} 张", "two_sheets")
    header, rows = _header(sheets[0])
    places = {name: _place(header, words) for name, words in COLUMNS.items()}
    filled = rows.filter(pl.any_horizontal(pl.col(f"c{i}").is_not_null() for i in range(len(header))))
    filled = filled.filter(
        ~_cells(sheets[0], places["number"]).str.starts_with(EXAMPLE_MARK).fill_null(False)
    )
    if filled.is_empty():
        raise FileRefused("调整表里没有行", "empty_list")
    text = {name: normal(printable(_cells(sheets[0], place))) for name, place in places.items()}
    frame = filled.select(
        "_row", number=identifier(text["number"]).value, receiver=text["receiver"], reason=text["reason"]
    )
    twice = frame["number"].is_duplicated().to_list()
    return [
        SheetRow(
            int(row), number or "", receiver or "", reason or "", _fault(number, receiver, reason, again)
        )
        for (row, number, receiver, reason), again in zip(frame.iter_rows(), twice, strict=True)
    ]


def _fault(number: str | None, receiver: str | None, reason: str | None, again: bool) -> str:
    if not number:
        return "号码空白，或不是完整的号码（可能被 Excel 改成科学计数）"
    if again:
        return "号码在表中重复"
    if not receiver:
        return "没有填新责任人"
    return "" if reason else "没有填原因"


def _cells(sheet: ParsedSheet, place: int) -> pl.Expr:
    cells = pl.col(f"c{place}")
    return unguarded(cells) if sheet.format == "csv" else cells


def _header(sheet: ParsedSheet) -> tuple[list[str], pl.DataFrame]:
    if sheet.header is not None:
        return list(sheet.header), sheet.frame
    places = [name for name in sheet.frame.columns if name.startswith("c")]
    return [(text or "").strip() for text in sheet.frame.select(places).row(0)], sheet.frame.slice(1)


def _place(header: Sequence[str], words: Sequence[str]) -> int:
    wanted = {plain_header(word) for word in words}
    found = [i for i, text in enumerate(header) if plain_header(text) in wanted]
    if len(found) != 1:
        raise FileRefused(f"调整表须有唯一的一列“{words[0]}”；现有：{'、'.join(header)}", "no_column")
    return found[0]
