"""How a strategy's tables are read by people: one description for pages, Excel and the command line.

In: nothing. Out: `Sheet` and `Column` values that each strategy declares beside its schema. Never: a table of a plan
without a sheet (a test walks all strategies), a number without its unit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from tuogu.core.tables import Schema

KINDS: dict[str, pl.DataType | type[pl.DataType]] = {
    "text": pl.String,
    "identifier": pl.String,  # a number that is text: policy, customer, unit
    "receiver": pl.String,  # staff number, 'department:<code>' or 'buffer': shown with its name
    "institution": pl.String,  # institution code: shown with its name
    "region": pl.String,  # official code of a district: shown with its name
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
    """One column: its name in the frame, its heading (Chinese), how to show it. `total`: a sum makes sense. `words`: what
    people read for the codes that the frame holds.
    """

    name: str
    heading: str
    kind: str
    total: bool = False
    words: Mapping[str, str] = field(default_factory=dict, hash=False)


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

    def fitting(self, frame: pl.DataFrame) -> Sheet:
        """The sheet as far as `frame` has its columns: a plan stored before a column existed is shown without it."""
        columns = tuple(column for column in self.columns if column.name in frame.columns)
        return self if columns == self.columns else replace(self, columns=columns, chart="")

    @property
    def schema(self) -> Schema:
        """The schema that the columns describe."""
        return {column.name: KINDS[column.kind] for column in self.columns}


NAMED = ("receiver", "institution", "region")  # kinds whose codes have names


def shown(value: Any, column: Column, names: Mapping[str, str]) -> str:
    """A cell as people read it: names for codes of people, institutions and regions, words for other codes."""
    if column.kind in NAMED and value is not None:
        return names.get(name_key(value, column.kind), value)
    return column.words.get(value) or written(value, column.kind)


def name_key(code: str, kind: str) -> str:
    """Under what `names` hold a code: a region's may be written like an institution's."""
    return f"{REGION}{code}" if kind == "region" else code


REGION = "region:"


def written(value: Any, kind: str) -> str:
    """A cell in words: 29.99%, 18分, 1,234.56元, ≈17.6145% for a fraction without end; '' for null."""
    if value is None:
        return ""
    if kind == "exact":
        return _rounded(value)
    if kind in _HUNDREDTHS:
        return f"{Decimal(value).scaleb(-2):,f}{_HUNDREDTHS[kind]}"
    if kind == "yes":
        return "是" if value else "否"
    if kind == "metres":
        return f"{value:,}米"
    if kind == "count":
        return f"{value:,}"
    return f"{value:,.4g}" if kind == "decimal" else str(value)


def _rounded(text: str) -> str:
    """A mixed fraction ('17 7386989/12019683%') with four decimals; whatever is written out already stays."""
    found = _MIXED.fullmatch(text)
    if found is None:
        return text
    sign, whole, part, unit = found.groups()
    value = (int(whole or 0) + Fraction(part)) * (-1 if sign else 1)
    return f"≈{float(value):,.4f}{unit}"


_MIXED = re.compile(r"(-?)(?:(\d+) )?(\d+/[1-9]\d*)(%?)")
_HUNDREDTHS = {"rate": "%", "points": "分", "money": "元"}
