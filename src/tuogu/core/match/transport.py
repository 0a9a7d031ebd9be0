"""Group → group transport as one exact min-cost flow: own group, near groups, groups elsewhere, nobody (S4-12, S4-09).

In: pieces by group and level, room by group and level, the unit above each group, prices. Out: `Flow`. Never: a route whose
price depends on anything but the tier, which is why a few hubs carry every pair of groups exactly.

A level's pieces may overflow to the next level at `overflow` each (P-16). Without `own` the own group is no destination
(its customers were dealt already), without `reach` nothing leaves the group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from tuogu.core.match.field import Ints
from tuogu.core.rulebook import Rulebook


class FlowError(RuntimeError):
    """The flow solver did not reach an optimum: a broken invariant, for everything may stay unplaced."""


@dataclass(frozen=True)
class Prices:
    """Of one piece in each tier; the own group costs nothing."""

    near: int
    elsewhere: int
    unplaced: int
    overflow: int

    @classmethod
    def of(cls, rulebook: Rulebook) -> Prices:
        names = ("near", "elsewhere", "unplaced", "overflow")
        return cls(*(rulebook[f"match.{name}_price"] for name in names))


@dataclass(frozen=True)
class Flow:
    """`near_in` and `away_in` (groups,): pieces that come in from near groups and from elsewhere; `cost`: the optimum."""

    near_in: Ints
    away_in: Ints
    cost: int


def transport(stock: Ints, room: Ints, near: Ints, prices: Prices, *, own: bool, reach: bool) -> Flow:
    """The cheapest way for `stock` (groups, levels) into `room` (groups, levels); `near` (groups,), -1 = no unit above."""
    groups, levels = stock.shape
    cells, units = groups * levels, int(near.max(initial=-1)) + 1
    at = np.arange(cells)
    level = at % levels
    hub_base = 2 * cells  # origins, then destinations, then near hubs, then the root's, then sink
    root_base = hub_base + units * levels
    sink = root_base + levels
    hub = np.where(
        np.repeat(near, levels) >= 0, hub_base + np.repeat(near, levels) * levels + level, root_base + level
    )
    has_near = np.repeat(near, levels) >= 0
    total = int(stock.sum())
    graph = _Graph(total)
    if own:
        graph.arcs(at, cells + at, 0)
        graph.arcs(at[level < levels - 1], at[level < levels - 1] + 1, prices.overflow)
    into_near = into_away = np.empty(0, dtype=np.int64)
    if reach:
        graph.arcs(at[has_near], hub[has_near], prices.near)
        graph.arcs(at[~has_near], root_base + level[~has_near], prices.elsewhere)
        hubs = np.arange(units * levels)
        graph.arcs(hub_base + hubs, root_base + hubs % levels, prices.elsewhere - prices.near)
        for base, count in ((hub_base, units * levels), (root_base, levels)):
            lower = np.arange(count)[np.arange(count) % levels < levels - 1]
            graph.arcs(base + lower, base + lower + 1, prices.overflow)
        into_near = graph.arcs(hub[has_near], cells + at[has_near], 0)
        into_away = graph.arcs(root_base + level, cells + at, 0)
    graph.arcs(at, np.full(cells, sink), prices.unplaced)
    graph.arcs(cells + at, np.full(cells, sink), 0, room.ravel())
    graph.solve(at, stock.ravel(), sink)
    near_in = away_in = np.zeros(cells, dtype=np.int64)
    if reach:
        near_in = np.zeros(cells, dtype=np.int64)
        near_in[has_near] = graph.flow(into_near)
        away_in = graph.flow(into_away)
    near_sum, away_sum = (part.reshape(groups, levels).sum(axis=1) for part in (near_in, away_in))
    return Flow(near_sum, away_sum, graph.cost())


class _Graph:
    """A min-cost flow under construction; `most` is what an unlimited arc may carry."""

    def __init__(self, most: int) -> None:
        self._flow, self._most = SimpleMinCostFlow(), most

    def arcs(self, tails: Ints, heads: Ints, price: int, room: Ints | None = None) -> Ints:
        """Add arcs; their numbers."""
        if not len(tails):
            return np.empty(0, dtype=np.int64)
        capacity = np.full(len(tails), self._most) if room is None else room
        unit = np.full(len(tails), price)
        return np.asarray(self._flow.add_arcs_with_capacity_and_unit_cost(tails, heads, capacity, unit))

    def solve(self, nodes: Ints, supply: Ints, sink: int) -> None:
        self._flow.set_nodes_supplies(nodes, supply)
        self._flow.set_nodes_supplies(np.array([sink]), np.array([-int(supply.sum())]))
        if (status := self._flow.solve()) != self._flow.OPTIMAL:
            raise FlowError(f"min-cost flow ended with status {status}")

    def flow(self, arcs: Ints) -> Ints:
        if not len(arcs):
            return np.empty(0, dtype=np.int64)
        return np.asarray(self._flow.flows(arcs), dtype=np.int64)

    def cost(self) -> int:
        return int(self._flow.optimal_cost())
