"""Apportionment benchmark: fixed books and seeds; every promise beside a plain rival in the same run.

    python -m benchmarks.apportion              10 k and 100 k customers, tables up to 2,000 planners
    python -m benchmarks.apportion full         1 M customers and 20,000 planners as well

The fair mix deals customers of 40 regions to 30 departments of unequal quotas. Rivals: shuffled cards, and dealing the list
best first in even turns. Spread: highest less lowest mean value of a department, as part of the mean. Region: the largest
difference of a department's share of a region from its quota's. The tables round planners × 5 categories to exact totals of
both; the rival rounds each cell by itself and misses totals.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import polars as pl

from tuogu.core.apportion import controlled_rounding, largest_remainder, top_up
from tuogu.core.apportion.quotas import half_up
from tuogu.core.mix import deal, spread_of_means
from tuogu.core.rotation import turns

SIZES, FULL_SIZES = (10_000, 100_000), (10_000, 100_000, 1_000_000)
PLANNERS, FULL_PLANNERS = (200, 2_000), (200, 2_000, 20_000)
DEPARTMENTS, REGIONS, CATEGORIES = 30, 40, 5
SEED = 1


def customers(count: int) -> pl.DataFrame:
    """Customers with skewed premiums in regions of different size and wealth."""
    draw = np.random.default_rng(SEED)
    chance = draw.dirichlet(np.full(REGIONS, 4.0))
    region = draw.choice(REGIONS, count, p=chance)
    fen = draw.lognormal(9 + region / REGIONS, 1.0, count).round() * 100
    numbers = pl.int_range(count, eager=True).cast(pl.String).str.zfill(8)
    strata = pl.Series(region).cast(pl.String).str.zfill(2)
    return pl.DataFrame({"number": "C" + numbers, "stratum": "R" + strata, "value": fen.astype(np.int64)})


def department_quotas(count: int) -> dict[str, int]:
    draw = np.random.default_rng(SEED)
    premiums = {f"D{number:02d}": int(fen) for number, fen in enumerate(draw.integers(40, 160, DEPARTMENTS))}
    return largest_remainder(count, premiums).counts


def shuffled_cards(items: pl.DataFrame, quotas: dict[str, int]) -> pl.DataFrame:
    numbers = items["number"].sample(fraction=1, shuffle=True, seed=SEED)
    holders = [receiver for receiver, quota in quotas.items() for _ in range(quota)]
    return pl.DataFrame({"number": numbers, "receiver": holders})


def plain_dealing(items: pl.DataFrame, quotas: dict[str, int]) -> pl.DataFrame:
    """Best first, each department's turns spread evenly over the list, always in the same direction."""
    row = items.sort("value", "number", descending=[True, False])["number"]
    holders = [receiver for receiver, quota in quotas.items() for _ in range(quota)]
    turns = [(k + 0.5) / quota for quota in quotas.values() for k in range(quota)]
    order = pl.DataFrame({"receiver": holders, "turn": turns}).sort("turn", maintain_order=True)
    return pl.DataFrame({"number": row, "receiver": order["receiver"]})


def region_error(items: pl.DataFrame, dealt: pl.DataFrame, quotas: dict[str, int]) -> float:
    """The largest difference between a department's part of a region and its part of all."""
    sizes = items.group_by("stratum").len("size")
    grid = sizes.join(pl.DataFrame({"receiver": list(quotas), "quota": list(quotas.values())}), how="cross")
    held = items.join(dealt, on="number").group_by("receiver", "stratum").len("held")
    both = grid.join(held, on=["receiver", "stratum"], how="left").fill_null(0)
    away = (pl.col("held") / pl.col("size") - pl.col("quota") / len(items)).abs().max()
    return float(both.select(away).item())


def timed(act: Callable[[], pl.DataFrame]) -> tuple[pl.DataFrame, float]:
    started = time.perf_counter()
    result = act()
    return result, time.perf_counter() - started


def mix(sizes: tuple[int, ...]) -> None:
    print(f"{'customers':>10}  {'way':<16}{'s':>8}{'growth':>8}{'spread':>10}{'region':>9}")
    before: dict[str, float] = {}
    for count in sizes:
        items, quotas = customers(count), department_quotas(count)
        ways: dict[str, Callable[[], pl.DataFrame]] = {
            "shuffled": lambda items=items, quotas=quotas: shuffled_cards(items, quotas),
            "plain dealing": lambda items=items, quotas=quotas: plain_dealing(items, quotas),
            "deal, no swaps": lambda items=items, quotas=quotas: deal(items, quotas, SEED, tries=0),
            "deal": lambda items=items, quotas=quotas: deal(items, quotas, SEED),
        }
        for way, act in ways.items():
            dealt, seconds = timed(act)
            growth = f"×{seconds / before[way]:.1f}" if way in before else "-"
            before[way] = seconds
            spread = float(spread_of_means(items, dealt))
            away = region_error(items, dealt, quotas)
            print(f"{count:>10,}  {way:<16}{seconds:>8.2f}{growth:>8}{spread:>10.3%}{away:>9.3%}", flush=True)


def tables(sizes: tuple[int, ...]) -> None:
    """Planners by score, categories by share: planner totals chosen by the table, category totals given."""
    print(f"{'planners':>10}  {'way':<16}{'s':>8}{'growth':>8}{'missed totals':>15}")
    before = 0.0
    for count in sizes:
        draw = np.random.default_rng(SEED)
        scores = {
            f"P{number:05d}": int(score) for number, score in enumerate(draw.integers(1_800, 10_000, count))
        }
        shares = (10, 30, 50, 5, 5)
        totals = largest_remainder(50 * count, {f"C{j}": share for j, share in enumerate(shares)}).counts
        whole = sum(scores.values())
        cells = {(p, c): Fraction(n * score, whole) for p, score in scores.items() for c, n in totals.items()}
        started = time.perf_counter()
        found = controlled_rounding(cells, None, totals, seed=SEED)
        seconds = time.perf_counter() - started
        growth = f"×{seconds / before:.1f}" if before else "-"
        before = seconds
        print(f"{count:>10,}  {'table':<16}{seconds:>8.2f}{growth:>8}{missed(found, totals):>15}")
        alone = {key: half_up(cell) for key, cell in cells.items()}
        print(f"{count:>10,}  {'cell by cell':<16}{'':>16}{missed(alone, totals):>15}", flush=True)


def missed(table: dict[tuple[str, str], int], totals: dict[str, int]) -> int:
    """Pieces by which the categories' totals are missed."""
    sums = dict.fromkeys(totals, 0)
    for (_planner, category), pieces in table.items():
        sums[category] += pieces
    return sum(abs(sums[category] - total) for category, total in totals.items())


def small() -> None:
    """One-off splits, top-ups and turns: milliseconds, whatever the total."""
    weights = {f"D{number:03d}": 1_000 + 37 * number for number in range(300)}
    held = largest_remainder(1_000_000, weights).counts
    for words, act in (
        ("largest remainder, 1 M over 300", lambda: largest_remainder(1_000_000, weights)),
        ("top-up of 100 k over 300", lambda: top_up(held, 100_000, weights)),
        ("1 M turns of 300", lambda: turns(weights, 1_000_000)),
    ):
        started = time.perf_counter()
        act()
        print(f"{words:<36}{1_000 * (time.perf_counter() - started):>8.0f} ms")


def main(arguments: list[str]) -> None:
    full = "full" in arguments
    mix(FULL_SIZES if full else SIZES)
    tables(FULL_PLANNERS if full else PLANNERS)
    small()


if __name__ == "__main__":
    main(sys.argv[1:])
