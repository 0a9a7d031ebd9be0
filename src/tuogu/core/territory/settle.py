"""The last descent and the ranking: no unit may move to a cheaper manager without breaking something.

In: an Instance and labels. Out: `settle` → labels at which every cheaper manager of every unit is excluded
by a limit; `rank` → for each unit the cheapest managers and what excludes them. Never: a limit loosened for
distance; a tie decided by row order (equal metres are decided by a keyed hash of unit and manager).

A move is excluded when it would increase the sum, over the two managers, of: pieces outside the month band,
policies above the hard cap, policies outside the balance band, pieces into which areas fall, pieces into
which teams fall. Where a plan keeps everything this means: it would break the limit. A unit kept from an
earlier plan excludes everybody.
"""

from __future__ import annotations

import numpy as np

from tuogu.core.territory.instance import Flags, Instance, Ints, Ints32, Keys
from tuogu.core.territory.single_moves import descend, judge
from tuogu.core.territory.solution import Ranking

PASSES_MAX = 100  # measured 2..6; each pass only lowers the value, so stopping early is safe but named


def settle(instance: Instance, labels: Ints, kept: Flags) -> tuple[Ints, bool]:
    """Labels after the descent, and whether PASSES_MAX stopped it. Units flagged in `kept` (u,) stay where
    they are.
    """
    if instance.units == 0:
        return labels.copy(), False
    keys = (instance.unit_keys, instance.manager_keys)
    settled, passes = descend(*_arrays(instance, labels, kept), *keys, PASSES_MAX)
    return settled.astype(np.int64), bool(passes >= PASSES_MAX)


def rank(instance: Instance, labels: Ints, kept: Flags, shown: int) -> Ranking:
    """The `shown` cheapest managers of every unit with what excludes each; the chosen one is always among
    them.
    """
    near, place = _cheapest(instance, labels, shown)
    excluded, over, under, held = judge(*_arrays(instance, labels, kept), near)
    return Ranking(near, place, excluded, over, under, held)


def _arrays(
    instance: Instance, labels: Ints, kept: Flags
) -> tuple[Ints32, Ints32, Ints32, Ints32, Ints, Ints, Ints32, Ints, bool, Flags]:
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
    )


def _cheapest(instance: Instance, labels: Ints, shown: int) -> tuple[Ints, Ints]:
    """(u, shown + 1) managers by (metres, keyed hash), the chosen one last unless it is among the first;
    places.
    """
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
    """(rows, a) metres * 2**20 + 20 bits of keyed hash: an order without ties that any row order gives
    again.
    """
    mixed = _mix_array(instance.unit_keys[rows][:, None] ^ instance.manager_keys[None, :])
    return instance.metres[rows].astype(np.int64) * 2**20 + (mixed >> np.uint64(44)).astype(np.int64)


def _mix_array(keys: Keys) -> Keys:
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))
