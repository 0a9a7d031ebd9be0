"""What a report says, as plain values: one content, whether it is a page, a workbook, a PDF or a mail.

In: rows of numbers and codes with the kind of each column, charts, definitions. Out: frozen values, their JSON, its digest,
cells as they are read. Never: a name or phone of anybody (people by custodian, customers by number: who shows it masks
them), a figure without its definition.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

Value = str | int | None
Kind = Literal[
    "text", "int", "money", "percent", "per_mille", "each", "points", "day", "person", "customer", "policy"
]
NUMBERS: Final = ("int", "money", "percent", "per_mille", "each", "points")
PERSONAL: Final = ("customer", "policy")  # kinds by which somebody outside the house can be told
SCALES: Final = {  # what a stored number is a multiple of, as it is read
    "int": 1,
    "money": 100,
    "percent": 100,
    "per_mille": 100,
    "each": 100,
    "points": 100,
}
_SIGNS: Final = {"percent": "%", "per_mille": "‰"}
BLANK: Final = "—"


@dataclass(frozen=True)
class Column:
    """A column: its head and what its cells are. money in fen; percent, per_mille, each, points in hundredths."""

    title: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Table:
    """Rows under heads. `foot`: the sums below, None for a blank; `empty`: what is said where there is no row."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    foot: tuple[Value, ...] = ()
    note: str = ""
    empty: str = "（无）"


@dataclass(frozen=True)
class Series:
    """One line, or the bars of one colour."""

    name: str
    values: tuple[int | None, ...]


@dataclass(frozen=True)
class Chart:
    """`spread`: for each label its series' value and below it those of the people in `dots`. Numbers as in a Column."""

    kind: Literal["bars", "lines", "funnel", "spread"]
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: Kind = "int"
    dots: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Definition:
    """What is counted over what (S4-40). `denominator`: '' for a mere count."""

    title: str
    numerator: str
    denominator: str
    source: str
    note: str = ""


@dataclass(frozen=True)
class Content:
    """A report. `facts`: lines below the title; `frozen`: the digest of the frozen month that it was made from, or ''."""

    key: str
    title: str
    place: str
    period: str
    facts: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    definitions: tuple[Definition, ...] = ()
    frozen: str = ""

    @property
    def personal(self) -> bool:
        """Whether a customer can be told by it: such a content is not mailed."""
        return any(column.kind in PERSONAL for table in self.tables for column in table.columns)

    @property
    def rows(self) -> int:
        return sum(len(table.rows) for table in self.tables)

    def cells(self, kind: Kind) -> Iterator[Value]:
        """Every cell of one kind: what names are looked up for."""
        for table in self.tables:
            for place, column in enumerate(table.columns):
                if column.kind == kind:
                    yield from (row[place] for row in table.rows if row[place] is not None)

    def as_json(self) -> dict[str, Any]:
        """Plain values to be stored."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return found

    def digest(self) -> str:
        """SHA-256 of the content."""
        return digest_of(self.as_json())


def digest_of(stored: Mapping[str, Any]) -> str:
    """SHA-256 of a stored content."""
    text = json.dumps(stored, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def content_of(stored: Mapping[str, Any]) -> Content:
    """The content that was stored."""
    return Content(
        stored["key"], stored["title"], stored["place"], stored["period"], tuple(stored["facts"]),
        tuple(_table(one) for one in stored["tables"]), tuple(_chart(one) for one in stored["charts"]),
        tuple(Definition(**one) for one in stored["definitions"]), stored["frozen"],
    )  # fmt: skip


def _table(stored: Mapping[str, Any]) -> Table:
    return Table(
        stored["title"], tuple(Column(**one) for one in stored["columns"]), tuple(tuple(row) for row in stored["rows"]),
        tuple(stored["foot"]), stored["note"], stored["empty"],
    )  # fmt: skip


def _chart(stored: Mapping[str, Any]) -> Chart:
    return Chart(
        stored["kind"], stored["title"], tuple(stored["labels"]),
        tuple(Series(one["name"], tuple(one["values"])) for one in stored["series"]), stored["unit"],
        tuple(tuple(one) for one in stored["dots"]),
    )  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What codes are called where a content is shown: people by custodian, customers by number (masked)."""

    people: Mapping[int, str] = field(default_factory=dict)
    customers: Mapping[str, str] = field(default_factory=dict)


def read(kind: Kind, value: Value, known: Known) -> str:
    """A cell as it is read on a page, on paper and on a terminal."""
    if value is None or value == "":
        return BLANK
    if kind == "person":
        return known.people.get(int(value), str(value))
    if kind == "customer":
        return known.customers.get(str(value), str(value))
    if kind not in NUMBERS:
        return str(value)
    return _number(kind, int(value))


def read_foot(kind: Kind, value: Value, known: Known) -> str:
    """A cell of a foot: its words as they are, its sums as the cells above."""
    return "" if value is None else value if isinstance(value, str) else read(kind, value, known)


def _number(kind: Kind, value: int) -> str:
    scale = SCALES[kind]
    if scale == 1:
        return f"{value:,}"
    whole, rest = divmod(abs(value), scale)
    sign = "-" if value < 0 else "+" if kind == "points" and value > 0 else ""
    return f"{sign}{whole:,}.{rest:02d}{_SIGNS.get(kind, '')}"


def number(kind: Kind, value: int | None) -> float | int | None:
    """A figure as charts and workbooks hold it: yuan, percents, not their hundredths."""
    return None if value is None else value if SCALES[kind] == 1 else value / SCALES[kind]
