"""The shapes of the map: a cell for each community, and colours that tell neighbouring managers apart.

In: points in metres, who holds each of them. Out: polygons whose edges know what lies beyond, and colour
numbers. Never: a boundary that claims to be administrative (a cell is the ground nearer to its centre than
to any other, within a reach), two touching managers of one colour while a free colour is left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
OPEN_SIDE = -1  # beyond this edge lies no community
_CORNERS = 24  # of the polygon that stands for a circle
_NEAREST = 3  # communities whose distance says how far a cell may reach
_REACH = 1.5  # of that distance
_REACH_SHARE = (0.008, 0.035)  # least and most, of the map's diagonal


@dataclass(frozen=True)
class Cell:
    """Corners in metres, in order; `beyond[i]` is the community across the edge from corner i on."""

    corners: list[tuple[float, float]]
    beyond: list[int]


def cells(points: Floats) -> list[Cell]:
    """One cell for each row of `points` (n, 2)."""
    if not len(points):
        return []
    tree = cKDTree(points)
    reach = _reach(points, tree)
    around = tree.query_ball_point(points, 2 * reach)
    return [_cell(index, points, float(reach[index]), around[index]) for index in range(len(points))]


def _reach(points: Floats, tree: cKDTree) -> Floats:
    diagonal = float(np.hypot(*np.ptp(points, axis=0))) or 1000.0
    if len(points) == 1:
        return np.full(1, diagonal * _REACH_SHARE[1])
    distance, _ = tree.query(points, k=min(_NEAREST + 1, len(points)))
    spacing = np.asarray(distance)[:, 1:].mean(axis=1)
    least, most = (share * diagonal for share in _REACH_SHARE)
    return np.asarray(np.clip(_REACH * spacing, least, most), dtype=np.float64)


def _cell(index: int, points: Floats, reach: float, around: Sequence[int]) -> Cell:
    """The circle around a point, cut by the bisector with each point around it, nearest first."""
    x, y = float(points[index, 0]), float(points[index, 1])
    angles = [2 * math.pi * corner / _CORNERS for corner in range(_CORNERS)]
    corners = [(x + reach * math.cos(angle), y + reach * math.sin(angle)) for angle in angles]
    cell = Cell(corners, [OPEN_SIDE] * _CORNERS)
    others = [(math.dist((x, y), points[other]), other) for other in around if other != index]
    for distance, other in sorted(others):
        if distance > 0:  # two communities on one point share a cell
            cell = _cut(cell, (x, y), points[other], other)
    return cell


def _cut(cell: Cell, centre: tuple[float, float], rival: Floats, other: int) -> Cell:
    """What of `cell` is nearer to `centre` than to `rival`."""
    dx, dy = float(rival[0]) - centre[0], float(rival[1]) - centre[1]
    middle = ((float(rival[0]) + centre[0]) / 2, (float(rival[1]) + centre[1]) / 2)
    side = [(x - middle[0]) * dx + (y - middle[1]) * dy for x, y in cell.corners]
    if max(side) <= 0:
        return cell
    corners: list[tuple[float, float]] = []
    beyond: list[int] = []
    count = len(side)
    for i in range(count):
        here, there = side[i], side[(i + 1) % count]
        if here <= 0:
            corners.append(cell.corners[i])
            beyond.append(cell.beyond[i])
        if (here <= 0) != (there <= 0):
            share = here / (here - there)
            (ax, ay), (bx, by) = cell.corners[i], cell.corners[(i + 1) % count]
            corners.append((ax + share * (bx - ax), ay + share * (by - ay)))
            beyond.append(other if here <= 0 else cell.beyond[i])
    return Cell(corners, beyond)


def touching(shapes: Sequence[Cell]) -> set[tuple[int, int]]:
    """Pairs of cells with a common edge, the smaller number first."""
    pairs = {(index, other) for index, cell in enumerate(shapes) for other in cell.beyond if other >= 0}
    return {(min(pair), max(pair)) for pair in pairs}


def islands(count: int, pairs: set[tuple[int, int]]) -> list[list[int]]:
    """Groups of cells that hang together by touching, in order of their smallest cell."""
    if not count:
        return []
    a, b = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(count, count))
    groups, label = connected_components(graph, directed=False)
    return sorted(np.flatnonzero(label == group).tolist() for group in range(groups))


def colours(owners: Sequence[str], pairs: set[tuple[int, int]], count: int) -> dict[str, int]:
    """A colour number below `count` for each owner; touching owners differ as long as colours are left.

    `owners[i]` holds cell i; `pairs` are touching cells. The owner with the most differently coloured
    neighbours chooses next (then the most neighbours, then the name) and takes the free colour that is used
    least.
    """
    beside: dict[str, set[str]] = {owner: set() for owner in owners}
    for a, b in pairs:
        if owners[a] != owners[b]:
            beside[owners[a]].add(owners[b])
            beside[owners[b]].add(owners[a])
    chosen: dict[str, int] = {}
    used = [0] * count
    waiting = sorted(beside)
    while waiting:
        taken = {owner: {chosen[other] for other in beside[owner] if other in chosen} for owner in waiting}
        owner = max(waiting, key=lambda name: (len(taken[name]), len(beside[name])))
        free = [colour for colour in range(count) if colour not in taken[owner]] or list(range(count))
        chosen[owner] = min(free, key=lambda colour: (used[colour], colour))
        used[chosen[owner]] += 1
        waiting.remove(owner)
    return chosen
