"""The compiled kernel of `search`: simulated annealing over unit labels.

In and out are plain arrays (see `instance` for the letters u, a and the compressed adjacency `start`, `to`).
Never: an allocation inside the loop, a random number that depends on the machine.

`held` (a,), `due` (a, 12), `count` (a,) units and `price` (a,) of loads outside the band are kept up to date.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from tuogu.core.territory.instance import Floats, Ints, Ints32, Keys

TEAM_LOOK = 96  # units of a team looked at before a move is given up as possibly tearing the team apart
COOLING_STEP = 1024  # moves between two drops of the temperature
HOPELESS = 40.0  # temperatures of loss at which a shift is refused unseen: exp(-40) never happens
_WALK = 2  # steps from the first unit to the one that comes back in a swap


@njit(cache=True)
def _next(state: Keys) -> np.uint64:
    """xorshift64*: the same numbers on every machine."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return np.uint64(x * np.uint64(2685821657736338717))


@njit(cache=True)
def _below(state: Keys, bound: int) -> int:
    return int(np.int64((_next(state) >> np.uint64(33)) % np.uint64(bound)))  # int() alone stays unsigned


@njit(cache=True)
def _uniform(state: Keys) -> float:
    return np.float64(_next(state) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True)
def _propose(
    state: Keys, start: Ints32, to: Ints32, labels: Ints32, count: Ints, judged: bool
) -> tuple[int, int, int]:
    """(unit, taker, unit that comes back or -1); unit = -1 when there is nothing to propose."""
    units = len(labels)
    u = _below(state, units)
    a = labels[u]
    if count[a] < 2:
        return -1, -1, -1
    if not judged:
        w = _below(state, units)
        b = int(labels[w])
        if b == a:
            return -1, -1, -1
        return u, b, w if _below(state, 2) == 0 else -1
    if start[u + 1] == start[u]:
        return -1, -1, -1
    b = int(labels[to[start[u] + _below(state, start[u + 1] - start[u])]])
    if b == a:
        return -1, -1, -1
    if _below(state, 3) != 0:
        return u, b, -1
    w = u
    for _ in range(_WALK):
        w = int(to[start[w] + _below(state, start[w + 1] - start[w])])
    return (u, b, w) if labels[w] == b else (-1, -1, -1)


@njit(cache=True)
def _load_price(
    held: Ints,
    due: Ints,
    a: int,
    sign: int,
    more: int,
    change: Ints,
    limits: Ints,
    over_m: Floats,
    under_m: Floats,
    month_m: float,
) -> float:
    """Price of manager a's loads after adding sign * (more policies, change of pieces)."""
    h = held[a] + sign * more
    price = 0.0
    if h > limits[3]:
        price = over_m[a] * (h - limits[3])
    elif h < limits[2]:
        price = under_m[a] * (limits[2] - h)
    outside = 0
    for m in range(12):
        x = due[a, m] + sign * change[m]
        if x > limits[1]:
            outside += x - limits[1]
        elif x < limits[0]:
            outside += limits[0] - x
    return price + month_m * outside


@njit(cache=True)
def _stays_whole(
    start: Ints32, to: Ints32, group: Ints32, unit: int, look: int, stamp: Ints, stack: Ints, tick: int
) -> bool:
    """True when the neighbours of `unit` in its group stay connected without it (seen within `look` units).

    `stamp` marks visits by `tick` and `tick + 1`, so that nothing has to be cleared; `stack` is scratch.
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
def _leaves(
    start: Ints32,
    to: Ints32,
    labels: Ints32,
    teams: Ints32,
    unit: int,
    other_team: bool,
    stamp: Ints,
    stack: Ints,
    tick: Ints,
) -> bool:
    """True when `unit` can leave its manager (and its team, where the other is of another) in one piece."""
    tick[0] += 2
    if not _stays_whole(start, to, labels, unit, len(labels), stamp, stack, tick[0]):
        return False
    if not other_team:
        return True
    tick[0] += 2
    return _stays_whole(start, to, teams, unit, TEAM_LOOK, stamp, stack, tick[0])


@njit(cache=True)
def _touches(start: Ints32, to: Ints32, labels: Ints32, unit: int, wanted: int, other: int) -> bool:
    """True when `unit` has a neighbour held by `wanted`, the unit `other` not counted."""
    for k in range(start[unit], start[unit + 1]):  # noqa: SIM110 - numba compiles the loop, not any()
        if to[k] != other and labels[to[k]] == wanted:
            return True
    return False


@njit(cache=True)
def _areas_allow(
    start: Ints32,
    to: Ints32,
    labels: Ints32,
    teams: Ints32,
    team: Ints32,
    u: int,
    w: int,
    b: int,
    stamp: Ints,
    stack: Ints,
    tick: Ints,
) -> bool:
    """True when u can go to b (and w, unless -1, come back) with every area in one piece."""
    a = labels[u]
    other_team = team[a] != team[b]
    if w >= 0 and not (_touches(start, to, labels, u, b, w) and _touches(start, to, labels, w, a, u)):
        return False
    if not _leaves(start, to, labels, teams, u, other_team, stamp, stack, tick):
        return False
    if w < 0:
        return True
    labels[u], teams[u] = b, team[b]  # w leaves b as it is with u
    sound = _leaves(start, to, labels, teams, w, other_team, stamp, stack, tick)
    labels[u], teams[u] = a, team[a]
    return sound


@njit(cache=True)
def _summed(
    labels: Ints32, policies: Ints, months: Ints, team: Ints32, managers: int
) -> tuple[Ints, Ints, Ints, Ints32]:
    """(held, due, count, teams) of the start."""
    held = np.zeros(managers, dtype=np.int64)
    due = np.zeros((managers, 12), dtype=np.int64)
    count = np.zeros(managers, dtype=np.int64)
    teams = np.empty(len(labels), dtype=np.int32)
    for u in range(len(labels)):
        held[labels[u]] += policies[u]
        count[labels[u]] += 1
        teams[u] = team[labels[u]]
        for m in range(12):
            due[labels[u], m] += months[u, m]
    return held, due, count, teams


@njit(cache=True)
def anneal(
    start: Ints32,
    to: Ints32,
    labels: Ints32,
    metres: Ints32,
    policies: Ints,
    months: Ints,
    team: Ints32,
    limits: Ints,
    over_m: Floats,
    under_m: Floats,
    month_m: float,
    heat_m: Floats,
    judged: bool,
    moves: int,
    seed: np.uint64,
) -> Ints32:
    """The best labels met in `moves` proposals; `limits` = month min, max, held min, max; `heat_m` = warm,
    cold.
    """
    units, managers = metres.shape
    state = np.empty(1, dtype=np.uint64)
    state[0] = seed * np.uint64(2) + np.uint64(88172645463325253)
    held, due, count, teams = _summed(labels, policies, months, team, managers)
    change = np.zeros(12, dtype=np.int64)
    price = np.empty(managers)
    for a in range(managers):
        price[a] = _load_price(held, due, a, 1, 0, change, limits, over_m, under_m, month_m)
    stamp = np.zeros(units, dtype=np.int64)
    stack = np.empty(units + 1, dtype=np.int64)
    tick = np.ones(1, dtype=np.int64)
    total, best_total = 0.0, 0.0
    best = labels.copy()
    at_best = False  # labels are better than `best`, which is written only when the search leaves them
    heat = heat_m[0]
    cooling = (heat_m[1] / heat_m[0]) ** (1.0 / max(1, moves // COOLING_STEP))
    for move in range(moves):
        if move % COOLING_STEP == COOLING_STEP - 1:
            heat *= cooling
        u, b, w = _propose(state, start, to, labels, count, judged)
        if u < 0:
            continue
        a = labels[u]
        delta = policies[u] * (np.float64(metres[u, b]) - metres[u, a])
        more = policies[u]
        if w < 0:
            if delta > HOPELESS * heat + price[a] + price[b]:
                continue
            for m in range(12):
                change[m] = months[u, m]
        else:
            delta += policies[w] * (np.float64(metres[w, a]) - metres[w, b])
            more -= policies[w]
            for m in range(12):
                change[m] = months[u, m] - months[w, m]
        price_a = _load_price(held, due, a, -1, more, change, limits, over_m, under_m, month_m)
        price_b = _load_price(held, due, b, 1, more, change, limits, over_m, under_m, month_m)
        delta += price_a + price_b - price[a] - price[b]
        if delta > 0.0 and _uniform(state) >= np.exp(-delta / heat):
            continue
        if judged and not _areas_allow(start, to, labels, teams, team, u, w, b, stamp, stack, tick):
            continue
        if at_best and delta > 0.0:
            best[:] = labels
            at_best = False
        labels[u], teams[u] = b, team[b]
        if w >= 0:
            labels[w], teams[w] = a, team[a]
        else:
            count[a] -= 1
            count[b] += 1
        held[a] -= more
        held[b] += more
        for m in range(12):
            due[a, m] -= change[m]
            due[b, m] += change[m]
        price[a], price[b] = price_a, price_b
        total += delta
        if total < best_total - 1e-6:
            best_total = total
            at_best = True
    if at_best:
        best[:] = labels
    return best
