"""Polygons: area, inside, overlap, halves; against a slow twin and by properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuogu.core.zones import area_m2, halved, inside, overlap_m2, ring_problem

SQUARE = [(0.0, 0.0), (1000.0, 0.0), (1000.0, 1000.0), (0.0, 1000.0)]
HOOK = [(0.0, 0.0), (900.0, 0.0), (900.0, 900.0), (600.0, 900.0), (600.0, 300.0), (0.0, 300.0)]


def shifted(ring: list[tuple[float, float]], dx: float, dy: float) -> list[tuple[float, float]]:
    return [(x + dx, y + dy) for x, y in ring]


def test_area_does_not_care_which_way_round_or_whether_the_ring_is_closed() -> None:
    assert area_m2(SQUARE) == area_m2(SQUARE[::-1]) == area_m2([*SQUARE, SQUARE[0]]) == 1_000_000
    assert area_m2(HOOK) == 900 * 300 + 300 * 600


@pytest.mark.req("P-17")
def test_a_point_of_a_shared_edge_lies_in_exactly_one_zone() -> None:
    right = shifted(SQUARE, 1000, 0)
    above = shifted(SQUARE, 0, 1000)
    points = np.array([(1000.0, 500.0), (500.0, 1000.0), (1000.0, 1000.0), (0.0, 0.0), (999.9, 999.9)])
    both = np.stack([inside(SQUARE, points), inside(right, points), inside(above, points)])
    assert both.sum(axis=0).tolist() == [
        1,
        1,
        0,
        1,
        1,
    ]  # the far corner belongs to the zone that would lie there


def test_neighbours_do_not_overlap_and_what_lies_within_does() -> None:
    assert overlap_m2(SQUARE, shifted(SQUARE, 1000, 0)) == 0
    assert overlap_m2(SQUARE, shifted(SQUARE, 1000, 1000)) == 0
    assert overlap_m2(SQUARE, shifted(SQUARE, 999, 0)) == pytest.approx(1000)
    assert overlap_m2(SQUARE, SQUARE) == pytest.approx(1_000_000)
    small = [(400.0, 400.0), (600.0, 400.0), (600.0, 600.0), (400.0, 600.0)]
    assert overlap_m2(SQUARE, small) == pytest.approx(40_000)
    assert overlap_m2(HOOK, shifted(SQUARE, 100, 350)) == pytest.approx(300 * 550)


@pytest.mark.parametrize(
    ("ring", "part"),
    [
        ([(0, 0), (1, 1)], "3 个"),
        ([(0, 0), (1000, 0), (2000, 0)], "没有面积"),
        ([(0, 0), (1000, 1000), (1000, 0), (0, 900)], "相交"),
        ([(0, 0), (1000, 0), (1000, 1000), (1000, 0), (500, -800)], "同一个顶点"),
        ([(0, 0), (2000, 0), (1000, 0), (1000, 1000)], "相交"),
        ([(0, 0), (1000, 0), (math.nan, 5)], "不是数"),
        ([(i, i * i) for i in range(2_001)], "最多"),
    ],
)
def test_a_ring_that_is_none_is_refused(ring: list[tuple[float, float]], part: str) -> None:
    assert part in ring_problem(ring)


def test_good_rings_are_good() -> None:
    assert [ring_problem(ring) for ring in (SQUARE, HOOK, [*SQUARE, SQUARE[0]])] == ["", "", ""]


STAR = st.lists(st.floats(100, 900), min_size=3, max_size=12)


def star(reaches: list[float], dx: float = 0.0, dy: float = 0.0) -> list[tuple[float, float]]:
    """A ring around a middle: it never crosses itself."""
    n = len(reaches)
    return [
        (dx + r * math.cos(2 * math.pi * i / n), dy + r * math.sin(2 * math.pi * i / n))
        for i, r in enumerate(reaches)
    ]


def winding(ring: list[tuple[float, float]], x: float, y: float) -> bool:
    """The slow twin: the angles to the corners add up to a full turn around a point inside."""
    total = 0.0
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        turn = math.atan2(by - y, bx - x) - math.atan2(ay - y, ax - x)
        total += (turn + math.pi) % (2 * math.pi) - math.pi
    return abs(total) > math.pi


@settings(max_examples=30, deadline=None)
@given(
    reaches=STAR,
    points=st.lists(st.tuples(st.floats(-950, 950), st.floats(-950, 950)), min_size=1, max_size=20),
)
def test_inside_agrees_with_the_winding_number(
    reaches: list[float], points: list[tuple[float, float]]
) -> None:
    ring = star(reaches)
    fast = inside(ring, np.array(points))
    for (x, y), found in zip(points, fast, strict=True):
        if min(_distance(ring, x, y)) > 1e-6:  # on the edge the two rules may differ
            assert bool(found) == winding(ring, x, y)


def _distance(ring: list[tuple[float, float]], x: float, y: float) -> list[float]:
    found = []
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        length = (bx - ax) ** 2 + (by - ay) ** 2
        t = max(0.0, min(1.0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length)) if length else 0.0
        found.append(math.dist((x, y), (ax + t * (bx - ax), ay + t * (by - ay))))
    return found


@settings(max_examples=20, deadline=None)
@given(one=STAR, other=STAR, dx=st.floats(-1500, 1500), dy=st.floats(-1500, 1500))
def test_overlap_agrees_with_counting_a_grid(
    one: list[float], other: list[float], dx: float, dy: float
) -> None:
    a, b = star(one), star(other, dx, dy)
    step = 12.0
    axis = np.arange(-900, 900, step) + step / 2
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    counted = float((inside(a, grid) & inside(b, grid)).sum()) * step * step
    found = overlap_m2(a, b)
    assert found == pytest.approx(overlap_m2(b, a), abs=1e-3)
    assert found <= min(area_m2(a), area_m2(b)) + 1e-3
    assert abs(found - counted) <= 2 * step * (_length(a) + _length(b)) / 2


def _length(ring: list[tuple[float, float]]) -> float:
    return sum(math.dist(p, q) for p, q in zip(ring, [*ring[1:], ring[0]], strict=True))


def test_halves_balance_the_counts_along_the_longest_stretch() -> None:
    points = np.array([(0, 0), (1000, 10), (2000, -10), (3000, 0)], dtype=float)
    found = halved(points, [10, 1, 1, 8])
    assert found is not None
    assert sorted(map(sorted, (found.first, found.second))) == [[0], [1, 2, 3]]
    assert sorted(found.counts) == [10, 10]
    assert halved(points[:1], [5]) is None
    far = halved(points, [1, 1, 1, 90])
    assert far is not None
    assert sorted(far.counts) == [3, 90]
