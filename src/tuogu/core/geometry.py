"""Distances and touching areas: the two geometric facts that the planner and its checker must agree on.

In: COMMUNITIES (metres or null), imported neighbour pairs, region distances of the rulebook.
Out: positions, integer metres, pairs of communities that touch, how many pieces an area falls into.
Never: a guessed coordinate passed off as measured (a borrowed position is flagged), a float distance.

With coordinates the metric is straight metres and touching is the Delaunay graph of the communities'
centroids, its longest edges pruned and its spanning tree kept, so that the graph is connected. Without
coordinates the metric is the lowest common region and touching is the same street; imported pairs always
touch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import Delaunay, QhullError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

METRES, REGION_LEVEL = "metres", "region_level"
_REGIONS = ("street_code", "district_code", "city_code")


@dataclass(frozen=True)
class Positions:
    """Communities in code order. `xy_m` is (n, 2) metres (zeros under REGION_LEVEL); `regions` is (n, 3)
    region numbers street, district, city; `borrowed` marks the positions taken from the street, district or
    whole.
    """

    codes: tuple[str, ...]
    xy_m: Floats
    regions: Ints
    borrowed: NDArray[np.bool_]
    metric: str

    def index(self) -> dict[str, int]:
        """Row of each community code."""
        return {code: i for i, code in enumerate(self.codes)}


def positions(communities: pl.DataFrame) -> Positions:
    """Places of COMMUNITIES, sorted by code. One coordinate is enough for METRES: a community without borrows
    the mean of its street, else district, else city, else of all, and is flagged."""
    frame = communities.unique("community_code").sort("community_code")
    known = frame["x_m"].is_not_null() & frame["y_m"].is_not_null()
    regions = np.column_stack([_numbered(frame[name]) for name in _REGIONS]).reshape(-1, 3)
    codes = tuple(frame["community_code"].to_list())
    if not known.any():
        shape = np.zeros((len(codes), 2))
        return Positions(codes, shape, regions, np.zeros(len(codes), dtype=bool), REGION_LEVEL)
    borrowed = [
        pl.coalesce(pl.col(axis), *(pl.col(axis).mean().over(r) for r in _REGIONS), pl.col(axis).mean())
        for axis in ("x_m", "y_m")
    ]
    xy = frame.with_columns(pl.when(known).then(pl.col(a)).alias(a) for a in ("x_m", "y_m")).select(borrowed)
    return Positions(codes, xy.to_numpy().astype(np.float64), regions, ~known.to_numpy(), METRES)


def _numbered(column: pl.Series) -> Ints:
    return column.fill_null("").rank("dense").to_numpy().astype(np.int64)


def distances_m(
    at: Positions, rows: Ints, homes: Ints, home_xy_m: Floats, region_distance_m: Mapping[str, int]
) -> NDArray[np.int32]:
    """Integer metres from communities `rows` (u) to `homes` (a): shape (u, a).

    Under METRES the homes' own points `home_xy_m` (a, 2) count; under REGION_LEVEL the homes' communities
    `homes` do (-1 = no coded home: as far as elsewhere in the same city).
    """
    if at.metric == METRES:
        gap = at.xy_m[rows][:, None, :] - home_xy_m[None, :, :]
        return np.rint(np.hypot(gap[:, :, 0], gap[:, :, 1])).astype(np.int32)
    out = np.full((len(rows), len(homes)), region_distance_m["elsewhere"], dtype=np.int32)
    for column, level in ((2, "same_city"), (1, "same_district"), (0, "same_street")):
        same = at.regions[rows, column][:, None] == at.regions[homes, column][None, :]
        out[same] = region_distance_m[level]
    out[np.asarray(rows)[:, None] == np.asarray(homes)[None, :]] = region_distance_m["same_community"]
    out[:, np.asarray(homes) < 0] = region_distance_m["same_city"]
    return out


def touching_pairs(at: Positions, rows: Ints, imported: pl.DataFrame, longest_pct: float) -> Ints:
    """Pairs (p, 2) of places in `rows` whose communities touch; numbers are places in `rows`, smaller
    first.

    `rows` are the communities that hold something to be looked after; an empty one between two others does
    not separate them. `longest_pct` percent of the longest Delaunay edges are pruned unless the spanning
    tree needs them.
    """
    rows = np.asarray(rows)
    local = {at.codes[row]: i for i, row in enumerate(rows)}
    if at.metric == METRES:
        pairs = _delaunay_pairs(at.xy_m[rows], longest_pct)
    else:
        pairs = _group_pairs(at.regions[rows, 0])
    extra = [
        (local[a], local[b])
        for a, b in imported.select("community_a", "community_b").iter_rows()  # a short list typed by people
        if a in local and b in local and a != b
    ]
    both = np.concatenate([pairs, np.array(extra, dtype=np.int64).reshape(-1, 2)])
    return np.unique(np.sort(both, axis=1), axis=0)


def _group_pairs(group: Ints) -> Ints:
    """All pairs inside each group."""
    found = [np.empty((0, 2), dtype=np.int64)]
    for label in np.unique(group):
        members = np.flatnonzero(group == label)
        first, second = np.triu_indices(len(members), 1)
        found.append(np.column_stack([members[first], members[second]]))
    return np.concatenate(found)


def _delaunay_pairs(xy: Floats, longest_pct: float) -> Ints:
    """Delaunay edges of the distinct points, long ones pruned, spanning tree kept; equal points touch each
    other.
    """
    points, first, member = np.unique(xy, axis=0, return_index=True, return_inverse=True)
    member = member.ravel()
    same = _group_pairs(member)
    edges = _edges_of(points)
    if len(edges) == 0:
        return same
    length = np.hypot(*(points[edges[:, 0]] - points[edges[:, 1]]).T)
    size = len(points)
    tree = minimum_spanning_tree(coo_array((length + 1e-9, (edges[:, 0], edges[:, 1])), (size, size))).tocoo()
    needed = np.isin(edges[:, 0] * size + edges[:, 1], tree.row.astype(np.int64) * size + tree.col)
    kept = edges[needed | (length <= np.quantile(length, 1 - longest_pct / 100))]
    # Communities on one point share their neighbours: link the first of each point, then spread over the
    # others.
    spread = [np.column_stack([first[kept[:, 0]], first[kept[:, 1]]]), same]
    twins = np.flatnonzero(first[member] != np.arange(len(xy)))
    for twin in twins:
        point = member[twin]
        ends = np.concatenate([kept[kept[:, 0] == point, 1], kept[kept[:, 1] == point, 0]])
        spread.append(np.column_stack([np.full(len(ends), twin), first[ends]]))
    return np.concatenate(spread)


def _edges_of(points: Floats) -> Ints:
    """Unique Delaunay edges; points on one line form a chain."""
    if len(points) < 2:
        return np.empty((0, 2), dtype=np.int64)
    if len(points) >= 4:
        try:
            corners = Delaunay(points).simplices.astype(np.int64)
        except QhullError:
            corners = np.empty((0, 3), dtype=np.int64)
        if len(np.unique(corners)) == len(points):
            sides = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
            return np.unique(np.sort(sides, axis=1), axis=0)
    if len(points) == 3:
        return np.array([[0, 1], [0, 2], [1, 2]], dtype=np.int64)
    return np.column_stack(
        [np.arange(len(points) - 1), np.arange(1, len(points))]
    )  # np.unique sorted them along x


def pieces(place: Ints, label: Ints, pairs: Ints, count: int) -> Ints:
    """Number of connected pieces of each label 0..count-1.

    Row i says that `label[i]` holds something at `place[i]` (rows may repeat); `pairs` are touching places.
    """
    nodes = (
        pl.DataFrame({"place": place, "label": label}).unique().sort("label", "place").with_row_index("node")
    )
    if nodes.is_empty():
        return np.zeros(count, dtype=np.int64)
    touching = pl.DataFrame({"place": pairs[:, 0], "other": pairs[:, 1]})
    edges = touching.join(nodes, on="place").join(
        nodes, left_on=["other", "label"], right_on=["place", "label"], suffix="_other"
    )
    ends = (edges["node"].to_numpy(), edges["node_other"].to_numpy())
    graph = coo_array((np.ones(len(edges), dtype=np.int8), ends), (len(nodes), len(nodes)))
    part = connected_components(graph, directed=False)[1]
    held = np.unique(np.column_stack([nodes["label"].to_numpy(), part]), axis=0)
    return np.bincount(held[:, 0], minlength=count).astype(np.int64)
