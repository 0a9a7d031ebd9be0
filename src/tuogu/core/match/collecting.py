"""Customers to collectors near them, within everyone's room: exact flow of pieces, then whole customers (S4-11).

In: customers by community, costs, room. Out: the collector of each customer, -1 = nobody has room; the flow's bound. Never:
a customer split, a collector above the room.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from tuogu.core.match.field import Ints
from tuogu.core.match.nearness import Ground
from tuogu.core.match.transport import FlowError


def collect(
    community: Ints, size: Ints, ground: Ground, room: Ints, choices: int, unplaced_price: int
) -> tuple[Ints, int]:
    """(collector of each customer, proven lower bound). Customers in handling order; `room` is not changed."""
    collector = np.full(len(size), -1, dtype=np.int64)
    if not len(size):
        return collector, 0
    places, people = ground.cost.shape
    stock = np.bincount(community, size, places).astype(np.int64)
    if not people:
        return collector, int(stock.sum()) * unplaced_price
    near = ground.order[:, : min(choices, people)]
    amount, cost = _flow(stock, near, ground, room, unplaced_price)
    target = _targets(community, size, near, amount)
    left = room.copy()
    _seat(community, size, target, ground.order, left, np.full(places, np.iinfo(np.int64).max), collector)
    cheapest = int((stock * np.minimum(ground.cost.min(axis=1), unplaced_price)).sum())
    return collector, cost if near.shape[1] == people else cheapest


def _flow(stock: Ints, near: Ints, ground: Ground, room: Ints, unplaced_price: int) -> tuple[Ints, int]:
    """(places, choices) pieces to each of the nearest collectors, and the optimum's cost."""
    places, choices = near.shape
    people = len(room)
    sink, total = places + people, int(stock.sum())
    flow = SimpleMinCostFlow()
    tail = np.repeat(np.arange(places), choices)
    head = near.ravel()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        tail, places + head, stock[tail], ground.cost[tail, head]
    )
    flow.add_arcs_with_capacity_and_unit_cost(
        places + np.arange(people), np.full(people, sink), room, np.zeros(people, dtype=np.int64)
    )
    flow.add_arcs_with_capacity_and_unit_cost(
        np.arange(places), np.full(places, sink), stock, np.full(places, unplaced_price)
    )
    flow.set_nodes_supplies(np.arange(places), stock)
    flow.set_nodes_supplies(np.array([sink]), np.array([-total]))
    if (status := flow.solve()) != flow.OPTIMAL:
        raise FlowError(f"min-cost flow ended with status {status}")
    return np.asarray(flow.flows(arcs), dtype=np.int64).reshape(places, choices), int(flow.optimal_cost())


def _targets(community: Ints, size: Ints, near: Ints, amount: Ints) -> Ints:
    """Each customer's collector by the flow: a community's customers fill its amounts, nearest first; -1 beyond."""
    target = np.full(len(size), -1, dtype=np.int64)
    _fill(community, size, near, amount.copy(), np.zeros(len(near), dtype=np.int64), target)
    return target


@njit(cache=True)
def _fill(community: Ints, size: Ints, near: Ints, amount: Ints, at: Ints, target: Ints) -> None:
    for row in range(len(size)):
        c = community[row]
        while at[c] < near.shape[1] and amount[c, at[c]] <= 0:
            at[c] += 1
        if at[c] < near.shape[1]:
            target[row] = near[c, at[c]]
            amount[c, at[c]] -= size[row]


@njit(cache=True)
def _seat(
    community: Ints, size: Ints, target: Ints, order: Ints, room: Ints, refused: Ints, collector: Ints
) -> None:
    """First everybody to the target while there is room, then who is left to the cheapest collector with room."""
    for row in range(len(size)):
        t = target[row]
        if t >= 0 and room[t] >= size[row]:
            room[t] -= size[row]
            collector[row] = t
    for row in range(len(size)):
        c = community[row]
        if collector[row] >= 0 or size[row] >= refused[c]:
            continue
        for k in range(order.shape[1]):
            a = order[c, k]
            if room[a] >= size[row]:
                room[a] -= size[row]
                collector[row] = a
                break
        if collector[row] < 0:
            refused[c] = size[row]
