"""The last descent and the ranking: no unit may move to a cheaper manager without breaking something.

In: an Instance and labels. Out: `settle` → labels at which every cheaper manager of every unit is excluded by a
limit; `rank` → for each unit the cheapest managers and what excludes them. Never: a limit loosened for distance;
a tie decided by row order (equal metres are decided by a keyed hash of unit and manager).

A move is excluded when it would increase the sum, over the two managers, of: pieces outside the month band,
policies above the hard cap, policies outside the balance band, pieces into which areas fall, pieces into which
teams fall. Where a plan keeps everything this means: it would break the limit. A unit kept from an earlier plan excludes everybody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from tuogu.core.territory.instance import Flags, Instance, Ints, Keys

CAP, MONTH_BAND, FLOOR, BALANCE, CONTIGUITY, TEAM, KEPT = 1, 2, 4, 8, 16, 32, 64
PASSES_MAX = 100  # measured 2..6; each pass only lowers the value, so stopping early is safe but named


@dataclass(frozen=True)
class Ranking:
    """Column k of row u: the k-th cheapest manager (-1 = none). The chosen manager stands somewhere in each row.

    `excluded` is a sum of CAP, MONTH_BAND, FLOOR, BALANCE, CONTIGUITY, TEAM, KEPT (0 = permitted); `place` the rank among
    all managers from 1. `over` and `under` hold (month 0..11 or -1, pieces after the move) where the taker would
    pass the ceiling and the giver the floor; `held` the policies of (taker, giver) after the move.
    """

    manager: Ints
    place: Ints
    excluded: Ints
    over: Ints
    under: Ints
    held: Ints


def settle(instance: Instance, labels: Ints, kept: Flags) -> tuple[Ints, bool]:
    """Labels after the descent, and whether PASSES_MAX stopped it. Units flagged in `kept` (u,) stay where they are."""
    if instance.units == 0:
        return labels.copy(), False
    settled, passes = _descend(*_arrays(instance, labels, kept), PASSES_MAX)
    return settled.astype(np.int64), bool(passes >= PASSES_MAX)


def rank(instance: Instance, labels: Ints, kept: Flags, shown: int) -> Ranking:
    """The `shown` cheapest managers of every unit with what excludes each; the chosen one is always among them."""
    near, place = _cheapest(instance, labels, shown)
    excluded, over, under, held = _judge(*_arrays(instance, labels, kept), near)
    return Ranking(near, place, excluded, over, under, held)


def _arrays(instance: Instance, labels: Ints, kept: Flags) -> tuple[object, ...]:
    band = instance.band
    limits = (band.month_min, band.month_max, band.held_min, band.held_max, band.held_cap)
    return (
        *instance.links,
        labels.astype(np.int32),
        instance.metres,
        instance.policies,
        instance.months,
        instance.team,
        np.array(limits, dtype=np.int64),
        instance.judged,
        kept,
        instance.unit_keys,
        instance.manager_keys,
    )


def _cheapest(instance: Instance, labels: Ints, shown: int) -> tuple[Ints, Ints]:
    """(u, shown + 1) managers by (metres, keyed hash), the chosen one last unless it is among the first; places."""
    units, managers = instance.metres.shape
    count = min(shown, managers)
    near = np.full((units, shown + 1), -1, dtype=np.int64)
    place = np.zeros((units, shown + 1), dtype=np.int64)
    for rows in np.array_split(np.arange(units), max(1, units * managers // 2_000_000)):
        if not len(rows):
            continue
        cost = fine_costs(instance, rows)
        chosen = cost[np.arange(len(rows)), labels[rows]]
        best = np.argpartition(cost, count - 1, axis=1)[:, :count]
        best = np.take_along_axis(best, np.argsort(np.take_along_axis(cost, best, axis=1), axis=1), axis=1)
        near[rows, :count] = best
        place[rows, :count] = np.arange(1, count + 1)
        late = ~(best == labels[rows][:, None]).any(axis=1)
        near[rows[late], count] = labels[rows[late]]
        place[rows[late], count] = 1 + (cost[late] < chosen[late, None]).sum(axis=1)
    return near, place


def fine_costs(instance: Instance, rows: Ints) -> Ints:
    """(rows, a) metres * 2**20 + 20 bits of keyed hash: an order without ties that any row order gives again."""
    mixed = _mix_array(instance.unit_keys[rows][:, None] ^ instance.manager_keys[None, :])
    return instance.metres[rows].astype(np.int64) * 2**20 + (mixed >> np.uint64(44)).astype(np.int64)


def _mix_array(keys: Keys) -> Keys:
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


@njit(cache=True)
def _fine(metres, unit_key, manager_key):
    """The scalar twin of `fine_costs`."""
    x = unit_key ^ manager_key
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    return np.int64(metres) * np.int64(1048576) + np.int64(x >> np.uint64(44))


@njit(cache=True)
def _parts_touched(start, to, group, unit, own, stamp, stack, tick):
    """How many separate pieces of group `own` (without `unit`) touch `unit`."""
    parts = 0
    stamp[unit] = tick
    for k in range(start[unit], start[unit + 1]):
        v = to[k]
        if group[v] != own or stamp[v] == tick:
            continue
        parts += 1
        stamp[v] = tick
        stack[0] = v
        top = 1
        while top > 0:
            top -= 1
            x = stack[top]
            for j in range(start[x], start[x + 1]):
                w = to[j]
                if group[w] == own and stamp[w] != tick:
                    stamp[w] = tick
                    stack[top] = w
                    top += 1
    return parts


@njit(cache=True)
def _more_pieces(start, to, group, unit, giver, taker, giver_count, taker_count, stamp, stack, tick):
    """Change in the number of breaks when `unit` goes from group `giver` to `taker`."""
    change = 0
    if giver_count > 1:
        change += _parts_touched(start, to, group, unit, giver, stamp, stack, tick) - 1
    if taker_count > 0:
        change += 1 - _parts_touched(start, to, group, unit, taker, stamp, stack, tick + 1)
    return change


@njit(cache=True)
def _outside(value, low, high):
    return max(value - high, 0) + max(low - value, 0)


@njit(cache=True)
def _load_faults(held, due, u, a, b, policies, months, limits, over, under):
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
def _sums(labels, policies, months, team, managers):
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
def _area_faults(start, to, labels, teams, count, mates, team, u, a, b, stamp, stack, tick):
    """CONTIGUITY and TEAM faults when u goes from a to b; uses ticks tick .. tick + 3."""
    faults = 0
    if _more_pieces(start, to, labels, u, a, b, count[a], count[b], stamp, stack, tick) > 0:
        faults |= CONTIGUITY
    s, t = team[a], team[b]
    if s != t and _more_pieces(start, to, teams, u, s, t, mates[s], mates[t], stamp, stack, tick + 2) > 0:
        faults |= TEAM
    return faults


@njit(cache=True)
def _descend(
    start,
    to,
    labels,
    metres,
    policies,
    months,
    team,
    limits,
    judged,
    kept,
    unit_keys,
    manager_keys,
    passes_max,
):
    units, managers = metres.shape
    held, due, count, teams, mates = _sums(labels, policies, months, team, managers)
    stamp = np.zeros(units, dtype=np.int64)
    stack = np.empty(units + 1, dtype=np.int64)
    over, under = np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64)
    tick = 1
    for done in range(passes_max):
        moved = False
        for u in range(units):
            if kept[u]:
                continue
            a = labels[u]
            best = _fine(metres[u, a], unit_keys[u], manager_keys[a])
            taker = -1
            for b in range(managers):
                if metres[u, b] > metres[u, a] or b == a:
                    continue
                cost = _fine(metres[u, b], unit_keys[u], manager_keys[b])
                if (
                    cost >= best
                    or _load_faults(held, due, u, a, b, policies, months, limits, over, under) != 0
                ):
                    continue
                if judged:
                    tick += 4
                    if (
                        _area_faults(
                            start, to, labels, teams, count, mates, team, u, a, b, stamp, stack, tick
                        )
                        != 0
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
def _judge(
    start, to, labels, metres, policies, months, team, limits, judged, kept, unit_keys, manager_keys, near
):
    units, managers = metres.shape
    held, due, count, teams, mates = _sums(labels, policies, months, team, managers)
    stamp = np.zeros(units, dtype=np.int64)
    stack = np.empty(units + 1, dtype=np.int64)
    width = near.shape[1]
    excluded = np.zeros((units, width), dtype=np.int64)
    over = np.zeros((units, width, 2), dtype=np.int64)
    under = np.zeros((units, width, 2), dtype=np.int64)
    after = np.zeros((units, width, 2), dtype=np.int64)
    tick = 1
    for u in range(units):
        a = labels[u]
        for k in range(width):
            b = near[u, k]
            if b < 0 or b == a:
                continue
            faults = _load_faults(held, due, u, a, b, policies, months, limits, over[u, k], under[u, k])
            if judged:
                tick += 4
                faults |= _area_faults(
                    start, to, labels, teams, count, mates, team, u, a, b, stamp, stack, tick
                )
            if kept[u]:
                faults |= KEPT
            excluded[u, k] = faults
            after[u, k, 0] = held[b] + policies[u]
            after[u, k, 1] = held[a] - policies[u]
    return excluded, over, under, after
