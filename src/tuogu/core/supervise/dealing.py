"""Supervised pieces to the specialists of their branch: whole customers, the largest first, each to who has fewest.

In: customers with their pieces, specialists with what they supervise already. Out: who supervises each customer. Never: a
customer split between two specialists of a branch, a tie decided by name or row order.

Sequential by nature: each customer changes who has fewest. The slow twin is `core.reference.supervision`.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def deal(size: Ints, branch: Ints, start: Ints, load: Ints, tie: Ints) -> Ints:
    """(n,) the specialist of each customer in turn, -1 where the branch has none.

    Specialists `start[b]` to `start[b + 1]` are those of branch b, with `load` pieces and `tie` ranks.
    """
    return np.asarray(_deal(size, branch, start, load.copy(), tie))


@numba.njit(cache=True)
def _deal(size: Ints, branch: Ints, start: Ints, load: Ints, tie: Ints) -> Ints:
    taker = np.full(len(size), -1, dtype=np.int64)
    for customer in range(len(size)):
        first, last = start[branch[customer]], start[branch[customer] + 1]
        best = -1
        for person in range(first, last):
            if (
                best < 0
                or load[person] < load[best]
                or (load[person] == load[best] and tie[person] < tie[best])
            ):
                best = person
        taker[customer] = best
        if best >= 0:
            load[best] += size[customer]
    return taker


def fewest_at_most(load: Ints, more: int) -> int:
    """The least that the fullest of these specialists can have after `more` single pieces: the bound of a branch."""
    full, total = int(load.max()), int(load.sum()) + more
    return max(full, -(-total // len(load)))
