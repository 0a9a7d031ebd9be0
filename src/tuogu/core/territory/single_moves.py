"""The compiled kernels of `settle`: what a single move breaks, the descent along moves that break nothing.

In and out are plain arrays (letters and compressed adjacency as in `instance`). Never: a move that makes any
of the sums named in `settle` larger, a choice that depends on anything but cost, limits and keyed hash.

`limits` = month min, month max, held min, held max, hard cap. `stamp` (u,) marks visits by `tick`, so that
nothing has to be cleared; `stack` (u + 1,) is scratch.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tuogu.core.territory.instance import Flags, Ints, Ints32, Keys

CAP, MONTH_BAND, FLOOR, BALANCE, CONTIGUITY, TEAM, KEPT = 1, 2, 4, 8, 16, 32, 64
UNKNOWN = -(2**40)


@njit(cache=True)
def _fine(metres: int, unit_key: np.uint64, manager_key: np.uint64) -> np.int64:
    """The scalar twin of `fine_costs`."""
    x = unit_key ^ manager_key
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    return np.int64(metres) * np.int64(1048576) + np.int64(x >> np.uint64(44))


@njit(cache=True)
def _parts_touched(
    start: Ints32, to: Ints32, group: Ints32, unit: int, own: int, stamp: Ints, stack: Ints, tick: Ints
) -> int:
    """How many separate pieces of group `own` (without `unit`) touch `unit`.

    Ends as soon as every neighbour is found in one piece, which dense neighbourhoods show at once.
    """
    tick[0] += 2
    wanted = 0
    for k in range(start[unit], start[unit + 1]):
        if group[to[k]] == own:
            wanted += 1
            stamp[to[k]] = tick[0]
    if wanted <= 1:
        return wanted
    seen, parts, reached = 0, 0, tick[0] + 1
    stamp[unit] = reached
    for k in range(start[unit], start[unit + 1]):
        v = to[k]
        if group[v] != own or stamp[v] == reached:
            continue
        parts += 1
        seen += 1
        stamp[v] = reached
        stack[0] = v
        top = 1
        while top > 0 and seen < wanted:
            top -= 1
            x = stack[top]
            for j in range(start[x], start[x + 1]):
                w = to[j]
                if group[w] == own and stamp[w] != reached:
                    if stamp[w] == tick[0]:
                        seen += 1
                    stamp[w] = reached
                    stack[top] = w
                    top += 1
        if seen == wanted:
            break
    return parts


@njit(cache=True)
def _left_behind(
    start: Ints32,
    to: Ints32,
    group: Ints32,
    unit: int,
    own: int,
    members: int,
    stamp: Ints,
    stack: Ints,
    tick: Ints,
) -> int:
    """Change in the breaks of group `own` (of so many members) when `unit` leaves it."""
    return 0 if members <= 1 else _parts_touched(start, to, group, unit, own, stamp, stack, tick) - 1


@njit(cache=True)
def _brought(
    start: Ints32,
    to: Ints32,
    group: Ints32,
    unit: int,
    other: int,
    members: int,
    stamp: Ints,
    stack: Ints,
    tick: Ints,
) -> int:
    """Change in the breaks of group `other` (of so many members) when `unit` joins it."""
    return 0 if members == 0 else 1 - _parts_touched(start, to, group, unit, other, stamp, stack, tick)


@njit(cache=True)
def _outside(value: int, low: int, high: int) -> int:
    return max(value - high, 0) + max(low - value, 0)


@njit(cache=True)
def _load_faults(
    held: Ints,
    due: Ints,
    u: int,
    a: int,
    b: int,
    policies: Ints,
    months: Ints,
    limits: Ints,
    over: Ints,
    under: Ints,
) -> int:
    """Faults of loads when u goes from a to b; fills over/under with (month, pieces) that pass a limit."""
    faults = 0
    p = policies[u]
    if max(held[b] + p - limits[4], 0) + max(held[a] - p - limits[4], 0) > max(held[b] - limits[4], 0) + max(
        held[a] - limits[4], 0
    ):
        faults |= CAP
    elif _outside(held[b] + p, limits[2], limits[3]) + _outside(held[a] - p, limits[2], limits[3]) > _outside(
        held[b], limits[2], limits[3]
    ) + _outside(held[a], limits[2], limits[3]):
        faults |= BALANCE
    change = 0
    over[0], over[1], under[0], under[1] = -1, 0, -1, 0
    worst_over, worst_under = 0, 0
    for m in range(12):
        x = months[u, m]
        if x == 0:
            continue
        more = _outside(due[b, m] + x, limits[0], limits[1]) - _outside(due[b, m], limits[0], limits[1])
        less = _outside(due[a, m] - x, limits[0], limits[1]) - _outside(due[a, m], limits[0], limits[1])
        change += more + less
        if more > worst_over:
            worst_over = more
            over[0], over[1] = m, due[b, m] + x
        if less > worst_under:
            worst_under = less
            under[0], under[1] = m, due[a, m] - x
    if change > 0:
        if worst_over > 0:
            faults |= MONTH_BAND
        if worst_under > 0:
            faults |= FLOOR
    return faults


@njit(cache=True)
def _sums(
    labels: Ints32, policies: Ints, months: Ints, team: Ints32, managers: int
) -> tuple[Ints, Ints, Ints, Ints32, Ints]:
    held = np.zeros(managers, dtype=np.int64)
    due = np.zeros((managers, 12), dtype=np.int64)
    count = np.zeros(managers, dtype=np.int64)
    teams = np.empty(len(labels), dtype=np.int32)
    mates = np.zeros(max(team) + 1, dtype=np.int64)
    for u in range(len(labels)):
        a = labels[u]
        held[a] += policies[u]
        count[a] += 1
        teams[u] = team[a]
        mates[team[a]] += 1
        for m in range(12):
            due[a, m] += months[u, m]
    return held, due, count, teams, mates


@njit(cache=True)
def _area_faults(
    start: Ints32,
    to: Ints32,
    labels: Ints32,
    teams: Ints32,
    count: Ints,
    mates: Ints,
    team: Ints32,
    u: int,
    b: int,
    left: Ints,
    stamp: Ints,
    stack: Ints,
    tick: Ints,
) -> int:
    """CONTIGUITY and TEAM faults when u goes to b. `left` caches what u's leaving breaks (UNKNOWN = not
    yet).
    """
    a = labels[u]
    if left[0] == UNKNOWN:
        left[0] = _left_behind(start, to, labels, u, a, count[a], stamp, stack, tick)
    faults = 0
    if left[0] + _brought(start, to, labels, u, b, count[b], stamp, stack, tick) > 0:
        faults |= CONTIGUITY
    s, t = team[a], team[b]
    if s != t:
        if left[1] == UNKNOWN:
            left[1] = _left_behind(start, to, teams, u, s, mates[s], stamp, stack, tick)
        if left[1] + _brought(start, to, teams, u, t, mates[t], stamp, stack, tick) > 0:
            faults |= TEAM
    return faults


@njit(cache=True)
def descend(
    start: Ints32,
    to: Ints32,
    labels: Ints32,
    metres: Ints32,
    policies: Ints,
    months: Ints,
    team: Ints32,
    limits: Ints,
    judged: bool,
    kept: Flags,
    unit_keys: Keys,
    manager_keys: Keys,
    passes_max: int,
) -> tuple[Ints32, int]:
    units, managers = metres.shape
    held, due, count, teams, mates = _sums(labels, policies, months, team, managers)
    stamp = np.zeros(units, dtype=np.int64)
    stack = np.empty(units + 1, dtype=np.int64)
    over, under = np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64)
    tick = np.ones(1, dtype=np.int64)
    left = np.empty(2, dtype=np.int64)
    for done in range(passes_max):
        moved = False
        for u in range(units):
            if kept[u]:
                continue
            a = labels[u]
            best = _fine(metres[u, a], unit_keys[u], manager_keys[a])
            taker = -1
            left[:] = UNKNOWN
            for b in range(managers):
                if metres[u, b] > metres[u, a] or b == a:
                    continue
                cost = _fine(metres[u, b], unit_keys[u], manager_keys[b])
                if (
                    cost >= best
                    or _load_faults(held, due, u, a, b, policies, months, limits, over, under) != 0
                ):
                    continue
                if judged and _area_faults(
                    start, to, labels, teams, count, mates, team, u, b, left, stamp, stack, tick
                ):
                    continue
                best, taker = cost, b
            if taker < 0:
                continue
            moved = True
            labels[u] = taker
            teams[u] = team[taker]
            held[a] -= policies[u]
            held[taker] += policies[u]
            count[a] -= 1
            count[taker] += 1
            mates[team[a]] -= 1
            mates[team[taker]] += 1
            for m in range(12):
                due[a, m] -= months[u, m]
                due[taker, m] += months[u, m]
        if not moved:
            return labels, done
    return labels, passes_max


@njit(cache=True)
def judge(
    start: Ints32,
    to: Ints32,
    labels: Ints32,
    metres: Ints32,
    policies: Ints,
    months: Ints,
    team: Ints32,
    limits: Ints,
    judged: bool,
    kept: Flags,
    near: Ints,
) -> tuple[Ints, Ints, Ints, Ints]:
    units, managers = metres.shape
    held, due, count, teams, mates = _sums(labels, policies, months, team, managers)
    stamp = np.zeros(units, dtype=np.int64)
    stack = np.empty(units + 1, dtype=np.int64)
    width = near.shape[1]
    excluded = np.zeros((units, width), dtype=np.int64)
    over = np.zeros((units, width, 2), dtype=np.int64)
    under = np.zeros((units, width, 2), dtype=np.int64)
    after = np.zeros((units, width, 2), dtype=np.int64)
    tick = np.ones(1, dtype=np.int64)
    left = np.empty(2, dtype=np.int64)
    for u in range(units):
        a = labels[u]
        left[:] = UNKNOWN
        for k in range(width):
            b = near[u, k]
            if b < 0 or b == a:
                continue
            faults = _load_faults(held, due, u, a, b, policies, months, limits, over[u, k], under[u, k])
            if judged:
                faults |= _area_faults(
                    start, to, labels, teams, count, mates, team, u, b, left, stamp, stack, tick
                )
            if kept[u]:
                faults |= KEPT
            excluded[u, k] = faults
            after[u, k, 0] = held[b] + policies[u]
            after[u, k, 1] = held[a] - policies[u]
    return excluded, over, under, after
