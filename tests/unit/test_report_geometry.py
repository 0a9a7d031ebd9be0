"""Cells, islands, colours and labels of the map."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tuogu.files.report_geometry import cells, colours, islands, touching
from tuogu.files.report_labels import Label, place_labels

points = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(0, 5000)), min_size=1, max_size=40, unique=True
).map(lambda rows: np.array(rows, dtype=np.float64))


@given(points)
def test_every_corner_of_a_cell_is_nearest_to_its_own_centre(centres: np.ndarray) -> None:
    shapes = cells(centres)
    assert len(shapes) == len(centres)
    for index, shape in enumerate(shapes):
        assert len(shape.corners) == len(shape.beyond) >= 3
        for corner in shape.corners:
            own = math.dist(corner, centres[index])
            assert own <= min(math.dist(corner, other) for other in centres) + 1e-6 * (1 + own)


@given(points)
def test_touching_cells_take_different_colours_while_there_are_enough(centres: np.ndarray) -> None:
    pairs = touching(cells(centres))
    owners = [f"A{index}" for index in range(len(centres))]
    chosen = colours(owners, pairs, count=8)
    assert set(chosen) == set(owners)
    assert all(chosen[owners[a]] != chosen[owners[b]] for a, b in pairs)


def test_more_neighbours_than_colours_still_get_one() -> None:
    owners = [f"A{index}" for index in range(6)]
    everybody = {(a, b) for a in range(6) for b in range(a + 1, 6)}
    chosen = colours(owners, everybody, count=4)
    assert sorted(chosen) == owners
    assert set(chosen.values()) == {0, 1, 2, 3}


def test_one_owner_of_two_touching_cells_has_one_colour() -> None:
    assert colours(["A", "A", "B"], {(0, 1), (1, 2)}, count=8) == {"A": 0, "B": 1}


def test_two_communities_on_one_point_share_a_cell() -> None:
    shapes = cells(np.array([[0.0, 0.0], [0.0, 0.0], [900.0, 0.0]]))
    assert shapes[0].corners == shapes[1].corners


def test_islands_are_what_hangs_together() -> None:
    assert islands(5, {(0, 2), (2, 4)}) == [[0, 2, 4], [1], [3]]
    assert islands(2, set()) == [[0], [1]]
    assert islands(0, set()) == []


def test_far_communities_are_islands_and_near_ones_touch() -> None:
    near_and_far = np.array([[0.0, 0.0], [500.0, 0.0], [90_000.0, 0.0], [90_400.0, 100.0]])
    assert islands(4, touching(cells(near_and_far))) == [[0, 1], [2, 3]]


def test_labels_do_not_cover_each_other_and_needed_ones_always_stand() -> None:
    spot = [(100.0, 100.0)]
    free = [Label(f"社区{n}", "where", 10.0, spot) for n in range(30)]
    drawn = place_labels(free, (200.0, 200.0), crowded=False).count("<text")
    assert 1 <= drawn <= 6
    needed = [Label(f"姓名{n}", "who", 10.0, spot, needed=True) for n in range(30)]
    assert place_labels(needed, (200.0, 200.0), crowded=False).count("<text") == 30
    assert place_labels(needed, (200.0, 200.0), crowded=True).count("<text") == drawn
