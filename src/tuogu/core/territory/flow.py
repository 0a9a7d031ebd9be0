"""The transport of policies to managers as a min-cost flow, and a lower bound that anybody can recompute.

In: cost (u, a), supply (u,), a band of held policies for each manager. Out: the cheapest splitting of units
among managers, a price for each manager, and the bound that these prices prove. Never: a bound that a plan
inside the band could undercut: whatever the prices are, weak duality holds over all pairs, not only those
priced in.

    bound(p) = sum_u n_u min_a(c_ua + p_a) - high sum_a max(p_a, 0) + low sum_a max(-p_a, 0)

Months, contiguity, teams and whole units are left out of the flow, so the bound is never too high.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from tuogu.core.territory.instance import Floats, Ints, Ints32

NEAREST = 30  # managers offered to each unit before pricing
NEAREST_PRICED = 12  # managers added to each unit in a pricing round
ROUNDS = 12
CLOSE_ENOUGH = 2e-4  # relative distance between restricted optimum and bound at which pricing stops


class FlowError(RuntimeError):
    """The flow solver did not reach an optimum: a broken invariant, because slack makes every problem
    feasible.
    """


@dataclass(frozen=True)
class Transport:
    """An optimal splitting: arc i carries `amount[i]` policies from `unit[i]` to `manager[i]`."""

    unit: Ints
    manager: Ints
    amount: Ints
    slack: int  # policies outside the band: 0 when the band can be kept

    def shares(self, units: int) -> Ints:
        """(u,) the manager that takes most of each unit; ties go to the lower number."""
        order = np.lexsort((self.manager, -self.amount, self.unit))
        first = np.unique(self.unit[order], return_index=True)[1]
        best = np.full(units, -1, dtype=np.int64)
        best[self.unit[order][first]] = self.manager[order][first]
        return best


@dataclass(frozen=True)
class Bounded:
    """The last transport with its arcs, prices and proven bound (policy-metres, rounded down)."""

    transport: Transport
    arcs: tuple[Ints, Ints]  # (unit, manager) of every arc offered
    prices: Ints
    bound_m: int


def bound_m(metres: Ints32, supply: Ints, prices: Ints, low: int, high: int) -> int:
    """The bound that `prices` prove for every plan that holds low..high each (may be negative)."""
    total = 0
    for rows in _chunks(*metres.shape):
        total += int((supply[rows] * (metres[rows] + prices).min(axis=1)).sum())
    return total - high * int(np.maximum(prices, 0).sum()) + low * int(np.maximum(-prices, 0).sum())


def bounded_transport(metres: Ints32, supply: Ints, low: int, high: int) -> Bounded:
    """Column generation: flow on the arcs offered, prices from its residual graph, arcs that price in."""
    managers = metres.shape[1]
    prices = best_prices = np.zeros(managers, dtype=np.int64)
    best, arcs, count = -(2**62), np.empty(0, dtype=np.int64), min(NEAREST, managers)
    for _ in range(ROUNDS):
        arcs = np.unique(np.concatenate([arcs, _cheapest(metres, prices, count)]))
        unit, manager = arcs // managers, arcs % managers
        cost = metres[unit, manager].astype(np.int64)
        transport = min_cost_transport(unit, manager, cost, supply, low, high, managers)
        prices = _prices(transport, unit, manager, metres, low, high)
        value = bound_m(metres, supply, prices, low, high)
        if value > best:
            best, best_prices = value, prices
        spent = int((transport.amount * metres[transport.unit, transport.manager].astype(np.int64)).sum())
        if (transport.slack == 0 and spent - best <= CLOSE_ENOUGH * spent) or count >= managers:
            break
        count = min(NEAREST_PRICED, managers)
    return Bounded(transport, (unit, manager), best_prices, best)


def _chunks(units: int, managers: int) -> list[NDArray[np.int64]]:
    """Row blocks of about four million pairs: memory stays flat for ten thousand units and a thousand
    managers.
    """
    return np.array_split(np.arange(units), max(1, units * managers // 4_000_000))


def _cheapest(metres: Ints32, prices: Ints, count: int) -> Ints:
    """Arc numbers (unit * managers + manager) of the `count` cheapest managers of every unit at these
    prices.
    """
    managers = metres.shape[1]
    found = []
    for rows in _chunks(*metres.shape):
        priced = metres[rows] + prices
        near = np.argpartition(priced, min(count, managers - 1), axis=1)[:, :count]
        found.append((rows[:, None] * managers + near).ravel())
    return np.concatenate(found)


def min_cost_transport(
    unit: Ints, manager: Ints, cost: Ints, supply: Ints, low: int | Ints, high: int | Ints, managers: int
) -> Transport:
    """One exact flow on the given arcs. Loads outside low..high are possible at a price above any detour."""
    units, total = len(supply), int(supply.sum())
    everyone = np.arange(managers)
    lows, highs = (
        np.broadcast_to(low, managers).astype(np.int64),
        np.broadcast_to(high, managers).astype(np.int64),
    )
    sink, lender = units + managers, units + managers + 1  # the lender covers managers that stay below `low`
    steep = int(3 * cost.max() + 10) if len(cost) else 10
    flow = SimpleMinCostFlow()
    to_sink, of_lender = np.full(managers, sink), np.full(managers, lender)
    arcs = flow.add_arcs_with_capacity_and_unit_cost(unit, units + manager, supply[unit], cost)
    flow.add_arcs_with_capacity_and_unit_cost(
        units + everyone, to_sink, highs - lows, np.zeros(managers, dtype=np.int64)
    )
    over = flow.add_arcs_with_capacity_and_unit_cost(
        units + everyone, to_sink, np.full(managers, total), np.full(managers, steep)
    )
    under = flow.add_arcs_with_capacity_and_unit_cost(
        of_lender, units + everyone, lows, np.full(managers, steep)
    )
    borrowed = int(lows.sum())
    flow.add_arc_with_capacity_and_unit_cost(lender, sink, borrowed, 0)
    flow.set_nodes_supplies(np.arange(units), supply)
    flow.set_nodes_supplies(units + everyone, -lows)
    flow.set_nodes_supplies(np.array([sink, lender]), np.array([-total, borrowed]))
    if (status := flow.solve()) != flow.OPTIMAL:
        raise FlowError(f"min-cost flow ended with status {status}")
    amount = np.asarray(flow.flows(arcs), dtype=np.int64)
    used = amount > 0
    slack = int(np.sum(flow.flows(over)) + np.sum(flow.flows(under)))
    return Transport(unit[used], manager[used], amount[used], slack)


def _prices(transport: Transport, unit: Ints, manager: Ints, metres: Ints32, low: int, high: int) -> Ints:
    """Prices under which no policy of the flow would rather go elsewhere (shortest paths in the residual
    graph).

    OR-tools gives no duals. A served unit says p_a <= p_b + (c_ub - c_ua); a load below `high` says p_a <=
    0 and one above `low` says p_a >= 0, with the last node of the graph as the zero.
    """
    managers = metres.shape[1]
    far = np.int64(4) * int(metres.max(initial=0)) + 10
    step = np.full((managers + 1, managers + 1), far, dtype=np.int64)
    start = np.searchsorted(unit, transport.unit)
    count = np.searchsorted(unit, transport.unit, side="right") - start
    served = np.repeat(np.arange(len(count)), count)
    offered = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + start[served]
    here, there = transport.manager[served], manager[offered]
    saved = metres[unit[offered], there].astype(np.int64) - metres[unit[offered], here]
    np.minimum.at(step, (here, there), saved)
    load = np.bincount(transport.manager, transport.amount, managers)
    step[:managers, managers] = np.where(load < high, 0, far)
    step[managers, :managers] = np.where(load > low, 0, far)
    price = np.zeros(managers + 1, dtype=np.int64)
    for _ in range(2 * managers + 2):
        shorter = np.minimum(price, (step + price).min(axis=1))
        if np.array_equal(shorter, price):
            break
        price = shorter
    return price[:managers] - price[managers]


def steepened(metres: Ints32, exponent: float) -> Floats:
    """Cost raised to a power above one: cells get rounder and fall apart less often."""
    return np.rint(metres.astype(np.float64) ** exponent)
