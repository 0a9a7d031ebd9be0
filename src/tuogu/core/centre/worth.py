"""How evenly worth is spread over score points: weighted envy-freeness up to one piece (WEF1), planner by planner.

In: what was handed out, pieces and weights. Out: the frame of the sheet WORTH. Never: a float in a comparison.

Margin of planner i against j, in i's money: worth_i - weight_i / weight_j x (worth_j - j's dearest piece), rounded down;
what is shown is the smallest over all j. A negative margin over one category is possible only where rounding took a part
of a piece from i: `rounding_margin` adds that part at the price of i's cheapest piece, and the picking order guarantees
that it is never negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from heapq import nlargest

import polars as pl

from tuogu.core.centre.sheets import WORTH
from tuogu.core.tables import conform


@dataclass(frozen=True)
class Bundle:
    """What one planner got in one category, or in all: pieces, their worth, the dearest, the second, the cheapest."""

    weight: int
    pieces: int = 0
    worth: int = 0
    dearest: int = 0
    cheapest: int = 0


def worth_frame(dealt: pl.DataFrame, weights: Mapping[str, int], planners: pl.DataFrame) -> pl.DataFrame:
    """WORTH of every row of `planners` (staff_number); margins only among those who have a weight."""
    over_all = bundles(dealt, weights)
    total = margins(over_all)
    least: dict[str, int] = {}
    rounded: dict[str, int] = {}
    for category in sorted(dealt["category"].unique()):
        of_one = bundles(dealt.filter(pl.col("category") == category), weights)
        for name, margin in margins(of_one).items():
            least[name] = min(margin, least.get(name, margin))
        for name, margin in rounding_margins(of_one).items():
            rounded[name] = min(margin, rounded.get(name, margin))
    rows = []
    for name in planners["staff_number"].sort():
        mine = over_all.get(name, Bundle(0))
        per_point = mine.worth * 100 // mine.weight if mine.weight else None
        rows.append(
            (
                name,
                mine.weight,
                mine.pieces,
                mine.worth,
                per_point,
                total.get(name),
                least.get(name),
                rounded.get(name),
            )
        )
    return conform(pl.DataFrame(rows, schema=WORTH.schema, orient="row"), WORTH.schema)


def bundles(dealt: pl.DataFrame, weights: Mapping[str, int]) -> dict[str, Bundle]:
    """The bundle of everybody with a weight."""
    sums = dealt.group_by("receiver").agg(
        pieces=pl.len().cast(pl.Int64),
        worth=pl.col("amount_fen").sum(),
        dearest=pl.col("amount_fen").max(),
        cheapest=pl.col("amount_fen").min(),
    )
    found = {name: tuple(values) for name, *values in sums.iter_rows()}
    return {
        name: Bundle(weight, *found[name]) if name in found else Bundle(weight)
        for name, weight in weights.items()
        if weight
    }


def margins(held: Mapping[str, Bundle]) -> dict[str, int]:
    """WEF1 margin of each planner against whoever has most per point after losing the dearest piece."""
    after = nlargest(2, ((Fraction(b.worth - b.dearest, b.weight), name) for name, b in held.items()))
    if len(after) < 2:
        return {}
    (most, leader), (second, _name) = after
    return {
        name: (b.worth - b.weight * (second if name == leader else most)).__floor__()
        for name, b in held.items()
    }


def rounding_margins(held: Mapping[str, Bundle]) -> dict[str, int]:
    """The same, where the part of a piece that rounding took from i counts as i's cheapest piece.

    Only those with a negative margin are compared with everybody; for the rest the plain margin is the answer.
    """
    out = margins(held)
    for name, margin in out.items():
        if margin < 0:
            mine = held[name]
            out[name] = min(_rounding_margin(mine, b) for other, b in held.items() if other != name)
    return out


def _rounding_margin(mine: Bundle, other: Bundle) -> int:
    """Pieces that the other's turns had room for beyond mine, at the price of my cheapest (the other's dearest if I
    have none: nothing after my turn costs more).
    """
    ratio = Fraction(mine.weight, other.weight)
    lacking = max(Fraction(0), ratio * (other.pieces - 1) - mine.pieces)
    price = mine.cheapest if mine.pieces else other.dearest
    return (mine.worth + lacking * price - ratio * (other.worth - other.dearest)).__floor__()
