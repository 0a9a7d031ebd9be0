"""How registers look: the fonts and formats of cells, and columns as wide as what they hold.

In: the columns of a sheet and its frame. Out: cell formats, column widths, row heights. Never: a Chinese
character counted as one Latin letter, a number format that shows fen as yuan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from xlsxwriter.format import Format

from tuogu.files.safe_excel import TEXT_FORMAT, SafeWorkbook

ROW_POINTS = 16
_LINE_POINTS, _LINES_MAX = 13.5, 20
_WIDTH_MIN, _WIDTH_MAX = 5.0, 46.0
BODY_FONT, _TITLE_FONT = "宋体", "微软雅黑"
_NUMBER_FORMATS = {
    "text": TEXT_FORMAT,
    "label": TEXT_FORMAT,
    "int": "#,##0",
    "money": "#,##0.00",
    "share": "0.0%",
    "score": "0.00",
    "date": "yyyy-mm-dd",
}
_FILLS: dict[str, dict[str, Any]] = {
    "header": {"bold": True, "bg_color": "#E8EEF5", "align": "center", "indent": 0, "font_name": _TITLE_FONT},
    "body": {},
    "group": {"bold": True, "bg_color": "#F3F6FA", "font_color": "#1B528F", "font_name": _TITLE_FONT},
    "sub": {"bold": True, "bg_color": "#F7F8FA"},
    "total": {"bold": True, "bg_color": "#E8EEF5"},
    "low": {"bg_color": "#A9CDF0"},
    "high": {"bg_color": "#F6B27A"},
    "good": {"font_color": "#1C6B3C"},
    "warn": {"font_color": "#8A4B00"},
    "bad": {"font_color": "#B3261E", "bold": True},
    "plain": {"border": 0, "align": "left"},
}


@dataclass(frozen=True, eq=False)  # compared by identity: a column is looked up for every row
class Column:
    """A column of a sheet: its header, the kind of its cells and the frame's column that fills it."""

    header: str
    name: str
    kind: str = (
        "text"  # text (wraps) | label (shrinks) | int | money (fen in, yuan shown) | share | score | date
    )
    wide: float = _WIDTH_MAX  # characters at most; longer text wraps
    centred: bool = False
    least: float = _WIDTH_MIN  # characters at least


@dataclass
class Stationery:
    """The formats of one workbook, made when first asked for."""

    workbook: SafeWorkbook
    made: dict[tuple[str, str, bool], Format] = field(default_factory=dict)
    rows: dict[tuple[tuple[Column, ...], str], list[Format]] = field(default_factory=dict)

    def cell(self, kind: str = "text", fill: str = "body", centred: bool = False) -> Format:
        """A cell's format: `kind` as in Column, `fill` a key of the palette (body, sub, total, low ...)."""
        key = (kind, fill, centred)
        if key not in self.made:
            aside = "center" if centred else "left" if kind in ("text", "label") else "right"
            look: dict[str, Any] = {
                "font_name": BODY_FONT,
                "font_size": 10,
                "valign": "vcenter",
                "border": 1,
                "border_color": "#C3CAD3",
                "num_format": _NUMBER_FORMATS[kind],
                "align": aside,
                "indent": 0 if aside == "center" else 1,
                "text_wrap": kind == "text" and fill in ("body", "header"),
                "shrink": kind == "label",
            }
            self.made[key] = self.workbook.add_format(look | _FILLS[fill])
        return self.made[key]

    def row(self, columns: Sequence[Column], fill: str) -> list[Format]:
        """The formats of a row of `columns`, kept: a register writes such a row very many times."""
        key = (tuple(columns), fill)
        if key not in self.rows:
            self.rows[key] = [self.cell(column.kind, fill, column.centred) for column in columns]
        return self.rows[key]

    def line(self, size: int, *, bold: bool = False, colour: str = "#1B2430", align: str = "left") -> Format:
        """The format of a text line without a frame."""
        key = (f"{size}{colour}{align}", "line", bold)
        if key not in self.made:
            self.made[key] = self.workbook.add_format(
                {
                    "font_name": _TITLE_FONT,
                    "font_size": size,
                    "bold": bold,
                    "font_color": colour,
                    "align": align,
                    "valign": "vcenter",
                    "text_wrap": True,
                }
            )
        return self.made[key]


def widths(frame: pl.DataFrame, columns: Sequence[Column]) -> list[float]:
    """Character widths that show the content: a Chinese character counts two."""
    shown = [_display_width(frame, column) for column in columns]
    headers = [_text_width(column.header) + 1 for column in columns]
    return [
        min(max(column.least, content, header), max(column.wide, header, column.least))
        for content, header, column in zip(shown, headers, columns, strict=True)
    ]


def _display_width(frame: pl.DataFrame, column: Column) -> float:
    if frame.is_empty():
        return 0.0
    if column.kind in ("text", "label"):
        return float(frame.select(_shown_width(column.name).max()).item() or 0) + 2.5
    if column.kind in ("int", "money"):
        digits = len(f"{int(frame.select(pl.col(column.name).abs().max()).item() or 0):,}")
        return digits + (3.5 if column.kind == "int" else 2.5)  # fen: two digits become the decimals
    return {"share": 8.0, "score": 7.0, "date": 12.0}[column.kind]


def _text_width(text: str) -> float:
    return len(text) + (len(text.encode()) - len(text)) / 2


def _shown_width(name: str) -> pl.Expr:
    """Width of a text column's cells: three bytes of UTF-8 are a Chinese character, two letters wide."""
    value = pl.col(name)
    letters = value.str.len_chars().cast(pl.Int64)
    return letters + (value.str.len_bytes().cast(pl.Int64) - letters) / 2


def row_heights(frame: pl.DataFrame, columns: Sequence[Column], wide: Sequence[float]) -> pl.Series | None:
    """Points of each row where a text wraps; None when nothing does. Excel does not grow a row by itself."""
    lines = [
        (_shown_width(column.name) / (width - 2.5)).ceil().fill_null(1).clip(1, _LINES_MAX)
        for column, width in zip(columns, wide, strict=True)
        if column.kind == "text"
    ]
    if not lines or frame.is_empty():
        return None
    counted = frame.select(lines=pl.max_horizontal(lines))["lines"]
    return counted * _LINE_POINTS + (ROW_POINTS - _LINE_POINTS) if (counted > 1).any() else None
