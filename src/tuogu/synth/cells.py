"""Cells: one contiguous piece of the map for each collection manager, with its quota of planned policies.

In: placed communities, districts with their managers, a random generator. Out: `Cells`. Never: a
community in two cells; a cell without a community.

A cell is the set of communities nearest to one centre. Quotas per cell are what makes a feasible
territory plan exist by construction: the cells themselves are one (`truth/planted.parquet`). With
`known_optimum` every manager lives at the centre of his cell, so nobody can be served from nearer by and
that plan is optimal.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tuogu.synth.sizes import Sizes, largest_remainder

Points = NDArray[np.float64]
Ints = NDArray[np.int64]

COMMUNITY_SKEW = 0.6  # sigma of the lognormal sizes: a few communities hold several units of 50
CELL_SPREAD = 0.05  # quotas of cells vary by this share around the mean


def cut_cells(
    chosen: pl.DataFrame,
    districts: pl.DataFrame,
    sizes: Sizes,
    rng: np.random.Generator,
    known_optimum: bool,
) -> tuple[pl.DataFrame, Ints, tuple[Ints, ...]]:
    """Cells by nearest centre, quotas of planned policies by cell and community, homes of managers."""
    points = chosen.select("x_m", "y_m").to_numpy()
    centres, managers = _centres(chosen, districts, points)
    cell = np.argmin(((points[:, None, :] - points[None, centres, :]) ** 2).sum(2), axis=1)
    weight = rng.lognormal(0, COMMUNITY_SKEW, len(chosen))
    spread = 1 + rng.uniform(-CELL_SPREAD, CELL_SPREAD, len(centres))
    quotas = largest_remainder((managers * spread).tolist(), sizes.planned)
    planned = np.zeros(len(chosen), np.int64)
    homes = []
    for k, quota in enumerate(quotas):
        inside = np.flatnonzero(cell == k)
        planned[inside] = largest_remainder(weight[inside].tolist(), quota)
        homes.append(_homes(int(managers[k]), inside, int(centres[k]), planned[inside], rng, known_optimum))
    frame = chosen.with_columns(
        cell=pl.Series(cell), planned=pl.Series(planned), pull=pl.Series(planned + 0.5)
    )
    return frame, managers, tuple(homes)


def _centres(chosen: pl.DataFrame, districts: pl.DataFrame, points: Points) -> tuple[Ints, Ints]:
    """Community index of each cell's centre, and the managers of the cell (one, unless managers crowd)."""
    centres: list[int] = []
    managers: list[int] = []
    codes = chosen["district_code"].to_numpy()
    for district, count in districts.select("district_code", "managers").iter_rows():
        if count == 0:
            continue
        inside = np.flatnonzero(codes == district)
        cells = min(count, max(1, len(inside) // 2))
        centres += inside[_spread_out(points[inside], cells)].tolist()
        managers += largest_remainder([1.0] * cells, count)
    return np.array(centres, np.int64), np.array(managers, np.int64)


def _spread_out(points: Points, k: int) -> Ints:
    """Indices of `k` distinct points in the middle of `k` groups of equal size."""
    middles = []
    for inside in bisect(points, k):
        offset = points[inside] - points[inside].mean(0)
        middles.append(int(inside[np.argmin((offset**2).sum(1))]))
    return np.array(middles, np.int64)


def bisect(points: Points, parts: int) -> list[Ints]:
    """Cut points into `parts` compact groups of equal size (±1): again and again across the longest axis."""
    pieces = [(np.arange(len(points)), parts)]
    groups = []
    while pieces:
        inside, k = pieces.pop()
        if k == 1:
            groups.append(inside)
            continue
        left = k // 2
        along = points[inside] @ _longest_axis(points[inside])
        inside = inside[np.argsort(along, kind="stable")]
        cut = len(inside) * left // k
        pieces += [(inside[cut:], k - left), (inside[:cut], left)]
    return groups


def _longest_axis(points: Points) -> Points:
    """Unit vector along which the points spread most; its first non-zero part is positive."""
    offset = points - points.mean(0)
    _, vectors = np.linalg.eigh(offset.T @ offset)
    axis = vectors[:, -1]
    return np.asarray(axis if axis[np.argmax(np.abs(axis))] > 0 else -axis)


def _homes(
    managers: int, inside: Ints, centre: int, planned: Ints, rng: np.random.Generator, at_centre: bool
) -> Ints:
    """Home communities of a cell's managers: at the centre, or where its policies are."""
    if at_centre:
        return np.full(managers, centre, np.int64)
    weight = planned + 0.5
    again = managers > len(inside)
    return np.sort(rng.choice(inside, managers, replace=again, p=weight / weight.sum()))
