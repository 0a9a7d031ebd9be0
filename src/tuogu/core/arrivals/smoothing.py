"""Month smoothing as an exact model (S0-22): what may go to whom so that fewest pieces lie outside the month band.

In: groups of equal items with who has them and to whom they may go; what everybody has due. Out: how many of each group
go to whom, the pieces still outside the band, and the proof of both. Never: a way that the caller did not offer, a time
limit (branch-and-bound nodes are counted, and a stop is named).

Solved to the end by HiGHS (through scipy): the fewest pieces outside the band first, then, with so few outside, the
cheapest moves. A large problem is first solved near the managers whose months are outside; where the arithmetic shows
that nothing better exists anywhere, that is the answer, and `smoothing_rings` says that its price was compared only there.
An item is one piece for the two levers, a whole unit for a block (P-24), which must go.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csc_array, vstack

from tuogu.core.arrivals.room import Ints, Room

NODES_MAX: Final = 2_000  # measured 0..40: the flows are nearly integral
NODES_LIMIT: Final = "smoothing_nodes"
WHOLE_WAYS_MAX: Final = 30_000  # ways up to which the whole problem is solved at once: a second or two
RINGS: Final = (1, 2, 4)  # how far around a violator the model looks before it looks everywhere
CHEAP_MAX: Final = (
    100  # dearest way up to which both steps are one: beyond it the weights would strain the solver
)
OUTSIDE_WEIGHT: Final = 1_000  # dearest ways that one piece outside the band outweighs in that one step
_LIMIT_REACHED = 1  # scipy's status code
_WHOLE = 1e-6  # HiGHS' own tolerance of an integer


@dataclass(frozen=True)
class Groups:
    """Group i: `count[i]` equal items of `size[i]` pieces, due in `months[i]`, that `owner[i]` has (-1: nobody counted);
    `must[i]`: all of them have to go. Way j: items of `group[j]` may go to `taker[j]` (not their owner) at `price[j]`."""

    owner: Ints
    months: Ints  # (g, 12) pieces due of one item
    size: Ints
    count: Ints
    must: Ints  # (g,) 0/1
    group: Ints
    taker: Ints
    price: Ints


@dataclass(frozen=True)
class Smoothed:
    """`amount[j]` items go by way j. `outside` pieces stay outside the band, of `outside_before`; no plan of these levers
    has fewer than `outside_bound`, nor, with so few, cheaper moves than `price_bound`."""

    amount: Ints
    outside_before: int
    outside: int
    outside_bound: int
    price: int
    price_bound: int
    limits_hit: tuple[str, ...]


def outside_band(due: Ints, month_min: int, month_max: int) -> int:
    """Pieces by which (manager, month) cells lie outside the band."""
    over, under = np.maximum(due - month_max, 0), np.maximum(month_min - due, 0)
    return int((over + under).sum())


def smooth(room: Room, month_min: int, groups: Groups) -> Smoothed | None:
    """Smooth what `room` shows. None: what must go fits nowhere below the yearly cap."""
    before = outside_band(room.due, month_min, room.month_max)
    if not groups.must.any() and (before == 0 or not len(groups.group)):
        return Smoothed(np.zeros(len(groups.group), dtype=np.int64), before, before, before, 0, 0, ())
    least = _arithmetic_least(room, month_min, groups)
    if len(groups.group) > WHOLE_WAYS_MAX and not groups.must.any():
        for rings in RINGS:
            near = _ways_near(room, month_min, groups, rings)
            found = _smoothed(room, month_min, _with_ways(groups, near), before, least)
            if found is not None and found.outside == least:
                amount = np.zeros(len(near), dtype=np.int64)
                amount[near] = found.amount
                limits = (*found.limits_hit, f"smoothing_rings:{rings}")
                bound = _price_least(groups, before - least)
                return replace(found, amount=amount, price_bound=min(bound, found.price), limits_hit=limits)
    return _smoothed(room, month_min, groups, before, least)


def _smoothed(room: Room, month_min: int, groups: Groups, before: int, least: int) -> Smoothed | None:
    """One pass where the arithmetic proves it enough, else the two steps."""
    model = _model(room, month_min, groups)
    cells = model.matrix.shape[1] - model.ways
    dearest = int(groups.price.max(initial=0))
    if dearest <= CHEAP_MAX:
        weight = OUTSIDE_WEIGHT * max(dearest, 1)
        both = _solve(model, np.concatenate([groups.price, np.full(cells, weight)]), None)
        if both.amount is not None:
            after, price = _worth(room, month_min, groups, both.amount)
            if (
                after == least
            ):  # nothing can be outside less, so the rest of the cost is the cheapest way there
                bound = min(price, max(0, both.bound - weight * after))
                return Smoothed(both.amount, before, after, after, price, bound, _limits(both))
    outside_cost = np.concatenate([np.zeros(model.ways, dtype=np.int64), np.ones(cells, dtype=np.int64)])
    first = _solve(model, outside_cost, None)
    if first.amount is None:
        if groups.must.any():
            return None
        nothing = np.zeros(len(groups.group), dtype=np.int64)
        return Smoothed(nothing, before, before, min(before, first.bound), 0, 0, (NODES_LIMIT,))
    second = _solve(
        model, np.concatenate([groups.price, outside_cost[model.ways :] * 0]), (outside_cost, first.value)
    )
    chosen = first.amount if second.amount is None else second.amount
    after, price = _worth(room, month_min, groups, chosen)
    outside_bound, price_bound = min(max(first.bound, least), after), min(second.bound, price)
    return Smoothed(chosen, before, after, outside_bound, price, price_bound, _limits(first, second))


def _worth(room: Room, month_min: int, groups: Groups, amount: Ints) -> tuple[int, int]:
    """(pieces outside the band, price) of an answer, counted anew from the pieces."""
    after = outside_band(moved(room, groups, amount).due, month_min, room.month_max)
    return after, int((groups.price * amount).sum())


def _limits(*answers: _Answer) -> tuple[str, ...]:
    return (NODES_LIMIT,) if any(answer.limited for answer in answers) else ()


def _arithmetic_least(room: Room, month_min: int, groups: Groups) -> int:
    """What no division of the months' totals among these managers can avoid."""
    outer = groups.owner < 0
    total = room.due.sum(axis=0) + (groups.months[outer] * groups.count[outer, None]).sum(axis=0)
    managers = len(room.held)
    over, under = (
        np.maximum(total - managers * room.month_max, 0),
        np.maximum(managers * month_min - total, 0),
    )
    return int((over + under).sum())


def _price_least(groups: Groups, fewer: int) -> int:
    """The least that `fewer` pieces outside cost: an item changes its giver's and its taker's months, no more."""
    most = 2 * int(groups.months.sum(axis=1).max())
    return -(-fewer // most) * int(groups.price.min())


def _ways_near(room: Room, month_min: int, groups: Groups, rings: int) -> NDArray[np.bool_]:
    """(w,) ways between managers at most `rings` ways from one who has a month outside the band."""
    outside = (room.due > room.month_max) | (room.due < month_min)
    owner, near = groups.owner[groups.group], np.asarray(outside.any(axis=1), dtype=np.bool_).reshape(-1)
    for _ in range(rings):
        reached = near.copy()
        reached[groups.taker[near[owner]]] = True
        reached[owner[near[groups.taker]]] = True
        near = reached
    return np.asarray(near[owner] & near[groups.taker])


def _with_ways(groups: Groups, kept: NDArray[np.bool_]) -> Groups:
    """`groups` with some of their ways, and only the groups that still have one."""
    used, group = np.unique(groups.group[kept], return_inverse=True)
    parts = {name: getattr(groups, name)[used] for name in ("owner", "months", "size", "count", "must")}
    return Groups(**parts, group=group.astype(np.int64), taker=groups.taker[kept], price=groups.price[kept])


def moved(room: Room, groups: Groups, amount: Ints) -> Room:
    """`room` after `amount` items went by each way."""
    due, held = room.due.copy(), room.held.copy()
    owner, taker = groups.owner[groups.group], groups.taker
    counted = owner >= 0
    months = groups.months[groups.group] * amount[:, None]
    pieces = groups.size[groups.group] * amount
    np.subtract.at(due, owner[counted], months[counted])
    np.subtract.at(held, owner[counted], pieces[counted])
    np.add.at(due, taker, months)
    np.add.at(held, taker, pieces)
    return Room(due, held, room.month_max, room.held_cap)


@dataclass(frozen=True)
class _Model:
    matrix: csc_array
    low: Ints
    high: Ints
    upper: Ints
    ways: int


def _model(room: Room, month_min: int, groups: Groups) -> _Model:
    """Columns: ways, then pieces over and under of each cell. Rows: cells, held of each manager, stock of each group."""
    managers, ways = len(room.held), len(groups.group)
    cells = managers * 12
    owner, months, size = (part[groups.group] for part in (groups.owner, groups.months, groups.size))
    way, month = np.nonzero(months)
    due = months[way, month]
    given = owner[way] >= 0
    every, cell, has = np.arange(ways), np.arange(cells), np.flatnonzero(owner >= 0)
    parts = [
        (groups.taker[way] * 12 + month, way, due),
        (owner[way[given]] * 12 + month[given], way[given], -due[given]),
        (cell, ways + cell, np.full(cells, -1)),  # over
        (cell, ways + cells + cell, np.ones(cells, dtype=np.int64)),  # under
        (cells + groups.taker, every, size),
        (cells + owner[has], has, -size[has]),
        (cells + managers + groups.group, every, np.ones(ways, dtype=np.int64)),
    ]
    row, col, value = (np.concatenate(side) for side in zip(*parts, strict=True))
    shape = (cells + managers + len(groups.count), ways + 2 * cells)
    load = room.due.ravel()
    cap = np.maximum(room.held_cap, room.held) - room.held
    low = np.concatenate([month_min - load, -room.held, groups.count * groups.must])
    high = np.concatenate([room.month_max - load, cap, groups.count])
    most = int(room.due.sum() + (groups.months.sum(axis=1) * groups.count).sum()) + month_min + 1
    upper = np.concatenate([groups.count[groups.group], np.full(2 * cells, most)])
    return _Model(coo_array((value.astype(np.float64), (row, col)), shape).tocsc(), low, high, upper, ways)


@dataclass(frozen=True)
class _Answer:
    amount: Ints | None
    value: int
    bound: int
    limited: bool


def _solve(model: _Model, cost: Ints, most: tuple[Ints, int] | None) -> _Answer:
    """Minimise `cost`; `most` = (row, most) is one more limit. Values are whole: all data and decisions are."""
    matrix, low, high = model.matrix, model.low.astype(np.float64), model.high.astype(np.float64)
    if most is not None:
        matrix = vstack([matrix, coo_array(most[0][None, :].astype(np.float64))]).tocsc()
        low, high = np.append(low, 0.0), np.append(high, float(most[1]))
    columns = matrix.shape[1]
    whole = np.concatenate([np.ones(model.ways), np.zeros(columns - model.ways)])
    result = milp(
        c=cost.astype(np.float64),
        integrality=whole,
        bounds=Bounds(0, model.upper.astype(np.float64)),
        constraints=LinearConstraint(matrix, low, high),
        options={"node_limit": NODES_MAX, "mip_rel_gap": 0.0},
    )
    bound = 0 if result.mip_dual_bound is None else max(0, math.ceil(result.mip_dual_bound - _WHOLE))
    limited = result.status == _LIMIT_REACHED
    if result.x is None:
        return _Answer(None, 0, bound, limited)
    return _Answer(np.rint(result.x[: model.ways]).astype(np.int64), round(result.fun), bound, limited)
