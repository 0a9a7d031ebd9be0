"""Who has most room in the months that count: the choice between several managers, one piece or block after another.

In: pieces (or blocks) with their months, the managers allowed for each, what everybody has due already. Out: who takes
each one, and what is due then. Never: a manager above the yearly cap; a tie decided by name or row order.

Room = the least of (ceiling − due) over the months in which the piece falls due: it is the price of a place. Sequential
by nature, since each choice takes room from the next; the slow twin is `core.reference.arrivals`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_OPEN = 1 << 40  # room of an item that falls due in no month


@dataclass(frozen=True)
class Room:
    """What the managers (by column) have: pieces due (a, 12), pieces held (a,), and the two ceilings."""

    due: Ints
    held: Ints
    month_max: int
    held_cap: int

    def after(self, months: Ints, size: Ints, taker: Ints) -> Room:
        """The same once `taker[i]` has taken item i; -1 takes nothing."""
        due, held = self.due.copy(), self.held.copy()
        taken = taker >= 0
        np.add.at(due, taker[taken], months[taken])
        np.add.at(held, taker[taken], size[taken])
        return Room(due, held, self.month_max, self.held_cap)


def most_room(room: Room, months: Ints, size: Ints, allowed: tuple[Ints, Ints], tie: Ints) -> Ints:
    """(n,) the taker of each item in turn, -1 = nobody allowed below the cap.

    `allowed` = (start, to): item i may go to `to[start[i]:start[i + 1]]`; among equal room the lowest `tie` (a,) wins.
    """
    start, to = allowed
    return np.asarray(
        _most_room(
            months, size, start, to, tie, room.due.copy(), room.held.copy(), room.month_max, room.held_cap
        )
    )


@numba.njit(cache=True)
def _most_room(
    months: Ints,
    size: Ints,
    start: Ints,
    to: Ints,
    tie: Ints,
    due: Ints,
    held: Ints,
    month_max: int,
    held_cap: int,
) -> Ints:
    taker = np.full(len(months), -1, dtype=np.int64)
    for item in range(len(months)):
        best, best_room = -1, 0
        for place in range(start[item], start[item + 1]):
            manager = to[place]
            if held[manager] + size[item] > held_cap:
                continue
            room = _OPEN
            for month in range(12):
                if months[item, month] > 0:
                    room = min(room, month_max - due[manager, month] - months[item, month])
            if best < 0 or room > best_room or (room == best_room and tie[manager] < tie[best]):
                best, best_room = manager, room
        taker[item] = best
        if best >= 0:
            held[best] += size[item]
            for month in range(12):
                due[best, month] += months[item, month]
    return taker
