"""Who picks first, second, third: the weighted picking sequence by which unequal people take from one ranked list.

In: how many each receiver takes, the receivers' weights, a seed. Out: the receivers in the order in which they pick.
Never: a float comparison, an order that depends on how the receivers are listed, a receiver's name as a privilege.

The k-th pick of a receiver of weight w falls due at t = (k-1)/w (Adams' signposts). When everybody takes the most
valuable piece that is left, nobody envies another by more than one piece, measured per point of weight. Receivers of equal
weight take turns in serpentine order: who is first in one round is last in the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from math import gcd

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
WEIGHT_MAX = 2_000_000  # after division by the common divisor: above it the signposts no longer fit 64 bits


def picks(
    counts: Mapping[str, int],
    weights: Mapping[str, int],
    seed: int,
    first: Mapping[str, int] | None = None,
) -> list[str]:
    """Receivers in picking order; each appears as often as `counts` says.

    `first` (smaller = earlier) decides between receivers whose turns fall on the same moment, the keyed hash the rest.
    ValueError for a negative count, or a count for a receiver without a positive weight.
    """
    names = sorted(name for name, count in counts.items() if count)
    wrong = [n for n in names if counts[n] < 0 or weights.get(n, 0) <= 0]
    if wrong:
        raise ValueError(
            f"picks needs counts >= 0 and a positive weight for who takes something, not {wrong[:5]}"
        )
    if not names:
        return []
    weight, scale = _reduced([weights[n] for n in names])
    count = np.array([counts[n] for n in names], dtype=np.int64)
    who = np.repeat(np.arange(len(names)), count)
    turn = np.arange(len(who)) - np.repeat(np.cumsum(count) - count, count)
    standing = _standing(names, seed, first or {})[who]
    serpentine = np.where(turn % 2 == 0, standing, -standing)
    whole, part = np.divmod(turn, weight[who])
    order = np.lexsort((serpentine, part * scale // weight[who], whole))
    return [names[i] for i in who[order].tolist()]


def _reduced(weights: list[int]) -> tuple[Ints, int]:
    """Weights by their common divisor, and a scale at which no two different signposts fall together.

    Two fractions with denominators up to W differ by at least 1/W², so at W² their whole parts differ too: comparing
    whole numbers is exact.
    """
    divisor = gcd(*weights)
    reduced = np.array([w // divisor for w in weights], dtype=np.int64)
    largest = int(reduced.max())
    if largest > WEIGHT_MAX:
        raise ValueError(f"weights up to {WEIGHT_MAX} after division by their common divisor, not {largest}")
    return reduced, largest * largest


def _standing(names: list[str], seed: int, first: Mapping[str, int]) -> Ints:
    """Place of each receiver where turns coincide: by `first`, then by keyed hash."""
    key = seed.to_bytes(16, "big", signed=True)

    def place(i: int) -> tuple[int, bytes]:
        return first.get(names[i], 0), hashlib.blake2b(names[i].encode(), digest_size=16, key=key).digest()

    out = np.empty(len(names), dtype=np.int64)
    out[sorted(range(len(names)), key=place)] = np.arange(1, len(names) + 1)
    return out
