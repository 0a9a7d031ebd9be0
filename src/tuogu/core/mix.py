"""Which customers, not only how many: everyone gets his exact quota and the same mix of region and value.

In: items (number, stratum, value) and a quota for each receiver, together as many as there are items. Out: who gets
which, with the place in the receiver's own list (most valuable first). Never: a quota missed, an item twice, a swap
between strata (it would spoil the mix of regions), luck: the same seed and items give the same deal.

Two steps. The serpentine deal: items stand by stratum and, inside it, by value, up and down in turn; receiver i takes the
items at the positions (k - 1/2) / q_i of the row, and every second round is dealt backwards, so that nobody is always
first. Then swaps inside a stratum between a receiver whose mean value is far above and one far below, each the swap
that brings the two nearest to the common mean, until the means lie within the aim or no swap of the extremes helps.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tuogu.core.ties import tie_rank

Ints = NDArray[np.int64]
ITEMS = {"number": pl.String, "stratum": pl.String, "value": pl.Int64}
AIM = Fraction(1, 5000)  # spread of the means, as a part of the common mean, at which swapping stops
TRIES_EACH, TRIES_MORE = 4, 400  # pairs of receivers looked at: so many a receiver, and so many more
_NEVER = 2**62


class _Hands:
    """What each receiver holds, and how far above the common mean that is.

    `over[r]` is (sum of values - quota x common mean) x number of items: an exact Python integer.
    """

    def __init__(self, stratum: Ints, value: Ints, holder: Ints, receivers: int) -> None:
        self._count, self._total = len(value), int(value.sum())
        floor, ceiling = int(value.min()), int(value.max())
        self._range = ceiling - floor
        apart = 2 * self._range + 1  # strata on the scale: further apart than two values of one
        if max((int(stratum.max()) + 1) * apart, len(value) * max(abs(floor), abs(ceiling))) >= _NEVER:
            raise ValueError(f"价值的范围过大，无法均衡分配：{floor} 至 {ceiling}")
        scale = stratum * apart + (value - floor)
        row = np.lexsort((np.arange(len(value)), scale, holder))
        cuts = np.searchsorted(holder[row], np.arange(receivers + 1))
        self.items = [row[a:b] for a, b in pairwise(cuts)]
        self._scale = [scale[items] for items in self.items]
        self._of = scale
        self.over = [int(value[items].sum()) * self._count - self._total * len(items) for items in self.items]
        self.above = np.array([self._above(r) for r in range(receivers)])

    def _above(self, receiver: int) -> float:
        """Mean above the common mean: to pick the extremes by; decisions compare `over`."""
        return self.over[receiver] / max(1, len(self.items[receiver]))

    def spread(self, top: int, bottom: int) -> Fraction:
        """Difference of two means as a part of the common mean."""
        high, low = (Fraction(self.over[r], max(1, len(self.items[r]))) for r in (top, bottom))
        return (high - low) / abs(self._total) if self._total else Fraction(0)

    def try_swap(self, high: int, low: int) -> bool:
        """Swap the pair of one stratum that brings both means best towards the common one; False where none does.

        Both means end strictly between the two old ones, so no swap ever widens the spread.
        """
        sizes = len(self.items[high]), len(self.items[low])
        gap = (
            self.over[high] * sizes[1] - self.over[low] * sizes[0]
        )  # in means: times both sizes, times the count
        limit = min(
            -(-gap // (self._count * max(1, *sizes))), self._range + 1
        )  # what is moved stays below it
        if not all(sizes) or limit <= 1:
            return False
        nearest = min(self.over[high], -self.over[low])  # moves one of them to the common mean
        wanted = max(1, nearest // self._count if nearest > 0 else gap // (self._count * sum(sizes)))
        pair = self._best_pair(high, low, wanted, limit)
        if pair is None:
            return False
        given, taken = self.items[high][pair[0]], self.items[low][pair[1]]
        moved = int(self._of[given] - self._of[taken]) * self._count
        self._replace(high, pair[0], taken)
        self._replace(low, pair[1], given)
        self.over[high] -= moved
        self.over[low] += moved
        self.above[high], self.above[low] = self._above(high), self._above(low)
        return True

    def _best_pair(self, high: int, low: int, wanted: int, limit: int) -> tuple[int, int] | None:
        """Places of the items whose difference is nearest to `wanted` among those in 1 .. limit - 1.

        Differences across strata are beyond the range of values, hence beyond the limit.
        """
        theirs = self._scale[low]
        after = np.searchsorted(theirs, self._scale[high] - wanted, side="right")
        near = np.stack([after - 1, after]).clip(0, len(theirs) - 1)
        moved = self._scale[high] - theirs[near]
        away = np.where((moved > 0) & (moved < limit), np.abs(moved - wanted), _NEVER)
        side, i = divmod(int(away.argmin()), away.shape[1])
        return (i, int(near[side, i])) if away[side, i] < _NEVER else None

    def _replace(self, receiver: int, place: int, item: int) -> None:
        kept = np.delete(self.items[receiver], place)
        scale = np.delete(self._scale[receiver], place)
        at = int(np.searchsorted(scale, self._of[item]))
        self.items[receiver] = np.insert(kept, at, item)
        self._scale[receiver] = np.insert(scale, at, self._of[item])


def deal(
    items: pl.DataFrame,
    quotas: Mapping[str, int],
    seed: int,
    *,
    aim: Fraction = AIM,
    tries: int | None = None,
) -> pl.DataFrame:
    """number, receiver, place, by number. `tries` bounds the pairs of receivers that swapping looks at."""
    _check(items, quotas)
    rows = _in_row(items, seed)
    receivers = _by_hash(quotas, seed)
    if rows.is_empty():
        return _handed_out(rows, receivers, np.empty(0, dtype=np.int64))
    holder = _turns([quotas[receiver] for receiver in receivers])
    stratum = rows["stratum"].rank("dense").cast(pl.Int64).to_numpy()
    hands = _Hands(stratum, rows["value"].to_numpy(), holder, len(receivers))
    _even_out(hands, aim, TRIES_EACH * len(receivers) + TRIES_MORE if tries is None else tries)
    for receiver, held in enumerate(hands.items):
        holder[held] = receiver
    return _handed_out(rows, receivers, holder)


def spread_of_means(items: pl.DataFrame, dealt: pl.DataFrame) -> Fraction:
    """How far the receivers' mean values lie apart, as a part of the common mean; 0 where that mean is 0."""
    sums = (
        items.join(dealt, on="number")
        .group_by("receiver")
        .agg(total=pl.col("value").sum(), count=pl.len().cast(pl.Int64))
    )
    means = [Fraction(total, count) for total, count in sums.select("total", "count").iter_rows()]
    whole = Fraction(int(sums["total"].sum()), int(sums["count"].sum())) if means else Fraction(0)
    return (max(means) - min(means)) / abs(whole) if whole else Fraction(0)


def _check(items: pl.DataFrame, quotas: Mapping[str, int]) -> None:
    wrong = [name for name in ITEMS if name not in items.columns or items[name].null_count()]
    if wrong:
        raise ValueError(f"待分配清单缺少或有空值的列：{'、'.join(wrong)}")
    if items["number"].n_unique() != len(items):
        raise ValueError("待分配清单中有重复的编号")
    if any(quota < 0 for quota in quotas.values()):
        raise ValueError("配额不能为负")
    if sum(quotas.values()) != len(items):
        raise ValueError(f"配额合计 {sum(quotas.values())} 与待分配 {len(items)} 件不相等")


def _in_row(items: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Items by stratum; inside it by value, falling in one stratum and rising in the next."""
    rows = items.select(pl.col(name).cast(kind) for name, kind in ITEMS.items())
    odd = pl.col("stratum").rank("dense") % 2 == 1
    turned = pl.when(odd).then(-pl.col("value")).otherwise(pl.col("value"))
    tie = tie_rank(seed, "mix.item", rows["number"])
    return (
        rows.with_columns(turned.alias("_turned"), tie.alias("_tie"))
        .sort("stratum", "_turned", "_tie")
        .drop("_turned")
    )


def _by_hash(quotas: Mapping[str, int], seed: int) -> list[str]:
    """Receivers in an order that favours no name."""
    names = pl.Series("receiver", list(quotas), dtype=pl.String)
    tie = tie_rank(seed, "mix.receiver", names)
    return pl.DataFrame({"receiver": names, "tie": tie}).sort("tie")["receiver"].to_list()


def _turns(quotas: list[int]) -> Ints:
    """Whose turn it is at each position: the k-th turn of i stands at (k - 1/2) / q_i, every second round reversed.

    Quotients of integers below 2^25 are equal as floats only if they are equal, so the order is exact.
    """
    sizes = np.array(quotas, dtype=np.int64)
    who = np.repeat(np.arange(len(sizes)), sizes)
    k = np.arange(len(who)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    turns = who[np.lexsort((who, (2 * k + 1) / (2 * sizes[who])))]
    round_length = int((sizes > 0).sum())
    place = np.arange(len(turns))
    start = place // round_length * round_length
    end = np.minimum(start + round_length, len(turns)) - 1
    backwards = (place // round_length) % 2 == 1
    return turns[np.where(backwards, start + end - place, place)]


def _even_out(hands: _Hands, aim: Fraction, tries: int) -> None:
    """Swaps until the extremes lie within `aim`, no swap of an extreme helps, or `tries` pairs have been looked at."""
    while tries > 0:
        order = np.argsort(hands.above, kind="stable")
        top, bottom = int(order[-1]), int(order[0])
        if hands.spread(top, bottom) <= aim:
            return
        pairs = [(top, int(low)) for low in order[:-1]] + [(int(high), bottom) for high in order[-2:0:-1]]
        for high, low in pairs[:tries]:
            tries -= 1
            if hands.try_swap(high, low):
                break
        else:
            return


def _handed_out(rows: pl.DataFrame, receivers: list[str], holder: Ints) -> pl.DataFrame:
    names = pl.Series(receivers, dtype=pl.String)
    return (
        rows.with_columns(receiver=names.gather(holder))
        .sort("receiver", pl.col("value"), "_tie", descending=[False, True, False])
        .with_columns(place=pl.int_range(1, pl.len() + 1).over("receiver"))
        .select("number", "receiver", "place")
        .sort("number")
    )
