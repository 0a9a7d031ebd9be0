"""A register's frame as a table of a paper: the columns of a workbook's sheet (register_stationery) serve both.

In: columns, a frame in them, sums. Out: a Grid with its texts written as Excel would show them. Never: fen shown as yuan, an
empty cell that looks like a zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from tuogu.files.paper import Grid, Head, Side
from tuogu.files.register_stationery import Column

_BLANK = "—"
_FEN = 100  # of a yuan
_TEXTS = ("text", "label")


def grid_of(
    columns: Sequence[Column], frame: pl.DataFrame, totals: Sequence[Any] = (), *, title: str = ""
) -> Grid:
    """The table. `totals`: the values of a last row, None for a blank."""
    shown = frame.select(column.name for column in columns)
    rows = tuple(
        tuple(written(column.kind, value) for column, value in zip(columns, row, strict=True))
        for row in shown.iter_rows()
    )
    heads = tuple(Head(column.header, _side(column)) for column in columns)
    return Grid(heads, rows, _foot(columns, totals), title)


def _side(column: Column) -> Side:
    if column.centred:
        return "centre"
    return "left" if column.kind in _TEXTS else "right"


def _foot(columns: Sequence[Column], totals: Sequence[Any]) -> tuple[str, ...]:
    if not totals:
        return ()
    return tuple(
        "" if value is None else value if isinstance(value, str) else written(column.kind, value)
        for column, value in zip(columns, totals, strict=True)
    )


def written(kind: str, value: Any) -> str:
    """A cell of a column of that kind (register_stationery.Column) as it is read."""
    if value is None or value == "":
        return _BLANK
    return _WRITERS.get(kind, str)(value)


def _money(fen: int) -> str:
    whole, rest = divmod(abs(fen), _FEN)
    return f"{'-' if fen < 0 else ''}{whole:,}.{rest:02d}"


def _day(day: date) -> str:
    return day.isoformat()


_WRITERS: Mapping[str, Callable[[Any], str]] = {
    "int": lambda value: f"{value:,}",
    "money": _money,
    "share": lambda value: f"{value:.1%}",
    "score": lambda value: f"{value:.2f}",
    "date": _day,
}
