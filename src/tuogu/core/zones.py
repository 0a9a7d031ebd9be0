"""Zones on a map: what lies in one, how large it is, where two overlap (P-17).

In: rings of (x, y) in metres on one plane, points. Out: masks, areas, the problem of a ring. Never: a datum converted, a
ring with a hole or one that crosses itself accepted, a point of a shared edge counted in both zones.

Boundary rule: a point on an edge belongs to the zone above it or to its right (half-open, like the days of this house), so
a point on the common edge of two zones that share its two corners lies in exactly one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ring = Sequence[Sequence[float]] | Floats
CORNERS_MIN = 3  # a triangle is the least area
CORNERS_MAX = 2_000  # of one ring: beyond it is a drawing, not a service area
AREA_MIN_M2 = 100.0  # smaller is a slip of the hand
_OVERLAP_SHARE = 1e-9  # of the smaller zone: below it is rounding of the coordinates


@dataclass(frozen=True)
class Halves:
    """A zone divided along a line. `first` and `second` are row numbers of the points; counts add up to the zone's."""

    first: list[int]
    second: list[int]
    counts: tuple[int, int]
    line: tuple[tuple[float, float], tuple[float, float]]


def ring_problem(ring: Ring) -> str:
    """Why this ring cannot be a zone; '' when it can. The first corner need not be repeated at the end."""
    xy = _corners(ring)
    if len(xy) > CORNERS_MAX:
        return f"边界有 {len(xy)} 个顶点，最多 {CORNERS_MAX} 个"
    if not np.isfinite(xy).all():
        return "边界中有不是数的坐标"
    if len(np.unique(xy, axis=0)) < CORNERS_MIN:
        return "边界至少要有 3 个不同的顶点"
    if len(np.unique(xy, axis=0)) < len(xy):
        return "边界两次经过同一个顶点"
    if area_m2(ring) < AREA_MIN_M2:
        return "边界几乎没有面积（顶点在一条线上，或交叉相抵）"
    if _crosses_itself(xy):
        return "边界与自己相交"
    return ""


def area_m2(ring: Ring) -> float:
    """The area inside, whichever way round the corners go."""
    xy = _corners(ring)
    x, y = xy[:, 0] - xy[0, 0], xy[:, 1] - xy[0, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def inside(ring: Ring, points: Floats) -> Bools:
    """Which rows of `points` (n, 2) lie in the ring: even–odd, with the boundary rule above."""
    found = np.zeros(len(points), dtype=bool)
    for a, b in _edges_upwards(_corners(ring)):
        level = (points[:, 1] >= a[1]) & (points[:, 1] < b[1])
        found[level] ^= points[level, 0] >= _x_at(a, b, points[level, 1])
    return found


def overlap_m2(one: Ring, other: Ring) -> float:
    """The area that lies in both; 0.0 where they only touch.

    Between two neighbouring heights at which anything happens (a corner, a crossing) all edges are straight and do not
    cross, so the common width is linear and its middle times the height is the area.
    """
    a, b = _corners(one), _corners(other)
    if (a.max(axis=0) <= b.min(axis=0)).any() or (b.max(axis=0) <= a.min(axis=0)).any():
        return 0.0
    heights = np.unique(np.concatenate([a[:, 1], b[:, 1], _crossing_heights(a, b)]))
    edges = _edges_upwards(a), _edges_upwards(b)
    total = 0.0
    for low, high in pairwise(heights):
        middle = (low + high) / 2
        total += _common_width(_widths(edges[0], middle), _widths(edges[1], middle)) * float(high - low)
    return total if total > _OVERLAP_SHARE * min(area_m2(one), area_m2(other)) else 0.0


def halved(points: Floats, counts: Sequence[int]) -> Halves | None:
    """Divide points across their longest stretch so that the counts of both sides differ least; None where there are
    fewer than two. A suggestion by numbers only: it knows no road and no river."""
    if len(points) < 2:
        return None
    middle = points.mean(axis=0)
    _, _, axes = np.linalg.svd(points - middle, full_matrices=False)
    axis = axes[0] if axes[0][np.abs(axes[0]).argmax()] > 0 else -axes[0]
    along = (points - middle) @ axis
    order = np.lexsort((np.arange(len(points)), along))
    before = np.cumsum(np.asarray(counts, dtype=np.int64)[order])[:-1]
    cut = int(np.abs(2 * before - int(np.sum(counts))).argmin()) + 1
    at = middle + axis * (along[order[cut - 1]] + along[order[cut]]) / 2
    reach = float(np.ptp(points, axis=0).max()) or 1.0
    across = np.array([-axis[1], axis[0]]) * reach
    ends = (_pair(at - across), _pair(at + across))
    first, second = sorted(map(int, order[:cut])), sorted(map(int, order[cut:]))
    left = int(before[cut - 1])
    return Halves(first, second, (left, int(np.sum(counts)) - left), ends)


def _pair(point: Floats) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _corners(ring: Ring) -> Floats:
    xy = np.asarray(ring, dtype=np.float64).reshape(-1, 2)
    return xy[:-1] if len(xy) > 1 and (xy[0] == xy[-1]).all() else xy


def _edges_upwards(xy: Floats) -> list[tuple[Floats, Floats]]:
    """Edges from the lower to the upper corner, so that two zones compute a shared edge alike; level ones left out."""
    pairs = zip(xy, np.roll(xy, -1, axis=0), strict=True)
    return [(a, b) if a[1] < b[1] else (b, a) for a, b in pairs if a[1] != b[1]]


def _x_at(a: Floats, b: Floats, y: Floats | float) -> Floats:
    return np.asarray(a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]), dtype=np.float64)


def _widths(edges: list[tuple[Floats, Floats]], y: float) -> list[float]:
    """Where the ring begins and ends at height `y`, in turn."""
    return sorted(float(_x_at(a, b, y)) for a, b in edges if a[1] <= y < b[1])


def _common_width(one: list[float], other: list[float]) -> float:
    return sum(
        max(0.0, min(a_to, b_to) - max(a_from, b_from))
        for a_from, a_to in zip(one[::2], one[1::2], strict=True)
        for b_from, b_to in zip(other[::2], other[1::2], strict=True)
    )


def _crossing_heights(a: Floats, b: Floats) -> Floats:
    """Heights at which an edge of `a` crosses one of `b`."""
    p, r = a[:, None], (np.roll(a, -1, axis=0) - a)[:, None]
    q, s = b[None, :], (np.roll(b, -1, axis=0) - b)[None, :]
    turn = _cross(r, s)
    parallel = turn == 0
    safe = np.where(parallel, 1.0, turn)
    t, u = _cross(q - p, s) / safe, _cross(q - p, r) / safe
    meets = ~parallel & (t >= 0) & (t <= 1) & (u >= 0) & (u <= 1)
    return np.asarray((p[..., 1] + t * r[..., 1])[meets], dtype=np.float64)


def _crosses_itself(xy: Floats) -> bool:
    """Does an edge meet one that is not its neighbour, or run back over its neighbour?"""
    n = len(xy)
    p, r = xy, np.roll(xy, -1, axis=0) - xy
    back = (_cross(r, np.roll(r, -1, axis=0)) == 0) & ((r * np.roll(r, -1, axis=0)).sum(axis=1) < 0)
    if back.any():
        return True
    ends = np.roll(xy, -1, axis=0)
    first, second = np.triu_indices(n, k=2)
    keep = ~((first == 0) & (second == n - 1))
    i, j = first[keep], second[keep]
    a, b, c, d = p[i], ends[i], p[j], ends[j]
    sides = [np.sign(_cross(b - a, c - a)), np.sign(_cross(b - a, d - a)),
             np.sign(_cross(d - c, a - c)), np.sign(_cross(d - c, b - c))]  # fmt: skip
    proper = (sides[0] * sides[1] < 0) & (sides[2] * sides[3] < 0)
    touch = (
        ((sides[0] == 0) & _between(a, b, c)) | ((sides[1] == 0) & _between(a, b, d))
        | ((sides[2] == 0) & _between(c, d, a)) | ((sides[3] == 0) & _between(c, d, b))
    )  # fmt: skip
    return bool((proper | touch).any())


def _between(a: Floats, b: Floats, point: Floats) -> Bools:
    """Is `point`, known to lie on the line, within the box of a and b?"""
    low, high = np.minimum(a, b), np.maximum(a, b)
    return np.asarray(((point >= low) & (point <= high)).all(axis=-1))


def _cross(u: Floats, v: Floats) -> Floats:
    return np.asarray(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])
