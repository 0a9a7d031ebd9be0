"""Controlled rounding of a two-way table: every cell down or up, every margin exact, nearest in sum to the exact table.

In: exact cells and the whole totals of rows and columns. Out: whole cells. Never: a cell further than one from its
exact value, a total that is missed (NoTable names the rows and columns instead).

The pieces left over after rounding down are a flow from rows to columns, at most one a cell. Its cost is the sum of
|whole - exact|, so OR-tools' SimpleMinCostFlow finds the nearest table. Costs are integers scaled by the cells' common
denominator, which makes the optimum exact; where that does not fit 64 bits, a cell is weighed to about 1e-8 of a piece.
Equally near tables: the one that raises the smaller cells (the least sum of their squared ranks), then the keyed hash.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from tuogu.core.apportion.rounding import exact, ranks

Cell = tuple[str, str]
Ints = NDArray[np.int64]
COST_ROOM = (
    2**60
)  # of 64 bits: OR-tools multiplies costs by the number of nodes and adds them up over the arcs
TIE_LEVELS = 8  # how finely cells are told apart by size where costs are not exact


class NoTable(ValueError):
    """No table has these totals; the message (Chinese) names the rows and columns."""


@dataclass(frozen=True)
class Margin:
    """The pieces that one row or column must still get, and whether it may take one more (its total is not given)."""

    name: str
    must: int
    may: bool
    remainder: Fraction  # of its exact total, 0 where the total is given


def controlled_rounding(
    cells: Mapping[Cell, Fraction | int],
    rows: Mapping[str, int] | None,
    columns: Mapping[str, int] | None,
    *,
    seed: int = 0,
) -> dict[Cell, int]:
    """Whole cells keyed as `cells`, absent cells 0. Totals of None are chosen, each its exact sum down or up.

    Then a table always exists if the other totals are the exact sums; fixed totals that no table has raise NoTable.
    """
    keys = sorted(cells)
    for key in keys:
        if cells[key] < 0:
            raise ValueError(f"{key[0]} × {key[1]} 不能为负：{exact(Fraction(cells[key]))}")
    floors = {key: cells[key].numerator // cells[key].denominator for key in keys}
    row_margins = _margins("行", cells, floors, rows, axis=0)
    column_margins = _margins("列", cells, floors, columns, axis=1)
    open_cells = [key for key in keys if cells[key] != floors[key]]
    pieces = _pieces(Fraction(sum(cells.values())), floors, rows, columns)
    raised = _flow(open_cells, cells, row_margins, column_margins, pieces, seed)
    return {key: floors[key] + (key in raised) for key in keys}


def _margins(
    word: str,
    cells: Mapping[Cell, Fraction | int],
    floors: Mapping[Cell, int],
    totals: Mapping[str, int] | None,
    axis: int,
) -> list[Margin]:
    exactly: defaultdict[str, Fraction] = defaultdict(Fraction)
    down: defaultdict[str, int] = defaultdict(int)
    for key, cell in cells.items():
        exactly[key[axis]] += cell
        down[key[axis]] += floors[key]
    if totals is None:
        remainders = {name: value % 1 for name, value in exactly.items()}
        return [
            Margin(name, int(exactly[name]) - down[name], bool(remainders[name]), remainders[name])
            for name in sorted(exactly)
        ]
    wrong = [
        f"{name}（合计 {exact(exactly[name])}，要求 {totals.get(name, '未给出')}）"
        for name in sorted(exactly.keys() | totals.keys())
        if name not in totals or abs(totals[name] - exactly[name]) >= 1
    ]
    if wrong:
        raise NoTable(f"{word}合计对不上：{'、'.join(wrong)}")
    return [Margin(name, totals[name] - down[name], False, Fraction(0)) for name in sorted(totals)]


def _pieces(
    whole: Fraction,
    floors: Mapping[Cell, int],
    rows: Mapping[str, int] | None,
    columns: Mapping[str, int] | None,
) -> int:
    """How many cells are rounded up in all; rows and columns must agree on it."""
    totals = {sum(given.values()) for given in (rows, columns) if given is not None}
    if len(totals) > 1:
        raise NoTable(f"行合计 {sum((rows or {}).values())} 与列合计 {sum((columns or {}).values())} 不相等")
    if not totals and whole.denominator != 1:
        raise NoTable(f"总计 {exact(whole)} 不是整数")
    return (totals.pop() if totals else int(whole)) - sum(floors.values())


def _flow(
    open_cells: list[Cell],
    cells: Mapping[Cell, Fraction | int],
    rows: list[Margin],
    columns: list[Margin],
    pieces: int,
    seed: int,
) -> set[Cell]:
    """The cells rounded up. Nodes: rows, columns, and one at each end from which chosen totals draw their extra piece."""
    row_of = {margin.name: i for i, margin in enumerate(rows)}
    column_of = {margin.name: len(rows) + j for j, margin in enumerate(columns)}
    first, last = len(rows) + len(columns), len(rows) + len(columns) + 1
    arcs = [(row_of[row], column_of[column]) for row, column in open_cells]
    arcs += [(first, row_of[margin.name]) for margin in rows if margin.may]
    arcs += [(column_of[margin.name], last) for margin in columns if margin.may]
    spare = pieces - sum(margin.must for margin in rows), pieces - sum(margin.must for margin in columns)
    supplies = [margin.must for margin in rows] + [-margin.must for margin in columns] + [spare[0], -spare[1]]

    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # slow to load: only who rounds waits

    flow = SimpleMinCostFlow()
    ends = np.array(arcs, dtype=np.int64).reshape(-1, 2)
    costs = _costs(open_cells, cells, [margin for margin in (*rows, *columns) if margin.may], last + 1, seed)
    added = flow.add_arcs_with_capacity_and_unit_cost(
        ends[:, 0], ends[:, 1], np.ones(len(ends), dtype=np.int64), costs
    )
    flow.set_nodes_supplies(np.arange(last + 1), np.array(supplies, dtype=np.int64))
    status = flow.solve()
    if status == flow.INFEASIBLE:
        names = [margin.name for margin in (*rows, *columns) if margin.must or margin.may]
        raise NoTable(f"没有一张表能让每格只取上下整数而合计都对：{'、'.join(names)}")
    if status != flow.OPTIMAL:
        raise RuntimeError(f"the flow solver stopped with status {status}")
    sent = flow.flows(added)
    return {key for key, amount in zip(open_cells, sent, strict=False) if amount}


def _costs(
    open_cells: list[Cell],
    cells: Mapping[Cell, Fraction | int],
    chosen: list[Margin],
    nodes: int,
    seed: int,
) -> Ints:
    """What raising each cell, then each chosen total, costs: minus its remainder, the nearest being the cheapest.

    (Up instead of down moves a cell by 1 - 2 remainder; how many go up is fixed, so the constants drop out.) A chosen
    total weighs as much as all cells together. Integers so fine that ties come last and still count.
    """
    remainders = [cells[key] % 1 for key in open_cells]
    of_chosen = [margin.remainder for margin in chosen]
    heavy = len(open_cells) + 1 if chosen else 1
    room = COST_ROOM // ((nodes + len(open_cells)) * heavy)
    scale = lcm(*(remainder.denominator for remainder in (*remainders, *of_chosen)))
    places = _by_size(open_cells, cells, seed)
    ties = [place**2 for place in places]
    unit = sum(ties) + 1  # all ties of a table together stay below one step of its deviation
    if scale * unit > room:
        ties = [place * TIE_LEVELS // len(places) for place in places]
        scale, unit = room, 1
    of_cells = [
        tie - round(remainder * scale) * unit for remainder, tie in zip(remainders, ties, strict=True)
    ]
    of_totals = [-round(remainder * scale) * unit * heavy for remainder in of_chosen]
    return np.array(of_cells + of_totals, dtype=np.int64)


def _by_size(open_cells: list[Cell], cells: Mapping[Cell, Fraction | int], seed: int) -> list[int]:
    """The place of each cell, smallest first, equal ones by keyed hash."""
    hashed = ranks([f"{row}\x1f{column}" for row, column in open_cells], seed)
    order = sorted(range(len(open_cells)), key=lambda i: (cells[open_cells[i]], hashed[i]))
    place = {i: position for position, i in enumerate(order)}
    return [place[i] for i in range(len(order))]
