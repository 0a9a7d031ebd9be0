"""The compiled kernel: whole customers to agents, one after the other, in handling order.

In: a `Field` (its arrays change), customers as arrays. Out: the agent of each customer, -1 = nobody has room. Never: a
customer split, an agent above cap or quota, a refusal while an agent of the group has room enough.

`BLOCK`: each customer goes to the first agent who has room, so the most productive takes a block up to the limit (A-32).
`ROUND_ROBIN`: one after the other; `SNAKE`: forth and back. A customer of level l is for agents of level l; the next level
helps out when level l has no room (P-16).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tuogu.core.match.field import Field, Ints

BLOCK, ROUND_ROBIN, SNAKE = 0, 1, 2
ORDERS = {"block": BLOCK, "round_robin": ROUND_ROBIN, "snake": SNAKE}


class Manner(NamedTuple):
    """How is dealt: the order, the load below which agents are polled first (0 = no polling), A-38's switch, levels."""

    order: int
    poll_below: int
    before: bool  # the cap is judged before receiving, as printed
    levels: int


@njit(cache=True)
def fits(field: Field, agent: int, size: int, before: bool) -> bool:
    """Whether one agent can take one customer."""
    need = 1 if before else size
    return bool(field.quota[agent] >= size and field.room[agent] >= need)


@njit(cache=True)
def take(field: Field, agent: int, size: int) -> None:
    """Give a customer to an agent."""
    field.room[agent] -= size
    field.quota[agent] -= size
    field.load[agent] += size


@njit(cache=True)
def _next_in(field: Field, segment: int, size: int, manner: Manner, below: int) -> int:
    """The agent of a segment whose turn it is and who has room; `below` > 0: only who holds less than that."""
    first, end = field.segment_start[segment], field.segment_start[segment + 1]
    count = end - first
    cycle = count * 2 if manner.order == SNAKE else count
    for k in range(cycle):
        place = k if manner.order == BLOCK else (field.turn[segment] + k) % cycle
        agent = first + (place if place < count else 2 * count - 1 - place)
        if below > 0 and field.load[agent] >= below:
            continue
        if fits(field, agent, size, manner.before):
            if manner.order != BLOCK:
                field.turn[segment] = (place + 1) % cycle
            return int(agent)
    return -1


@njit(cache=True)
def in_team(field: Field, team: int, level: int, size: int, manner: Manner) -> int:
    """The agent of a group for a customer of `level`; the customer is given."""
    cell = team * manner.levels + level
    if size >= field.refused[cell]:
        return -1
    for group in range(level, manner.levels):
        for polled in range(0 if manner.poll_below > 0 else 1, 2):
            below = 0 if polled else manner.poll_below  # first those who hold little, then everybody
            for kind in range(2):
                segment = (team * manner.levels + group) * 2 + kind
                agent = _next_in(field, segment, size, manner, below)
                if agent >= 0:
                    take(field, agent, size)
                    return agent
    field.refused[cell] = size
    return -1


@njit(cache=True)
def deal(field: Field, rows: Ints, team: Ints, level: Ints, size: Ints, manner: Manner, agent: Ints) -> None:
    """Each customer of `rows` inside the group `team[row]`."""
    for row in rows:
        if agent[row] < 0 and team[row] >= 0:
            agent[row] = in_team(field, team[row], level[row], size[row], manner)


@njit(cache=True)
def to_named(
    field: Field, start: Ints, candidate: Ints, size: Ints, manner: Manner, agent: Ints, chosen: Ints
) -> None:
    """Each customer to the first named receiver with room: those of row r stand at start[r]..start[r+1] (-1 = not
    qualified); `chosen` is the place of who was taken.
    """
    for row in range(len(size)):
        for k in range(start[row], start[row + 1]):
            who = candidate[k]
            if who >= 0 and fits(field, who, size[row], manner.before):
                take(field, who, size[row])
                agent[row], chosen[row] = who, k
                break


@njit(cache=True)
def first_fit(
    field: Field,
    rows: Ints,
    hub: Ints,
    hub_start: Ints,
    hub_teams: Ints,
    refused: Ints,
    level: Ints,
    size: Ints,
    manner: Manner,
    agent: Ints,
) -> None:
    """Each customer of `rows` to any group of its hub; `refused` (hubs, levels) is the smallest that no group can take."""
    for row in rows:
        h = hub[row]
        if agent[row] >= 0 or h < 0 or size[row] >= refused[h, level[row]]:
            continue
        for k in range(hub_start[h], hub_start[h + 1]):
            agent[row] = in_team(field, hub_teams[k], level[row], size[row], manner)
            if agent[row] >= 0:
                break
        if agent[row] < 0:
            refused[h, level[row]] = size[row]


@njit(cache=True)
def instalments(agent: Ints, size: Ints, limit: int, given: Ints, number: Ints) -> None:
    """Which release each customer belongs to: an agent's next one starts when `limit` pieces would be exceeded. Rows in
    handling order; `given` (agents,) and the result are written.
    """
    last = np.ones(len(given), dtype=np.int64)
    for row in range(len(agent)):
        a = agent[row]
        if a < 0:
            continue
        if given[a] > 0 and given[a] + size[row] > limit:
            last[a] += 1
            given[a] = 0
        given[a] += size[row]
        number[row] = last[a]
