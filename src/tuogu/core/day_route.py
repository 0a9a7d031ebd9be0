"""The order of a day's visits (straight metres), appointments kept.

In: STOPS, where and when the day starts, the rulebook. Out: `Route`. Never: an appointment missed where an order exists that
keeps all and the search is exact, a claim of the shortest way without a bound beside it, a stop without coordinates dropped.

What counts, in this order: minutes late at appointments (arrival some minutes early is what is promised, S1-25), metres, the
end of the day. Up to `exact_stops` the order is the best there is (labels over sets of stops); beyond, it is improved
until no reversal or move of a stop helps, and `bound_m` says how short it could be at best (a spanning tree).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import F, I, S, Schema, conform

STOPS: Schema = {
    "key": S,
    "x_m": F,  # null = no coordinates
    "y_m": F,
    "appointment": I,  # minute of the day; null = any time
}
LEGS: Schema = {
    "place": I,
    "key": S,
    "metres": I,  # from the stop before
    "arrives": I,  # minute of the day
    "starts": I,  # the appointment, or the arrival
    "late": I,  # minutes after the promised arrival
}
_Label = tuple[int, int, int, tuple[int, ...]]  # late, metres, time, order
_HERE = 0  # the start is point 0, stop i is point i + 1


@dataclass(frozen=True)
class Route:
    """`exact`: no order is better. `unplaced`: keys of stops without coordinates, by appointment."""

    legs: pl.DataFrame
    metres: int
    bound_m: int
    exact: bool
    late: int
    unplaced: tuple[str, ...]


@dataclass(frozen=True)
class _Day:
    """The day in numbers: metres between points, appointments (-1 = none) of points, pace."""

    metres: NDArray[np.int64]
    appointments: tuple[int, ...]
    leaves: int
    pace: int
    stay: int
    early: int
    returns: bool

    def visit(self, late: int, length: int, time: int, at: int, to: int) -> tuple[int, int, int]:
        """(late, metres, time) after going from `at` to `to` and staying there."""
        way = int(self.metres[at, to])
        arrives = time + -(-way // self.pace)
        due = self.appointments[to]
        if due < 0:
            return late, length + way, arrives + self.stay
        return late + max(0, arrives - due + self.early), length + way, max(arrives, due) + self.stay

    def worth(self, order: Sequence[int]) -> tuple[int, int, int]:
        """(late, metres, time) of a whole order."""
        state, at = (0, 0, self.leaves), _HERE
        for to in order:
            state, at = self.visit(*state, at, to), to
        return state[0], state[1] + self.back(at), state[2]

    def back(self, at: int) -> int:
        return int(self.metres[at, _HERE]) if self.returns else 0


def day_route(stops: pl.DataFrame, start: tuple[float, float], leaves: int, rulebook: Rulebook) -> Route:
    """The order of STOPS from `start` (metres on the stops' plane), left at minute `leaves` of the day."""
    frame = conform(stops, STOPS).sort("key")
    known = frame["x_m"].is_not_null() & frame["y_m"].is_not_null()
    unplaced = frame.filter(~known).sort("appointment", "key", nulls_last=True)["key"].to_list()
    placed = frame.filter(known)
    points = np.concatenate([np.array([start]), placed.select("x_m", "y_m").to_numpy().reshape(-1, 2)])
    gap = points[:, None, :] - points[None, :, :]
    day = _Day(
        np.rint(np.hypot(gap[:, :, 0], gap[:, :, 1])).astype(np.int64),
        (-1, *placed["appointment"].fill_null(-1).to_list()),
        leaves,
        int(rulebook["day_route.metres_per_minute"]),
        int(rulebook["day_route.visit_minutes"]),
        int(rulebook["review.visit_early_minutes"]),
        bool(rulebook["day_route.returns"]),
    )
    exact = len(placed) <= int(rulebook["day_route.exact_stops"])
    order = _best(day) if exact else _improved(day)
    late, metres, _time = day.worth(order)
    bound = metres if exact else _tree(day.metres)
    return Route(_legs(day, order, placed["key"].to_list()), metres, bound, exact, late, tuple(unplaced))


def _best(day: _Day) -> list[int]:
    """The best order: for each set of visited points and last one, the labels that no other beats in all three counts."""
    count = len(day.appointments) - 1
    front: dict[tuple[int, int], list[_Label]] = {(0, _HERE): [(0, 0, day.leaves, ())]}
    for _ in range(count):
        following: dict[tuple[int, int], list[_Label]] = {}
        for (visited, at), labels in front.items():
            for to in range(1, count + 1):
                if not visited >> to & 1:
                    bucket = following.setdefault((visited | 1 << to, to), [])
                    bucket += [(*day.visit(*label[:3], at, to), (*label[3], to)) for label in labels]
        front = {key: _unbeaten(labels) for key, labels in following.items()}
    ends = [
        (late, metres + day.back(at), time, order)
        for (_visited, at), labels in front.items()
        for late, metres, time, order in labels
    ]
    return list(min(ends)[3])


def _unbeaten(
    labels: list[_Label],
) -> list[_Label]:
    kept: list[_Label] = []
    for label in sorted(labels):
        if not any(k[0] <= label[0] and k[1] <= label[1] and k[2] <= label[2] for k in kept):
            kept.append(label)
    return kept


def _improved(day: _Day) -> list[int]:
    """Appointments by time with the others inserted where they cost least; then reversals and moves while any helps."""
    count = len(day.appointments)
    timed = sorted(
        (p for p in range(1, count) if day.appointments[p] >= 0), key=lambda p: (day.appointments[p], p)
    )
    order = list(timed)
    for point in (p for p in range(1, count) if day.appointments[p] < 0):
        order = min((order[:i] + [point] + order[i:] for i in range(len(order) + 1)), key=day.worth)
    worth = day.worth(order)
    while True:
        found = min(_neighbours(order), key=day.worth, default=order)
        if day.worth(found) >= worth:
            return order
        order, worth = found, day.worth(found)


def _neighbours(order: list[int]) -> list[list[int]]:
    """Every order with one stretch reversed, or one stop moved."""
    places = range(len(order))
    reversed_ = [order[:i] + order[i : j + 1][::-1] + order[j + 1 :] for i in places for j in places if i < j]
    rest = [(order[i], order[:i] + order[i + 1 :]) for i in places]
    return reversed_ + [others[:j] + [stop] + others[j:] for stop, others in rest for j in places]


def _tree(metres: NDArray[np.int64]) -> int:
    """Length of the shortest tree over all points: no way through all of them is shorter."""
    near, left, total = metres[_HERE].copy(), np.ones(len(metres), dtype=bool), 0
    left[_HERE] = False
    while left.any():
        nearest = int(np.flatnonzero(left)[near[left].argmin()])
        total += int(near[nearest])
        left[nearest] = False
        near = np.minimum(near, metres[nearest])
    return total


def _legs(day: _Day, order: list[int], keys: list[str]) -> pl.DataFrame:
    rows, state = [], (0, 0, day.leaves)
    for place, (at, to) in enumerate(pairwise([_HERE, *order]), 1):
        arrives = state[2] + -(-int(day.metres[at, to]) // day.pace)
        following = day.visit(*state, at, to)
        starts = following[2] - day.stay
        rows.append((place, keys[to - 1], int(day.metres[at, to]), arrives, starts, following[0] - state[0]))
        state = following
    return conform(pl.DataFrame(rows, schema=LEGS, orient="row"), LEGS)
