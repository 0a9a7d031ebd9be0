"""What the page of a plan without territories shows: certificate, who receives how much, what was left, its tables.

In: a plan's id and a Scope. Out: plain values from the stored tables, receivers with their names. Never: a customer's name;
a plan outside the scope; a table without its sheet.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import polars as pl

from tuogu.books import queries as books
from tuogu.core.labels import LEVERS, UNPLACED_REASONS
from tuogu.core.sheets import NUMERIC, Column, Sheet, name_key, shown, written
from tuogu.core.strategies import STRATEGIES
from tuogu.files.certificate_words import Line
from tuogu.files.strategy_words import strategy_lines
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import archive, memory
from tuogu.plans.heads import seen
from tuogu.plans.held import receivers
from tuogu.plans.offering import offered_rows

_DETAILS = 3  # sentences that a cell can hold
_CHARTED = 40  # bars that a chart can still be read with


@dataclass(frozen=True)
class Cell:
    """One cell in words. `subject` and `receiver` hold the key to link or filter by."""

    text: str
    number: bool
    subject: str = ""
    receiver: str = ""


@dataclass(frozen=True)
class SheetPage:
    """Some rows of a sheet, from `first` on, of `total`. `sums`: cells of the totals row, empty when nothing is summed."""

    sheet: Sheet
    rows: list[list[Cell]]
    first: int
    total: int
    sums: list[Cell]
    chart: dict[str, Any] | None

    @property
    def more(self) -> int:
        """Rows that are not shown."""
        return self.total - len(self.rows)


@dataclass(frozen=True)
class ReceiverRow:
    """What one receiver gets: all instalments together, and one by one."""

    receiver: str
    name: str
    pieces: int
    instalments: tuple[int, ...]


@dataclass(frozen=True)
class ReasonRow:
    """How many were left for one reason."""

    reason: str
    label: str
    pieces: int
    detail: str


@dataclass(frozen=True)
class StrategyBoard:
    """The page of a plan without territories."""

    certificate: list[Line]
    figures: dict[str, float]
    receivers: list[ReceiverRow]
    levers: list[tuple[str, str, int]]
    unplaced: list[ReasonRow]
    violations: list[dict[str, Any]]
    sheets: list[SheetPage]


@dataclass(frozen=True)
class PlacedFilter:
    """What is asked for; '' asks for nothing. `reason` lists what was left instead of what was placed."""

    receiver: str = ""
    lever: str = ""
    instalment: int = 0
    reason: str = ""
    text: str = ""  # part of a number, or the beginning of a unit code


@dataclass(frozen=True)
class Placed:
    """One subject of a plan. `receiver` is null where it was left, with `detail` saying why."""

    number: str
    holder_number: str
    receiver: str | None
    receiver_name: str
    instalment: int | None
    lever: str
    place: int | None
    detail: str


def strategy_board(plan_id: int, scope: Scope, *, rows: int = 12) -> StrategyBoard:
    """The board of a plan that the scope covers, with up to `rows` rows of each sheet."""
    stored = seen(plan_id, scope)
    plan = memory.plan(stored)
    sheets = [(sheet, plan.tables[sheet.name]) for sheet in STRATEGIES[stored.strategy].sheets]
    shown_keys = [_keys(sheet, frame.head(max(rows, _CHARTED))) for sheet, frame in sheets]
    names = receiver_names(set(plan.placements["receiver"]).union(*shown_keys))
    return StrategyBoard(
        strategy_lines(plan),
        dict(plan.certificate.figures),
        _receivers(plan.placements, names),
        _levers(plan.placements),
        _reasons(plan.unplaced),
        memory.table(stored, "violations").to_dicts(),
        [_page(sheet, frame, names, 1, rows) for sheet, frame in sheets],
    )


def sheet_page(plan_id: int, scope: Scope, name: str, *, first: int = 1, size: int = 40) -> SheetPage | None:
    """One page of a sheet; None when the strategy has none of that name."""
    stored = seen(plan_id, scope)
    sheet = next((s for s in STRATEGIES[stored.strategy].sheets if s.name == name), None)
    if sheet is None:
        return None
    frame = offered_rows(stored, memory.table(stored, f"{archive.OWN}{name}"))
    keys = _keys(sheet, frame.slice(first - 1, size)) | _keys(sheet, frame.head(_CHARTED))
    return _page(sheet, frame, receiver_names(keys), first, size)


def placed_page(
    plan_id: int, scope: Scope, wanted: PlacedFilter, *, first: int = 1, size: int = 40
) -> tuple[list[Placed], int]:
    """One page of what the plan speaks of, by receiver and place; and how many rows there are."""
    stored = seen(plan_id, scope)
    if wanted.reason:
        frame = memory.table(stored, "unplaced").filter(pl.col("reason") == wanted.reason)
        frame = frame.filter(pl.col("policy_number").str.contains(wanted.text, literal=True))
        page = frame.sort("policy_number").slice(first - 1, size)
        return [_left(row) for row in page.iter_rows(named=True)], frame.height
    frame = offered_rows(stored, memory.table(stored, "placements"))
    asked = {"receiver": wanted.receiver, "lever": wanted.lever, "instalment": wanted.instalment}
    for column, value in asked.items():
        if value:
            frame = frame.filter(pl.col(column) == value)
    if wanted.text:
        begins = pl.col("unit_code").str.starts_with(wanted.text).fill_null(False)
        frame = frame.filter(pl.col("number").str.contains(wanted.text, literal=True) | begins)
    page = frame.sort("receiver", "instalment", "place", "number").slice(first - 1, size)
    names = receiver_names(set(page["receiver"]))
    return [_placed(row, names) for row in page.iter_rows(named=True)], frame.height


def _keys(sheet: Sheet, frame: pl.DataFrame) -> set[str]:
    """The receivers that some rows of a sheet name."""
    columns = [c.name for c in sheet.fitting(frame).columns if c.kind == "receiver"]
    return {key for name in columns for key in frame[name].drop_nulls()}


def receiver_names(wanted: Collection[str] | None = None) -> dict[str, str]:
    """Receiver as core writes it, institution code or key of a region → name. `wanted`: the receivers whose names are
    opened (null = all, for a register of everything); institutions and regions are all there."""
    known = receivers()
    if wanted is not None:
        known = known.filter(pl.col("receiver").is_in(list(wanted)))
    names = org.names(known["custodian_id"].to_list())
    institutions = dict(org.institutions().select("institution_code", "name").iter_rows())
    regions = {name_key(code, "region"): name for code, name in books.district_names().items()}
    return (
        regions
        | institutions
        | {
            receiver: names.get(custodian) or receiver
            for custodian, receiver in known.select("custodian_id", "receiver").iter_rows()
        }
    )


def _receivers(placed: pl.DataFrame, names: dict[str, str]) -> list[ReceiverRow]:
    last = int(placed["instalment"].to_numpy().max(initial=1))
    counted = placed.group_by("receiver").agg(
        pl.len().alias("pieces"),
        *(pl.col("instalment").eq(n).sum().alias(f"i{n}") for n in range(1, last + 1)),
    )
    rows = counted.sort("pieces", "receiver", descending=[True, False])
    return [
        ReceiverRow(receiver, names.get(receiver, receiver), pieces, tuple(parts))
        for receiver, pieces, *parts in rows.iter_rows()
    ]


def _levers(placed: pl.DataFrame) -> list[tuple[str, str, int]]:
    rows = placed.group_by("lever").agg(n=pl.len()).sort("n", "lever", descending=[True, False])
    return [(lever, LEVERS.get(lever, lever), n) for lever, n in rows.iter_rows()]


def _reasons(unplaced: pl.DataFrame) -> list[ReasonRow]:
    """One row a reason; where a reason has a few details, each with its count, else the first as an example."""
    counted = (
        unplaced.group_by("reason", "detail").agg(n=pl.len()).sort("n", "detail", descending=[True, False])
    )
    rows = counted.group_by("reason", maintain_order=True).agg("detail", parts="n", n=pl.col("n").sum())
    return [
        ReasonRow(reason, UNPLACED_REASONS.get(reason, reason), n, _detail(details, parts))
        for reason, details, parts, n in rows.sort("n", "reason", descending=[True, False]).iter_rows()
    ]


def _detail(details: list[str], counts: list[int]) -> str:
    """What stands beside a reason: one detail alone, a few with their counts, of many the commonest."""
    if not 1 < len(details) <= _DETAILS:
        return details[0]
    return "；".join(f"{detail} {count:,}" for detail, count in zip(details, counts, strict=True))


def _page(sheet: Sheet, frame: pl.DataFrame, names: dict[str, str], first: int, size: int) -> SheetPage:
    sheet, part = sheet.fitting(frame), frame.slice(first - 1, size)
    rows = [
        [_cell(value, column, names) for value, column in zip(row, sheet.columns, strict=True)]
        for row in part.select(c.name for c in sheet.columns).iter_rows()
    ]
    return SheetPage(sheet, rows, first, frame.height, _sums(sheet, frame), _chart(sheet, frame, names))


def _cell(value: Any, column: Column, names: dict[str, str]) -> Cell:
    if column.kind == "receiver":
        return Cell(names.get(value, value or ""), False, receiver=value or "")
    if column.kind == "subject":
        return Cell(value or "", False, subject=value or "")
    return Cell(shown(value, column, names), column.kind in NUMERIC)


def _sums(sheet: Sheet, frame: pl.DataFrame) -> list[Cell]:
    if not any(column.total for column in sheet.columns):
        return []
    return [
        Cell(written(frame[c.name].sum(), c.kind), True) if c.total else Cell("", c.kind in NUMERIC)
        for c in sheet.columns
    ]


def _chart(sheet: Sheet, frame: pl.DataFrame, names: dict[str, str]) -> dict[str, Any] | None:
    """Labels and series of the sheet's chart; none where there would be nothing or too much to see."""
    if not sheet.chart or not 0 < frame.height <= _CHARTED:
        return None
    kind, label, numbers = sheet.chart.split(":")
    headings = {column.name: column for column in sheet.columns}
    series = numbers.split(",")
    return {
        "kind": kind,
        "labels": [shown(value, headings[label], names) for value in frame[label].to_list()],
        "series": [
            {
                "name": headings[n].heading,
                "values": [_plotted(v, headings[n].kind) for v in frame[n].to_list()],
            }
            for n in series
        ],
    }


def _plotted(value: Any, kind: str) -> float:
    if value is None:
        return 0.0
    return round(float(value) / 100, 2) if kind in ("rate", "points", "money") else float(value)


def _placed(row: dict[str, Any], names: dict[str, str]) -> Placed:
    return Placed(
        row["number"], row["holder_number"], row["receiver"], names.get(row["receiver"], row["receiver"]),
        row["instalment"], LEVERS.get(row["lever"], row["lever"]), row["place"], "",
    )  # fmt: skip


def _left(row: dict[str, Any]) -> Placed:
    return Placed(row["policy_number"], "", None, "", None, "", None, row["detail"])
