"""Local search over unit labels: shifts and swaps along the borders that keep every area in one piece.

In: an Instance and labels. Out: better labels after exactly `moves` proposals (simulated annealing, one
seed, one thread). Never: a manager emptied, a manager or team torn apart by a move, a clock: effort is
counted in moves.

Loads outside the band cost a price for each piece, so the search may pass through them; the exact month
repair that follows (`hand_over`) removes what is left. Loose prices are better than heavy ones: measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tuogu.core.territory.anneal import anneal
from tuogu.core.territory.instance import Floats, Instance, Ints


@dataclass(frozen=True)
class Prices:
    """What a piece outside the band costs the search, in metres, and how warm it runs (policy-metres).

    `over_m` and `under_m` are (a,): what the flow's prices say a further policy is worth, and a margin.
    """

    over_m: Floats
    under_m: Floats
    month_m: float
    warm_m: float
    cold_m: float


def search(instance: Instance, labels: Ints, moves: int, seed: int, prices: Prices) -> Ints:
    """Labels after `moves` proposals from `labels`; the best seen, never worse than the start."""
    if instance.units == 0 or instance.managers < 2 or moves <= 0:
        return labels.copy()
    start, to = instance.links
    band = instance.band
    limits = (band.month_min, band.month_max, band.held_min, band.held_max)
    found = anneal(
        start,
        to,
        labels.astype(np.int32),
        instance.metres,
        instance.policies,
        instance.months,
        instance.team,
        np.array(limits, dtype=np.int64),
        prices.over_m,
        prices.under_m,
        prices.month_m,
        np.array([prices.warm_m, prices.cold_m]),
        instance.judged,
        int(moves),
        np.uint64(seed % 2**63),
    )
    return np.asarray(found, dtype=np.int64)
