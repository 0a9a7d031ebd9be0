"""Distances and touching areas."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from territory_books import community_rows, fill
from tuogu.core.geometry import METRES, REGION_LEVEL, distances_m, pieces, positions, touching_pairs
from tuogu.core.tables import COMMUNITIES

NO_PAIRS = pl.DataFrame(schema={"community_a": pl.String, "community_b": pl.String})
LEVELS = {"same_community": 1, "same_street": 2, "same_district": 3, "same_city": 4, "elsewhere": 5}


def placed(points: list[tuple[float, float] | None], per_street: int = 4) -> pl.DataFrame:
    return fill(community_rows(points, per_street), COMMUNITIES)


def test_metres_are_straight_lines_rounded() -> None:
    at = positions(placed([(0, 0), (3_000, 4_000)]))
    found = distances_m(at, np.array([0, 1]), np.array([0]), np.array([[0.0, 0.4]]), LEVELS)
    assert at.metric == METRES
    assert found.tolist() == [[0], [5000]]
    assert found.dtype == np.int32


def test_without_coordinates_the_lowest_common_region_counts() -> None:
    at = positions(placed([None] * 25, per_street=2))  # ten communities a district
    assert at.metric == REGION_LEVEL
    found = distances_m(at, np.array([0, 1, 2, 24]), np.array([0, -1]), np.zeros((2, 2)), LEVELS)
    assert found[:, 0].tolist() == [1, 2, 3, 4]
    assert found[:, 1].tolist() == [4, 4, 4, 4]  # no home known: as far as elsewhere in the city


def test_a_community_without_coordinates_borrows_its_streets_middle_and_is_flagged() -> None:
    at = positions(placed([(0, 0), (100, 0), None, (500, 900)], per_street=3))
    assert at.xy_m[2].tolist() == [50, 0]
    assert at.borrowed.tolist() == [False, False, True, False]


@pytest.mark.req("S0-17")
def test_a_square_touches_round_its_sides_and_the_graph_is_connected() -> None:
    points = [(float(x), float(y)) for x in range(6) for y in range(6)]
    at = positions(placed([(x * 1000 + 7 * y, y * 1000 + 3 * x) for x, y in points]))
    pairs = touching_pairs(at, np.arange(36), NO_PAIRS, 1.5)
    sides = {
        (i, j)
        for i in range(36)
        for j in range(i + 1, 36)
        if abs(points[i][0] - points[j][0]) + abs(points[i][1] - points[j][1]) == 1
    }
    assert sides <= {tuple(p) for p in pairs.tolist()}
    assert pieces(np.arange(36), np.zeros(36, dtype=np.int64), pairs, 1).tolist() == [1]


def test_points_on_a_line_or_on_one_spot_still_hang_together() -> None:
    for points in ([(i * 10.0, 0.0) for i in range(7)], [(5.0, 5.0)] * 4, [(0.0, 0.0), (1.0, 1.0)]):
        at = positions(placed(list(points)))
        pairs = touching_pairs(at, np.arange(len(points)), NO_PAIRS, 1.5)
        assert pieces(np.arange(len(points)), np.zeros(len(points), dtype=np.int64), pairs, 1).tolist() == [1]


def test_imported_pairs_touch_and_streets_touch_inside() -> None:
    frame = placed([None] * 4, per_street=2)
    codes = frame["community_code"].to_list()
    imported = pl.DataFrame({"community_a": [codes[3]], "community_b": [codes[1]]})
    pairs = touching_pairs(positions(frame), np.arange(4), imported, 1.5)
    assert pairs.tolist() == [[0, 1], [1, 3], [2, 3]]


@pytest.mark.req("S0-17")
def test_pieces_are_counted_for_each_label() -> None:
    chain = np.array([[0, 1], [1, 2], [2, 3]])
    place, label = np.array([0, 1, 2, 3, 1]), np.array([0, 1, 0, 1, 0])
    assert pieces(place, label, chain, 3).tolist() == [1, 2, 0]
