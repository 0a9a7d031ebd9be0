"""The fair mix: exact quotas, regions kept, means together, and no order of input that matters."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from tuogu.core.apportion import largest_remainder
from tuogu.core.mix import deal, spread_of_means
from tuogu.core.reference import apportion as slow


def customers(count: int, regions: int, seed: int, *, sigma: float = 0.8) -> pl.DataFrame:
    """Customers with skewed premiums, in regions of different wealth."""
    draw = np.random.default_rng(seed)
    region = draw.integers(0, regions, count)
    value = draw.lognormal(8 + region / regions, sigma, count).round() * 100
    return pl.DataFrame(
        {
            "number": [f"C{number:07d}" for number in range(count)],
            "stratum": [f"区{code:02d}" for code in region],
            "value": value.astype(np.int64),
        }
    )


def departments(count: int, items: int, seed: int) -> dict[str, int]:
    draw = random.Random(seed)
    return largest_remainder(items, {f"部{i:02d}": draw.randint(50, 150) for i in range(count)}).counts


def worst_region_share(items: pl.DataFrame, dealt: pl.DataFrame, quotas: Mapping[str, int]) -> float:
    """The largest difference, over receivers and regions, from the region's count by the quota."""
    held = items.join(dealt, on="number").group_by("receiver", "stratum").len("held")
    sizes = items.group_by("stratum").len("size")
    due = sizes.join(pl.DataFrame({"receiver": list(quotas), "quota": list(quotas.values())}), how="cross")
    both = due.join(held, on=["receiver", "stratum"], how="left").fill_null(0)
    away = (pl.col("held") - pl.col("size") * pl.col("quota") / len(items)).abs().max()
    return float(both.select(away).item())


def assert_sound(items: pl.DataFrame, dealt: pl.DataFrame, quotas: Mapping[str, int]) -> None:
    assert dealt.columns == ["number", "receiver", "place"]
    assert dealt["number"].to_list() == sorted(items["number"])
    counts = dict(dealt.group_by("receiver").len().iter_rows())
    assert counts == {receiver: quota for receiver, quota in quotas.items() if quota}
    lists = items.join(dealt, on="number").sort("receiver", "place")
    for hand in lists.partition_by("receiver"):
        assert hand["place"].to_list() == list(range(1, len(hand) + 1))
        assert hand["value"].is_sorted(descending=True)


@pytest.mark.req("S2-05", "N-11")
def test_thirty_departments_get_the_same_mix() -> None:
    """30,000 customers here; `benchmarks/apportion.py` shows a million."""
    items = customers(30_000, 20, seed=1)
    quotas = departments(30, 30_000, seed=1)
    dealt = deal(items, quotas, seed=7)
    assert_sound(items, dealt, quotas)
    assert spread_of_means(items, dealt) <= Fraction(2, 1000)
    assert worst_region_share(items, dealt, quotas) <= 2  # pieces
    chance = items.sample(fraction=1, shuffle=True, seed=3).select("number")
    rows = [receiver for receiver, quota in sorted(quotas.items()) for _ in range(quota)]
    by_chance = chance.with_columns(receiver=pl.Series(rows))
    assert spread_of_means(items, by_chance) > 20 * spread_of_means(items, dealt)


def test_swaps_bring_the_means_together_and_keep_the_regions() -> None:
    items = customers(5_000, 12, seed=2, sigma=1.3)
    quotas = departments(8, 5_000, seed=2)
    plain, mixed = deal(items, quotas, 1, tries=0), deal(items, quotas, 1)
    assert spread_of_means(items, mixed) <= Fraction(1, 5000) < spread_of_means(items, plain)
    regions = [
        items.join(dealt, on="number").group_by("receiver", "stratum").len().sort("receiver", "stratum")
        for dealt in (plain, mixed)
    ]
    assert regions[0].equals(regions[1])


@pytest.mark.req("S0-21")
def test_order_of_rows_and_quotas_never_matters() -> None:
    items, quotas = customers(900, 5, seed=3), departments(6, 900, seed=3)
    dealt = deal(items, quotas, 1)
    turned = dict(reversed(quotas.items()))
    assert deal(items.sample(fraction=1, shuffle=True, seed=4), turned, 1).equals(dealt)
    assert not deal(items, quotas, 2).equals(dealt)


def assert_deals_like_the_twin(books: int) -> None:
    draw = random.Random(5)
    for seed in range(books):
        count = draw.randint(1, 60)
        items = pl.DataFrame(
            {
                "number": [f"C{number}" for number in range(count)],
                "stratum": [draw.choice("东南西北") for _ in range(count)],
                "value": [draw.choice((0, 5, 5, 100, 10**9)) for _ in range(count)],
            }
        )
        weights = {f"部{number}": draw.randint(0, 5) for number in range(draw.randint(1, 9))} | {"末": 1}
        quotas = largest_remainder(count, weights).counts
        dealt = deal(items, quotas, seed, tries=0)
        assert_sound(items, dealt, quotas)
        found = dict(dealt.select("number", "receiver").iter_rows())
        assert found == slow.serpentine(items.rows(), quotas, seed)
        mixed = deal(items, quotas, seed)
        assert_sound(items, mixed, quotas)
        assert spread_of_means(items, mixed) <= spread_of_means(items, dealt)


def test_the_deal_is_the_twins_and_swaps_never_spread_it() -> None:
    assert_deals_like_the_twin(100)


@pytest.mark.exhaustive
def test_the_deal_is_the_twins_exhaustively() -> None:
    assert_deals_like_the_twin(1_000)


def means(hands: Mapping[str, list[int]], moved: int) -> list[Fraction]:
    """Both mean values, the lower first, if `moved` went from 甲 to 乙."""
    one, other = hands["甲"], hands["乙"]
    return sorted((Fraction(sum(one) - moved, len(one)), Fraction(sum(other) + moved, len(other))))


def test_where_swapping_stops_no_swap_of_the_two_extremes_helps() -> None:
    """Two receivers, one stratum: no swap that is left puts both means between the two."""
    draw = random.Random(6)
    for seed in range(60):
        values = [draw.randint(0, 30) for _ in range(draw.randint(2, 12))]
        count = len(values)
        items = pl.DataFrame(
            {"number": [f"{i:02d}" for i in range(count)], "stratum": ["全"] * count, "value": values}
        )
        size = draw.randint(1, count - 1)
        quotas = {"甲": size, "乙": count - size}
        dealt = dict(deal(items, quotas, seed, aim=Fraction(0)).select("number", "receiver").iter_rows())
        hands = {r: [values[int(n)] for n, receiver in dealt.items() if receiver == r] for r in quotas}

        low, high = means(hands, 0)
        for swapped in (means(hands, x - y) for x in hands["甲"] for y in hands["乙"]):
            assert not low < swapped[0] <= swapped[1] < high


def test_swaps_stay_inside_a_stratum_even_if_another_fits_better() -> None:
    """One rich and one poor customer in each of two towns: only the pair inside a town may change hands."""
    items = pl.DataFrame(
        {"number": ["a", "b", "c", "d"], "stratum": ["东", "东", "西", "西"], "value": [100, 0, 90, 12]}
    )
    for seed in range(10):
        dealt = deal(items, {"甲": 2, "乙": 2}, seed, aim=Fraction(0))
        both = items.join(dealt, on="number")
        assert both.group_by("receiver", "stratum").len()["len"].to_list() == [1, 1, 1, 1]
        assert both.group_by("receiver").agg(pl.col("value").sum())["value"].sort().to_list() == [
            90 + 0,
            100 + 12,
        ]


def test_nothing_to_deal_and_nothing_to_even_out() -> None:
    none = pl.DataFrame(schema={"number": pl.String, "stratum": pl.String, "value": pl.Int64})
    assert deal(none, {"甲": 0}, 1).rows() == []
    assert deal(none, {}, 1).columns == ["number", "receiver", "place"]
    one = pl.DataFrame({"number": ["a"], "stratum": ["东"], "value": [5]})
    assert deal(one, {"甲": 1, "乙": 0}, 1).rows() == [("a", "甲", 1)]
    assert spread_of_means(one, deal(one, {"甲": 1}, 1)) == 0
    worthless = pl.DataFrame({"number": ["a", "b"], "stratum": ["东", "东"], "value": [0, 0]})
    assert spread_of_means(worthless, deal(worthless, {"甲": 1, "乙": 1}, 1)) == 0
    assert spread_of_means(none, deal(none, {}, 1)) == 0
    losses = pl.DataFrame({"number": list("abcd"), "stratum": ["东"] * 4, "value": [-1, -2, -3, -4]})
    assert spread_of_means(losses, deal(losses, {"甲": 2, "乙": 2}, 1)) == 0


@pytest.mark.parametrize(
    ("change", "quotas", "said"),
    [
        ({}, {"甲": 1}, "配额合计 1 与待分配 2 件不相等"),
        ({}, {"甲": 3, "乙": -1}, "配额不能为负"),
        ({"number": ["a", "a"]}, {"甲": 2}, "待分配清单中有重复的编号"),
        ({"value": [1, None]}, {"甲": 2}, "待分配清单缺少或有空值的列：value"),
        ({"stratum": [None, "东"]}, {"甲": 2}, "待分配清单缺少或有空值的列：stratum"),
        ({"value": [0, 2**61]}, {"甲": 2}, "价值的范围过大，无法均衡分配"),
    ],
)
def test_deal_refuses(change: dict[str, list[object]], quotas: dict[str, int], said: str) -> None:
    columns = {"number": ["a", "b"], "stratum": ["东", "东"], "value": [1, 2]} | change
    with pytest.raises(ValueError, match=said):
        deal(pl.DataFrame(columns), quotas, 1)
