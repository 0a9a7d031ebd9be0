"""Weighted turns: receivers take items one after another, as often as their weights say, smoothly (P-08).

In: a weight for each receiver and how many turns. Out: who has each turn. Never: after any number of turns anyone a whole
item away from his due share, chance, a name that decides.

The rule is Tijdeman's for the chairman assignment problem: with shares s_i and x_i turns had, turn t goes, among those
with s_i t - x_i >= e, to the one who would first fall 1 - e behind, where e = 1 / (2n - 2). Everybody then stays within
1 - e of s_i t after every turn t. Whole numbers only; the turns repeat after (sum of weights / their common divisor).
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from itertools import islice
from math import gcd

import polars as pl

from tuogu.core.ties import tie_rank


def turns(weights: Mapping[str, int], count: int, *, already: int = 0, seed: int = 0) -> list[str]:
    """Who has turn already + 1, already + 2, ... already + count. The same weights and seed continue the same cycle."""
    for receiver, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, int) or weight < 0:
            raise ValueError(f"{receiver} 的轮转权重应为不小于零的整数，不能是 {weight!r}")
    if count < 0 or already < 0:
        raise ValueError("轮转次数不能为负")
    present = {receiver: weight for receiver, weight in weights.items() if weight}
    if not present:
        raise ValueError("轮转权重全部为零，无从分配")
    common = gcd(*present.values())
    period = sum(present.values()) // common
    start = already % period
    names = pl.Series("receiver", list(present), dtype=pl.String)
    order = pl.DataFrame({"receiver": names, "tie": tie_rank(seed, "rotation", names)}).sort("tie")[
        "receiver"
    ]
    receivers = order.to_list()
    cycle = _cycle([present[receiver] // common for receiver in receivers], min(period, start + count))
    whole, rest = divmod(start + count, len(cycle)) if cycle else (0, 0)
    repeated = cycle * whole + cycle[:rest]
    return [receivers[i] for i in islice(repeated, start, start + count)]


def _cycle(weights: list[int], count: int) -> list[int]:
    """The first `count` turns as places in `weights`, by the two queues: whose next turn may come, which must come first.

    The j-th turn of i may come from the first t with s_i t - (j - 1) >= e, and is due at the last t with
    s_i t - (j - 1) <= 1 - e, one turn later it would be too late.
    """
    if len(weights) == 1:
        return [0] * count
    whole, parts = sum(weights), 2 * len(weights) - 2  # e = 1 / parts

    def window(i: int, had: int) -> tuple[int, int]:
        earliest = -(-(had * parts + 1) * whole // (weights[i] * parts))
        due = ((had + 1) * parts - 1) * whole // (weights[i] * parts)
        return earliest, due

    waiting = [(*window(i, 0), i, 0) for i in range(len(weights))]
    heapq.heapify(waiting)
    ready: list[tuple[int, int, int]] = []
    out = []
    for turn in range(1, count + 1):
        while waiting and waiting[0][0] <= turn:
            _earliest, due, i, had = heapq.heappop(waiting)
            heapq.heappush(ready, (due, i, had))
        _due, i, had = heapq.heappop(ready)
        out.append(i)
        heapq.heappush(waiting, (*window(i, had + 1), i, had + 1))
    return out
