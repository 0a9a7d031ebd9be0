"""Premiums that add up to a given total, to the fen.

In: weights and a total. Out: integer fen. Never: a sum that differs from the total by a fen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
YUAN = 100
SMALLEST_FEN = 50 * YUAN


def share_out(weights: NDArray[np.float64], total_fen: int, smallest_fen: int = SMALLEST_FEN) -> Ints:
    """Split `total_fen` in proportion to `weights`, at least `smallest_fen` each, in whole yuan but for one.

    The odd fen of the total stand in the largest premium. Raises ValueError if the total is too small.
    """
    n = len(weights)
    if n == 0:
        if total_fen:
            raise ValueError("nobody to pay a positive total")
        return np.zeros(0, np.int64)
    free = total_fen - n * smallest_fen
    if free < 0:
        raise ValueError(f"{total_fen} fen cannot give {smallest_fen} to each of {n}")
    extra = np.floor(weights / weights.sum() * (free / YUAN)).astype(np.int64) * YUAN
    left = free - int(extra.sum())
    order = np.argsort(-weights, kind="stable")
    extra[order[: left // YUAN]] += YUAN
    extra[order[0]] += left % YUAN
    return np.asarray(extra + smallest_fen)
