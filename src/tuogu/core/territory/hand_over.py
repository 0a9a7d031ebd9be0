"""The exact month repair: policies change hands between touching managers until every month is in its band.

In: an Instance and labels. Out: `HandOver`: how many policies of which due type leave which unit for whom.
Never: a policy moved between managers that do not touch while touching ones can do it (S0-22), a
time limit, a band broken quietly: what stays outside is visible in `excess`.

HiGHS is reached through scipy: highspy and OR-tools ship the same shared library, and the second of them to
be imported fails.

The ladder; each rung is an integer flow that HiGHS solves exactly, and the first feasible rung is taken:
  border    policies of units that touch the receiver's area; held policies inside the balance band
  touching  any policy of a manager who touches the receiver; held inside the balance band
  uneven    as touching; held only inside the hard cap (the certificate names the widened band)
anew      policies may go to anybody: the unit plan is cut anew at policy level (named in the certificate);
            infeasible here means that no plan at all keeps the band
  least     no plan keeps the band: touching managers bring the pieces outside it to a minimum
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csc_array, vstack

from tuogu.core.territory.instance import Flags, Instance, Ints
from tuogu.core.territory.pick import INLAND_PRICE_M, pick

RUNGS = ("border", "touching", "uneven", "anew", "least")
CAPPED_RUNGS = ("border", "touching", "uneven")  # with a cap on hand-overs no unit plan is cut anew
CAP_LIMIT = "changed_hands_cap"
NODES_MAX = (
    500  # branch-and-bound nodes of one rung: the flows are integral but for held bands, measured 0..20
)
EXACT_ROUNDS = 8  # of counting short givers unit by unit; measured 1..5
RELATIVE_GAP = 0.005  # of the price of the hand-overs, which is itself about one per cent of the plan
_LIMIT_REACHED = 1  # scipy's status code
OUTSIDE_PRICE_M = (
    1_000_000  # metres for a piece outside the band on the last rung: above any chain of hand-overs
)


@dataclass(frozen=True)
class Hold:
    """What a policy of the units flagged in `counted` (u,) costs more when it changes hands, and how many may (S0-28)."""

    counted: Flags
    price_m: int
    most: int | None  # None = no cap


@dataclass(frozen=True)
class HandOver:
    """Row i: `count[i]` policies of due type `kind[i]` leave `unit[i]` for manager `receiver[i]`."""

    unit: Ints
    kind: Ints
    receiver: Ints
    count: Ints
    rung: str  # '' = nothing had to change
    limits_hit: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Routes:
    """Candidate hand-overs: column i carries policies of type `kind` from manager `giver` to `taker`.

    `unit` is -1 where any suitable unit of the giver may serve, which keeps the flow small.
    """

    unit: Ints
    giver: Ints
    taker: Ints
    kind: Ints
    room: Ints
    cost: Ints


def hand_over(instance: Instance, labels: Ints, *, band_possible: bool, hold: Hold | None = None) -> HandOver:
    """Hand over as little and as near as possible. `band_possible` False skips to the last rung
    (arithmetic). The cap of `hold` yields to the band, and then `limits_hit` names it.
    """
    loose = None if hold is None else replace(hold, most=None)
    free = _ladder(instance, labels, RUNGS if band_possible else RUNGS[-1:], loose)
    if hold is None or hold.most is None or int(free.count[hold.counted[free.unit]].sum()) <= hold.most:
        return free
    capped = _ladder(instance, labels, CAPPED_RUNGS if band_possible else (), hold)
    if capped.rung:
        return capped
    return replace(free, limits_hit=(*free.limits_hit, CAP_LIMIT))


def _ladder(instance: Instance, labels: Ints, rungs: tuple[str, ...], hold: Hold | None) -> HandOver:
    """The first feasible of `rungs`; rung '' when nothing has to change or none is feasible."""
    held, band = instance.held(labels), instance.band
    uneven = int((np.maximum(held - band.held_max, 0) + np.maximum(band.held_min - held, 0)).sum())
    empty = np.empty(0, dtype=np.int64)
    if instance.managers < 2 or (instance.month_excess(labels) == 0 and uneven == 0):
        return HandOver(empty, empty, empty, empty, "")
    limits: list[str] = []
    for rung in rungs:
        found, limited = _rung(instance, labels, rung, hold)
        if limited:
            limits.append(f"repair_nodes:{rung}")
        if found is not None:
            if rung in ("uneven", "anew", "least"):
                limits.append(f"repair_{rung}")
            return HandOver(*found, rung, tuple(limits))
    return HandOver(empty, empty, empty, empty, "", tuple(limits))


def _rung(
    instance: Instance, labels: Ints, rung: str, hold: Hold | None
) -> tuple[tuple[Ints, Ints, Ints, Ints] | None, bool]:
    """(unit, kind, receiver, count) or None, and whether a node limit was hit.

    The flow counts what a giver's border units hold together. Where two receivers want the same unit that
    is too much, and choosing units shows it: those givers are counted unit by unit in the next round.
    """
    # Givers some of whose units do not count for `hold` are counted unit by unit from the start.
    exact = np.empty(0, dtype=np.int64) if hold is None else np.unique(labels[~hold.counted])
    limited = False
    sides, movable = _touching_sides(instance, labels), _movable(instance, keep_one=rung != "anew")
    for _ in range(EXACT_ROUNDS):
        routes = _everybody(instance, labels) if rung == "anew" else _routes(instance, labels, rung, exact)
        amount, limit = _solve(instance, labels, routes, rung, hold)
        limited |= limit
        if amount is None:
            return None, limited
        amounts = (routes.unit, routes.giver, routes.taker, routes.kind, amount)
        *found, inland = pick(instance, labels, amounts, movable, sides)
        short = np.unique(labels[found[0][inland]])
        if rung != "border" or not len(short):
            break
        exact = np.union1d(exact, short)
    return (found[0], found[1], found[2], found[3]), limited


def _movable(instance: Instance, keep_one: bool) -> Ints:
    """(u, t) policies that may leave; a unit keeps one policy so that its area keeps its ground."""
    stock = instance.stock.copy()
    if keep_one:
        stock[np.arange(instance.units), stock.argmax(axis=1)] -= 1
    return stock


def _touching_sides(instance: Instance, labels: Ints) -> tuple[Ints, Ints]:
    """Unique (unit, manager) where the unit touches the area of another manager."""
    if instance.judged:
        pairs = np.concatenate([instance.touching, instance.touching[:, ::-1]])
        unit, other = pairs[:, 0], labels[pairs[:, 1]]
    else:
        unit, other = _near_sides(instance, labels)
    apart = labels[unit] != other
    sides = np.unique(np.column_stack([unit, other])[apart], axis=0)
    return sides[:, 0], sides[:, 1]


def _near_sides(instance: Instance, labels: Ints) -> tuple[Ints, Ints]:
    """Where areas cannot be judged: a unit touches whom its own touching units belong to, and those to whom
    it would cost no more than its own manager."""
    pairs = np.concatenate([instance.touching, instance.touching[:, ::-1]])
    own = instance.metres[np.arange(instance.units), labels]
    unit, manager = np.nonzero(instance.metres <= own[:, None])
    return np.concatenate([pairs[:, 0], unit]), np.concatenate([labels[pairs[:, 1]], manager])


def _routes(instance: Instance, labels: Ints, rung: str, exact: Ints) -> _Routes:
    """Columns of the flow: border units first, and (beyond the first rung) the inland rest at a price."""
    sides = _touching_sides(instance, labels)
    border = _columns(instance, labels, *sides, 0, exact)
    if rung == "border":
        return border
    unit, taker = _all_units_of(instance, labels, *sides)
    known = np.isin(unit * instance.managers + taker, sides[0] * instance.managers + sides[1])
    inland = _columns(instance, labels, unit[~known], taker[~known], INLAND_PRICE_M, exact)
    return _Routes(
        *(np.concatenate([getattr(border, f), getattr(inland, f)]) for f in _Routes.__dataclass_fields__)
    )


def _columns(
    instance: Instance, labels: Ints, unit: Ints, taker: Ints, surcharge_m: int, exact: Ints
) -> _Routes:
    """One column for each (giver, taker, due type) with something to give, priced at its nearest unit; one
    for each unit as well where the giver is in `exact`.
    """
    movable = _movable(instance, keep_one=True)[unit]
    side, kind = np.nonzero(movable)
    unit, taker, amount = unit[side], taker[side], movable[side, kind]
    giver = labels[unit]
    extra = instance.metres[unit, taker].astype(np.int64) - instance.metres[unit, giver]
    alone = np.where(np.isin(giver, exact), unit, -1)
    key = (
        ((giver * instance.managers + taker) * len(instance.vectors) + kind) * (instance.units + 1)
        + alone
        + 1
    )
    order = np.lexsort((extra, key))
    first = np.unique(key[order], return_index=True)[1]
    top = order[first]
    room = np.add.reduceat(amount[order], first) if len(first) else np.empty(0, dtype=np.int64)
    price = _price(instance, giver[top], taker[top], extra[top]) + surcharge_m
    return _Routes(alone[top], giver[top], taker[top], kind[top], room, price)


def _all_units_of(instance: Instance, labels: Ints, unit: Ints, taker: Ints) -> tuple[Ints, Ints]:
    """Every unit of a giver with every taker that touches the giver's area."""
    pairs = np.unique(np.column_stack([labels[unit], taker]), axis=0)
    order = np.argsort(labels, kind="stable")
    start = np.searchsorted(labels[order], np.arange(instance.managers + 1))
    size = start[pairs[:, 0] + 1] - start[pairs[:, 0]]
    within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    return order[np.repeat(start[pairs[:, 0]], size) + within], np.repeat(pairs[:, 1], size)


def _price(instance: Instance, giver: Ints, taker: Ints, extra: Ints) -> Ints:
    other_team = instance.team[giver] != instance.team[taker]
    # A shorter way is no reason for a hand-over (S0-22: it smooths months), so it never pays for one.
    price = np.maximum(extra, 0) + instance.hand_over_m + instance.other_team_m * other_team
    return np.asarray(price, dtype=np.int64)


def _everybody(instance: Instance, labels: Ints) -> _Routes:
    """Columns through a common pool, numbered as manager `managers`: out of each giver, into each taker."""
    kinds, pool = len(instance.vectors), instance.managers
    stock = np.zeros((instance.managers, kinds), dtype=np.int64)
    np.add.at(stock, labels, instance.stock)
    giver, kind = np.nonzero(stock)
    into, into_kind = np.divmod(np.arange(instance.managers * kinds), kinds)
    total = stock.sum(axis=0)
    return _Routes(
        np.full(len(giver) + len(into), -1),
        np.concatenate([giver, np.full(len(into), pool)]),
        np.concatenate([np.full(len(giver), pool), into]),
        np.concatenate([kind, into_kind]),
        np.concatenate([stock[giver, kind], total[into_kind]]),
        np.concatenate([np.full(len(giver), instance.hand_over_m), np.zeros(len(into), dtype=np.int64)]),
    )


def _solve(
    instance: Instance, labels: Ints, routes: _Routes, rung: str, hold: Hold | None
) -> tuple[Ints | None, bool]:
    """Amounts of the columns, or None when the rung is infeasible; and whether the node limit was hit."""
    matrix, row_low, row_high = _rows(instance, labels, routes, rung)
    cost = routes.cost
    if hold is not None:
        given = routes.giver < instance.managers
        counted = given & np.where(routes.unit < 0, True, hold.counted[routes.unit])
        cost = cost + counted * hold.price_m
        if hold.most is not None:
            line = csc_array(counted[None, :].astype(np.float64))
            matrix = vstack([matrix, line]).tocsc()
            row_low, row_high = np.append(row_low, 0), np.append(row_high, hold.most)
    if matrix.shape[1] == 0:
        return None, False  # nobody touches anybody
    outside = matrix.shape[1] - len(cost)  # columns of pieces outside the band, last rung only
    result = milp(
        c=np.concatenate([cost, np.full(outside, OUTSIDE_PRICE_M)]).astype(np.float64),
        integrality=np.concatenate([np.ones(len(routes.cost)), np.zeros(outside)]),
        bounds=Bounds(0, np.concatenate([routes.room.astype(np.float64), np.full(outside, np.inf)])),
        constraints=LinearConstraint(matrix, row_low, row_high),
        options={"node_limit": NODES_MAX, "mip_rel_gap": RELATIVE_GAP},
    )
    limited = result.status == _LIMIT_REACHED
    if result.x is None:
        return None, limited
    return np.rint(result.x[: len(routes.cost)]).astype(np.int64), limited


def _rows(instance: Instance, labels: Ints, routes: _Routes, rung: str) -> tuple[csc_array, Ints, Ints]:
    """Rows month(a, m), held(a), stock(a, t) of the givers, and balance(t) of the pool."""
    managers, kinds, band = instance.managers, len(instance.vectors), instance.band
    held_row, stock_row = managers * 12, managers * 13
    given = np.flatnonzero(routes.giver < managers)
    whole = routes.giver[given] * kinds + routes.kind[given]
    alone = managers * kinds + routes.unit[given] * kinds + routes.kind[given]
    shelves, shelf = np.unique(np.where(routes.unit[given] < 0, whole, alone), return_inverse=True)
    pool_row = stock_row + len(shelves)
    entries = []
    for end, sign in ((routes.giver, -1), (routes.taker, 1)):
        own = np.flatnonzero(end < managers)
        spot, month = np.nonzero(instance.vectors[routes.kind[own]])
        entries.append((end[own[spot]] * 12 + month, own[spot], np.full(len(spot), sign)))
        entries.append((held_row + end[own], own, np.full(len(own), sign)))
        pool = np.flatnonzero(end == managers)
        entries.append((pool_row + routes.kind[pool], pool, np.full(len(pool), sign)))
    entries.append((stock_row + shelf.ravel(), given, np.ones(len(given), dtype=np.int64)))
    columns = len(routes.kind)
    if rung == "least":
        cells = np.arange(managers * 12)
        entries.append((cells, columns + cells, np.full(len(cells), -1)))
        entries.append((cells, columns + len(cells) + cells, np.ones(len(cells), dtype=np.int64)))
        columns += 2 * len(cells)
    row, col, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    shape = (pool_row + kinds, columns)
    matrix = coo_array((value.astype(np.float64), (row, col)), shape).tocsc()
    due, held = instance.due(labels).ravel(), instance.held(labels)
    movable = _movable(instance, keep_one=rung != "anew")
    stock = np.zeros((managers, kinds), dtype=np.int64)
    np.add.at(stock, labels, movable)
    on_shelf = np.concatenate([stock.ravel(), movable.ravel()])[shelves]
    even = rung in ("border", "touching")
    low = np.full(managers, band.held_min) if even else np.zeros(managers, dtype=np.int64)
    high = np.full(managers, band.held_max if even else band.held_cap)
    if rung == "least":
        high = np.maximum(high, held)
    none = np.zeros(kinds, dtype=np.int64)
    lows = [band.month_min - due, low - held, np.zeros(len(shelves), dtype=np.int64), none]
    highs = [band.month_max - due, high - held, on_shelf, none]
    return matrix, np.concatenate(lows), np.concatenate(highs)
