"""From a flow to whole areas: every manager in one piece, every team in one piece, before the search
begins.

In: an Instance, the arcs of the bound's flow. Out: labels (u,) in which each manager's and each team's
units hang together wherever the touching graph allows it. Never: a unit without a manager.

1. `_stand_in_homes`: a manager whose cell lies cut off from the team's main body gets a stand-in home on its
edge, and the flow runs again; a few rounds bring each team together (only the start of the search uses
stand-in homes).
2. `whole`: each manager keeps the main piece, each team keeps its main body; what is cut off grows back
from the pieces that touch it, cheapest first.
"""

from __future__ import annotations

import heapq

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tuogu.core.territory.flow import min_cost_transport, steepened
from tuogu.core.territory.instance import Flags, Instance, Ints, Ints32

ROUNDNESS = 1.15  # exponent on distance; measured: fewer breaks of cells than 1.0, hardly any detour
TEAM_ROUNDS = 4


def first_labels(instance: Instance, arcs: tuple[Ints, Ints]) -> Ints:
    """Labels to start the search from: flow, rounded, whole teams and managers."""
    metres = instance.metres
    labels = _rounded(instance, metres, arcs)
    if not instance.judged:
        return labels
    for _ in range(TEAM_ROUNDS):
        cut_off, homes = _stand_in_homes(instance, labels)
        if not len(cut_off):
            break
        metres = metres.copy()
        for manager, home in zip(cut_off, homes, strict=True):  # a few per cent of the managers
            gap = instance.xy_m - instance.xy_m[home]
            metres[:, manager] = np.rint(np.hypot(gap[:, 0], gap[:, 1])).astype(np.int32)
        labels = _rounded(instance, metres, _with_near_arcs(arcs, metres, cut_off))
    return whole(instance, labels)


def _rounded(instance: Instance, metres: Ints32, arcs: tuple[Ints, Ints]) -> Ints:
    unit, manager = arcs
    cost = steepened(metres[unit, manager], ROUNDNESS).astype(np.int64)
    band = instance.band
    transport = min_cost_transport(
        unit, manager, cost, instance.policies, band.held_min, band.held_max, instance.managers
    )
    return transport.shares(instance.units)


def _with_near_arcs(arcs: tuple[Ints, Ints], metres: Ints32, moved: Ints) -> tuple[Ints, Ints]:
    """Add arcs to the managers with stand-in homes from the units now near to them."""
    managers = metres.shape[1]
    near = np.argpartition(metres[:, moved], min(60, len(metres) - 1), axis=0)[:60]
    extra = near * managers + moved[None, :]
    every = np.unique(np.concatenate([arcs[0] * managers + arcs[1], extra.ravel()]))
    return every // managers, every % managers


def _bodies(instance: Instance, group: Ints) -> Ints:
    """(u,) number of the connected piece of each unit within its group; -1 stays apart."""
    pairs = instance.touching
    same = pairs[(group[pairs[:, 0]] == group[pairs[:, 1]]) & (group[pairs[:, 0]] >= 0)]
    size = instance.units
    graph = coo_array((np.ones(len(same), dtype=np.int8), (same[:, 0], same[:, 1])), (size, size))
    part = connected_components(graph, directed=False)[1].astype(np.int64)
    return np.where(group >= 0, part, -1)


def _main_pieces(instance: Instance, group: Ints) -> Flags:
    """(u,) bool: the unit lies in the piece of its group that holds most policies."""
    part = _bodies(instance, group)
    weight = np.bincount(part[part >= 0], instance.policies[part >= 0], instance.units)
    order = np.lexsort((part, -weight[part], group))  # most policies first in each group
    first = np.unique(group[order], return_index=True)[1]
    main = np.full(int(group.max(initial=-1)) + 2, -2, dtype=np.int64)
    main[group[order][first]] = part[order][first]
    return np.asarray((group >= 0) & (main[group] == part))


def _cut_off(instance: Instance, labels: Ints) -> Ints:
    """Managers most of whose policies lie outside the team's main body."""
    inside = _main_pieces(instance, instance.team[labels].astype(np.int64))
    held = instance.held(labels)
    kept = np.bincount(labels[inside], instance.policies[inside], instance.managers)
    return np.flatnonzero((held > 0) & (2 * kept < held))


def _stand_in_homes(instance: Instance, labels: Ints) -> tuple[Ints, Ints]:
    """Managers cut off from their team and, for each, the unit of the team's main body nearest to the true home.

    Who would have to go farther than `team_detour_m` is left where he lives: a team of two towns stays in two
    pieces, which are listed.
    """
    teams = instance.team[labels].astype(np.int64)
    inside = _main_pieces(instance, teams)
    moved, homes = [], []
    for manager in _cut_off(instance, labels):
        body = np.flatnonzero(inside & (teams == instance.team[manager]))
        if not len(body):
            continue
        home = body[np.argmin(instance.metres[body, manager])]
        if instance.metres[home, manager] <= instance.team_detour_m:
            moved.append(manager)
            homes.append(home)
    return np.array(moved, dtype=np.int64), np.array(homes, dtype=np.int64)


def whole(instance: Instance, labels: Ints) -> Ints:
    """Labels in which what is cut off has been handed to a touching manager (same team first).

    A manager who lies as a whole outside the team's main body stays there: a team in two pieces, which is
    listed, is better than neighbours with a book of thousands.
    """
    kept = np.where(_main_pieces(instance, labels), labels, -1)
    teams = np.where(kept >= 0, instance.team[kept], -1).astype(np.int64)
    inside = _main_pieces(instance, teams)
    outside = np.bincount(kept[(kept >= 0) & inside], minlength=instance.managers) == 0
    kept = np.where(inside | ((kept >= 0) & outside[kept]), kept, -1)
    return grown(instance, _seeded(instance, kept), labels)


def _seeded(instance: Instance, labels: Ints) -> Ints:
    """Give every manager left without a unit one on the team's ground, so that the search can grow it."""
    out = labels.copy()
    for manager in np.flatnonzero(np.bincount(out[out >= 0], minlength=instance.managers) == 0):
        counts = np.bincount(out[out >= 0], minlength=instance.managers)
        mates = np.flatnonzero((instance.team == instance.team[manager]) & (counts > 1))
        choice = np.flatnonzero(np.isin(out, mates))
        for unit in choice[np.argsort(instance.metres[choice, manager], kind="stable")][:200]:
            trial = out.copy()
            trial[unit] = manager
            if _one_piece(instance, trial, int(out[unit])):
                out = trial
                break
    return out


def _one_piece(instance: Instance, labels: Ints, manager: int) -> bool:
    own = np.where(labels == manager, 0, -1)
    return len(np.unique(_bodies(instance, own)[own >= 0])) <= 1


def grown(instance: Instance, labels: Ints, wished: Ints) -> Ints:
    """Hand out the unlabelled units from the edge inwards: cheapest touching manager first, own team
    preferred.

    A sequential heap by nature: each unit that lands opens its neighbours. Islands keep whom they wished
    for.
    """
    out = labels.copy()
    held = np.bincount(out[out >= 0], instance.policies[out >= 0], instance.managers)
    start, to = instance.links
    waiting: list[tuple[int, int, int]] = []

    def offer(unit: int, manager: int) -> None:
        other_team = instance.team[manager] != instance.team[wished[unit]]
        crowd = max(0, int(held[manager] + instance.policies[unit]) - instance.band.held_max)
        price = int(instance.metres[unit, manager]) + instance.other_team_m * int(other_team) + 20 * crowd
        heapq.heappush(waiting, (price, unit, manager))

    for unit in np.flatnonzero(out < 0):
        for manager in np.unique(out[to[start[unit] : start[unit + 1]]]):
            if manager >= 0:
                offer(int(unit), int(manager))
    while waiting:
        _, landed, taker = heapq.heappop(waiting)
        if out[landed] >= 0:
            continue
        out[landed] = taker
        held[taker] += instance.policies[landed]
        for neighbour in to[start[landed] : start[landed + 1]]:
            if out[neighbour] < 0:
                offer(int(neighbour), taker)
    return np.where(out >= 0, out, wished)
