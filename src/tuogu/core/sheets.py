"""How a strategy's tables are read by people: one description for pages, Excel and the command line.

In: nothing. Out: `Sheet` and `Column` values that each strategy declares beside its schema. Never: a table of a plan
without a sheet (a test walks all strategies), a number without its unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from tuogu.core.tables import Schema

KINDS: dict[str, pl.DataType | type[pl.DataType]] = {
    "text": pl.String,
    "identifier": pl.String,  # a number that is text: policy, customer, unit
    "receiver": pl.String,  # staff number, 'department:<code>' or 'buffer': shown with its name
    "institution": pl.String,  # institution code: shown with its name
    "subject": pl.String,  # policy or customer number: a link to its record
    "count": pl.Int64,
    "points": pl.Int64,  # hundredths of a point: 1800 = 18 points
    "rate": pl.Int64,  # hundredths of a percent: 2999 = 29.99 %
    "money": pl.Int64,  # fen
    "exact": pl.String,  # an exact fraction or decimal, written out
    "decimal": pl.Float64,
    "metres": pl.Int64,
    "day": pl.Date,
    "yes": pl.Boolean,
}


NUMERIC = ("count", "points", "rate", "money", "exact", "decimal", "metres")


@dataclass(frozen=True)
class Column:
    """One column: its name in the frame, its heading (Chinese), how to show it. `total`: a sum makes sense."""

    name: str
    heading: str
    kind: str
    total: bool = False


@dataclass(frozen=True)
class Sheet:
    """One table of a strategy. `note` says in one sentence what it proves or lists; `chart`: how to draw it, if people
    would rather look: 'bars:<label column>:<number column>[,<number column>]' or 'funnel:<label>:<count>'.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    note: str = ""
    chart: str = ""

    @property
    def schema(self) -> Schema:
        """The schema that the columns describe."""
        return {column.name: KINDS[column.kind] for column in self.columns}


def written(value: Any, kind: str) -> str:
    """A cell in words: 29.99%, 18分, 1,234.56元; '' for null."""
    if value is None:
        return ""
    if kind in _HUNDREDTHS:
        return f"{Decimal(value).scaleb(-2):,f}{_HUNDREDTHS[kind]}"
    if kind == "yes":
        return "是" if value else "否"
    if kind == "metres":
        return f"{value:,}米"
    if kind == "count":
        return f"{value:,}"
    return f"{value:,.4g}" if kind == "decimal" else str(value)


_HUNDREDTHS = {"rate": "%", "points": "分", "money": "元"}
