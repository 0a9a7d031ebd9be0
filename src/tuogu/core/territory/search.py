"""Local search over unit labels: shifts and swaps along the borders that keep every area in one piece.

In: an Instance and labels. Out: better labels after exactly `moves` proposals (simulated annealing, one seed, one
thread). Never: a manager emptied, a manager or team torn apart by a move, a clock: effort is counted in moves.

Loads outside the band cost a price for each piece, so the search may pass through them; the exact month repair
that follows (`hand_over`) removes what is left. Loose month prices are better than heavy ones: measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from tuogu.core.territory.instance import Floats, Instance, Ints

TEAM_LOOK = 96  # units of a team looked at before a move is given up as possibly tearing the team apart


@dataclass(frozen=True)
class Prices:
    """What a piece outside the band costs the search, in metres, and how warm it runs (policy-metres).

    `over_m` and `under_m` are (a,): what the flow's prices say a further policy is worth, and a margin.
    """

    over_m: Floats
    under_m: Floats
    month_m: float
    warm_m: float
    cold_m: float


def search(instance: Instance, labels: Ints, moves: int, seed: int, prices: Prices) -> Ints:
    """Labels after `moves` proposals from `labels`; the best seen, never worse than the start."""
    if instance.units == 0 or instance.managers < 2 or moves <= 0:
        return labels.copy()
    start, to = instance.links
    band = instance.band
    limits = np.array([band.month_min, band.month_max, band.held_min, band.held_max], dtype=np.int64)
    heat = np.array([prices.warm_m, prices.cold_m])
    return _anneal(
        start,
        to,
        labels.astype(np.int32),
        instance.metres,
        instance.policies,
        instance.months,
        instance.team,
        limits,
        prices.over_m,
        prices.under_m,
        prices.month_m,
        heat,
        instance.judged,
        int(moves),
        np.uint64(seed % 2**63),
    ).astype(np.int64)


@njit(cache=True)
def _next(state):
    """xorshift64*: the same numbers on every machine."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return x * np.uint64(2685821657736338717)


@njit(cache=True)
def _below(state, bound):
    return np.int64((_next(state) >> np.uint64(33)) % np.uint64(bound))


@njit(cache=True)
def _uniform(state):
    return np.float64(_next(state) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True)
def stays_whole(start, to, group, unit, look, stamp, stack, tick):
    """True when the neighbours of `unit` in its group stay connected without it (within `look` units).

    `group` is (u,) group numbers; `stamp` (u,) and `tick` mark visits without clearing; `stack` is scratch.
    """
    own = group[unit]
    first, wanted = -1, 0
    for k in range(start[unit], start[unit + 1]):
        v = to[k]
        if group[v] == own:
            if first < 0:
                first = v
            wanted += 1
            stamp[v] = tick
    if wanted <= 1:
        return True
    seen, top, looked = 1, 1, 0
    stack[0] = first
    stamp[first] = tick + 1
    stamp[unit] = tick + 1
    while top > 0 and seen < wanted and looked < look:
        top -= 1
        v = stack[top]
        looked += 1
        for k in range(start[v], start[v + 1]):
            w = to[k]
            if group[w] == own and stamp[w] != tick + 1:
                if stamp[w] == tick:
                    seen += 1
                stamp[w] = tick + 1
                stack[top] = w
                top += 1
    return seen == wanted


@njit(cache=True)
def _touches(start, to, group, unit, wanted, other):
    """True when `unit` has a neighbour of group `wanted`, `other` not counted."""
    for k in range(start[unit], start[unit + 1]):
        if to[k] != other and group[to[k]] == wanted:
            return True
    return False


@njit(cache=True)
def _load_price(held, due, a, d_held, d_due, sign, limits, over_m, under_m, month_m):
    """Price of manager a's loads after adding sign * (d_held, d_due)."""
    h = held[a] + sign * d_held
    price = 0.0
    if h > limits[3]:
        price = over_m[a] * (h - limits[3])
    elif h < limits[2]:
        price = under_m[a] * (limits[2] - h)
    months = 0
    for m in range(12):
        x = due[a, m] + sign * d_due[m]
        if x > limits[1]:
            months += x - limits[1]
        elif x < limits[0]:
            months += limits[0] - x
    return price + month_m * months


@njit(cache=True)
def _anneal(
    start,
    to,
    labels,
    metres,
    policies,
    months,
    team,
    limits,
    over_m,
    under_m,
    month_m,
    heat_m,
    judged,
    moves,
    seed,
):
    units, managers = metres.shape
    state = np.empty(1, dtype=np.uint64)
    state[0] = seed * np.uint64(2) + np.uint64(88172645463325253)
    for _ in range(8):
        _next(state)
    held = np.zeros(managers, dtype=np.int64)
    due = np.zeros((managers, 12), dtype=np.int64)
    count = np.zeros(managers, dtype=np.int64)
    teams = np.empty(units, dtype=np.int32)
    for u in range(units):
        held[labels[u]] += policies[u]
        count[labels[u]] += 1
        teams[u] = team[labels[u]]
        for m in range(12):
            due[labels[u], m] += months[u, m]
    none = np.zeros(12, dtype=np.int64)
    price = np.empty(managers)
    for a in range(managers):
        price[a] = _load_price(held, due, a, 0, none, 1, limits, over_m, under_m, month_m)
    stamp = np.zeros(units, dtype=np.int64)
    stack = np.empty(units + 1, dtype=np.int64)
    tick = 1
    change = np.zeros(12, dtype=np.int64)
    total, best_total = 0.0, 0.0
    best = labels.copy()
    warm, cold = heat_m[0], heat_m[1]
    cooling = (cold / warm) ** (1.0 / max(1, moves // 1024))
    heat = warm
    stale = False
    for move in range(moves):
        if move % 1024 == 1023:
            heat *= cooling
        u = _below(state, units)
        a = labels[u]
        if count[a] < 2:
            continue
        w = -1  # the unit that comes back in a swap
        if judged:
            degree = start[u + 1] - start[u]
            if degree == 0:
                continue
            v = to[start[u] + _below(state, degree)]
            b = labels[v]
            if b == a:
                continue
            if _below(state, 3) == 0:
                # swap: walk from u inside a to a border unit, take a unit of b that touches it
                x = u
                for _ in range(2):
                    x = to[start[x] + _below(state, start[x + 1] - start[x])]
                w = x if labels[x] == b else -1
                if w < 0:
                    continue
        else:
            b = labels[_below(state, units)]
            if b == a:
                continue
            if _below(state, 2) == 0:
                w = _below(state, units)
                b = labels[w]
                if b == a:
                    continue
        if w < 0:
            delta = policies[u] * (np.float64(metres[u, b]) - metres[u, a])
            if delta > 40.0 * heat + price[a] + price[b]:
                continue
            for m in range(12):
                change[m] = months[u, m]
            more = policies[u]
        else:
            delta = policies[u] * (np.float64(metres[u, b]) - metres[u, a])
            delta += policies[w] * (np.float64(metres[w, a]) - metres[w, b])
            for m in range(12):
                change[m] = months[u, m] - months[w, m]
            more = policies[u] - policies[w]
        price_a = _load_price(held, due, a, more, change, -1, limits, over_m, under_m, month_m)
        price_b = _load_price(held, due, b, more, change, 1, limits, over_m, under_m, month_m)
        delta += price_a + price_b - price[a] - price[b]
        if delta > 0.0 and _uniform(state) >= np.exp(-delta / heat):
            continue
        if judged:
            tick += 2
            if not stays_whole(start, to, labels, u, units, stamp, stack, tick):
                continue
            if team[a] != team[b]:
                tick += 2
                if not stays_whole(start, to, teams, u, TEAM_LOOK, stamp, stack, tick):
                    continue
            if w >= 0:
                if not _touches(start, to, labels, u, b, w) or not _touches(start, to, labels, w, a, u):
                    continue
                labels[u] = b
                teams[u] = team[b]
                tick += 2
                sound = stays_whole(start, to, labels, w, units, stamp, stack, tick)
                if sound and team[a] != team[b]:
                    tick += 2
                    sound = stays_whole(start, to, teams, w, TEAM_LOOK, stamp, stack, tick)
                if not sound:
                    labels[u] = a
                    teams[u] = team[a]
                    continue
        if stale and delta > 0.0:
            best[:] = labels  # leaving the best point: remember it (labels[u] may be set already in a swap)
            best[u] = a
            stale = False
        labels[u] = b
        teams[u] = team[b]
        if w >= 0:
            labels[w] = a
            teams[w] = team[a]
        else:
            count[a] -= 1
            count[b] += 1
        held[a] -= more
        held[b] += more
        for m in range(12):
            due[a, m] -= change[m]
            due[b, m] += change[m]
        price[a] = price_a
        price[b] = price_b
        total += delta
        if total < best_total - 1e-6:
            best_total = total
            stale = True
    if stale:
        best[:] = labels
    return best
