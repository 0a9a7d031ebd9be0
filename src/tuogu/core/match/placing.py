"""The stages of matching: named receiver, original group, near groups, groups elsewhere, nobody.

In: customers in handling order, their named receivers, the agents. Out: `Placed`: the agent and the lever of each customer.
Never: a customer in a worse tier who would have had room in a better one when the turn came; a customer of another group in
a seat that one of the own group could have had (S4-12); a later type before an earlier one inside a stage (S4-01).

Read `place` downwards. What other groups have to spare is what is left when every group has served its own; it goes to the
orphan types in their order, along the exact flow, and where whole customers do not fit into the flow's pieces the first
group with room takes them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from tuogu.core.match import dealing
from tuogu.core.match.dealing import Manner
from tuogu.core.match.field import Agents, Field, Ints
from tuogu.core.match.transport import Prices, transport

NOBODY, NAMED, OWN = 0, 1, 2
NEAR, AWAY = OWN + 1, OWN + 2  # the farther the larger


@dataclass(frozen=True)
class Customers:
    """Arrays in handling order: group, level, size in pieces, rank of the type."""

    team: Ints
    level: Ints
    size: Ints
    kind: Ints

    def stock(self, rows: Ints, teams: int, levels: int) -> Ints:
        """(teams, levels) pieces of some rows."""
        cell = self.team[rows] * levels + self.level[rows]
        sums = np.bincount(cell, self.size[rows], teams * levels)
        return sums.astype(np.int64).reshape(teams, levels)


@dataclass(frozen=True)
class Placed:
    """By customer row: agent (-1 = nobody), tier, place of the named receiver in NAMED (-1 = not by name). `field` is the
    agents' final state; `after_named` the state that the transport started from."""

    agent: Ints
    tier: Ints
    named: Ints
    field: Field
    after_named: Field


def place(
    customers: Customers, named: pl.DataFrame, agents: Agents, manner: Manner, prices: Prices, *, reach: bool
) -> Placed:
    """All stages. `named`: row and agent (-1 = not qualified), by row and rank. `reach`: other groups may help out."""
    field, count = agents.field.copy(), len(customers.size)
    agent, place_named = np.full(count, -1, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    tier = np.full(count, NOBODY, dtype=np.int64)
    _by_name(customers, named, field, manner, agent, place_named)  # S4-06, S4-08
    tier[agent >= 0] = NAMED
    after_named = field.copy()
    everyone = np.arange(count)
    dealing.deal(
        field, everyone, customers.team, customers.level, customers.size, manner, agent
    )  # S4-12, S4-13
    tier[(agent >= 0) & (tier == NOBODY)] = OWN
    if reach:
        hubs = _Hubs(agents)
        for kind in np.unique(customers.kind):  # S4-01: combination, then non-pure, then pure
            rows = everyone[(customers.kind == kind) & (agent < 0)]
            _surplus(customers, rows, agents, hubs, field, manner, prices, agent, tier)
    return Placed(agent, tier, place_named, field, after_named)


def _by_name(
    customers: Customers, named: pl.DataFrame, field: Field, manner: Manner, agent: Ints, chosen: Ints
) -> None:
    rows = named["row"].to_numpy()
    start = np.searchsorted(rows, np.arange(len(customers.size) + 1)).astype(np.int64)
    candidate = named["agent"].to_numpy().astype(np.int64)
    dealing.to_named(field, start, candidate, customers.size, manner, agent, chosen)


class _Hubs:
    """The groups of each near unit, and all groups, in keyed order."""

    def __init__(self, agents: Agents) -> None:
        near = agents.near
        self.near = near
        order = np.argsort(near, kind="stable")
        self.near_teams = order[near[order] >= 0].astype(np.int64)
        units = int(near.max(initial=-1)) + 1
        self.near_start = np.searchsorted(near[self.near_teams], np.arange(units + 1)).astype(np.int64)
        self.all_teams = np.arange(len(near), dtype=np.int64)
        self.all_start = np.array([0, len(near)], dtype=np.int64)
        most = np.iinfo(np.int64).max
        self.near_refused = np.full((units, agents.levels), most)
        self.all_refused = np.full((1, agents.levels), most)


def _surplus(
    customers: Customers, rows: Ints, agents: Agents, hubs: _Hubs, field: Field, manner: Manner, prices: Prices,
    agent: Ints, tier: Ints,
) -> None:  # fmt: skip
    """Near groups, then groups elsewhere, for the rows of one type that nobody has yet."""
    if not len(rows):
        return
    level, size = customers.level, customers.size
    stock = customers.stock(rows, len(agents.teams), agents.levels)
    flow = transport(stock, agents.room_of(field), agents.near, prices, own=False, reach=True)
    hub = np.where(customers.team >= 0, hubs.near[customers.team], -1)
    target = _targets(rows, hub, size, flow.near_in, hubs.near_teams, hubs.near_start)
    dealing.deal(field, rows, target, level, size, manner, agent)
    refused = hubs.near_refused
    dealing.first_fit(field, rows, hub, hubs.near_start, hubs.near_teams, refused, level, size, manner, agent)
    tier[rows[agent[rows] >= 0]] = NEAR
    left = rows[agent[rows] < 0]
    root = np.zeros(len(size), dtype=np.int64)
    target = _targets(left, root, size, flow.away_in, hubs.all_teams, hubs.all_start)
    dealing.deal(field, left, target, level, size, manner, agent)
    refused = hubs.all_refused
    dealing.first_fit(field, left, root, hubs.all_start, hubs.all_teams, refused, level, size, manner, agent)
    tier[left[agent[left] >= 0]] = AWAY


def _targets(rows: Ints, hub: Ints, size: Ints, pieces_in: Ints, teams: Ints, start: Ints) -> Ints:
    """(customers,) the group that the flow sends each of `rows` to, in handling order inside a hub; -1 beyond."""
    target = np.full(len(size), -1, dtype=np.int64)
    known = rows[hub[rows] >= 0]
    if not len(known) or not len(teams):
        return target
    order = known[np.argsort(hub[known], kind="stable")]
    before = np.cumsum(size[order]) - size[order]
    first = np.searchsorted(hub[order], np.arange(len(start) - 1))
    base = np.concatenate([before, [0]])[np.minimum(first, len(order) - 1)]
    used = before - base[hub[order]]  # pieces of earlier customers of the same hub
    filled = np.concatenate([[0], np.cumsum(pieces_in[teams])])
    begin, end = filled[start[hub[order]]], filled[start[hub[order] + 1]]
    place = np.searchsorted(filled, begin + used, side="right") - 1
    inside = begin + used < end
    target[order[inside]] = teams[place[inside]]
    return target
