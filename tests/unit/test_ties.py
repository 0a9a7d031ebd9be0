"""Ties by keyed hash: the construction, and that neither seniority nor the order of the input decides (N-10)."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from scipy.stats import chi2_contingency, chisquare

from tuogu.core.picking import picks
from tuogu.core.ties import tie_rank

pytestmark = pytest.mark.req("N-10")
PEOPLE = [
    f"M{i:02d}" for i in range(1, 11)
]  # by staff number, which is by seniority: the longest served first
RUNS = 1_000
SIGNIFICANT = 0.05


def test_the_construction() -> None:
    key = blake2b(b"tuogu ties|7|place", digest_size=32).digest()
    value = {n: blake2b(n.encode(), key=key, digest_size=8).digest() for n in ["甲", *PEOPLE]}
    ranks = tie_rank(7, "place", pl.Series(["甲", *PEOPLE]))
    assert dict(zip(["甲", *PEOPLE], ranks, strict=True)) == {
        n: i for i, n in enumerate(sorted(value, key=value.__getitem__))
    }
    assert (ranks.dtype, ranks.name) == (pl.Int64, "tie_rank")


def test_ranks_are_a_permutation_that_only_seed_salt_and_number_decide() -> None:
    numbers = pl.Series([f"C{i}" for i in range(500)])
    ranks = tie_rank(1, "a", numbers)
    assert sorted(ranks) == list(range(500))
    mixed = numbers.shuffle(3)
    by_number = dict(zip(numbers, ranks, strict=True))
    assert tie_rank(1, "a", mixed).to_list() == [by_number[n] for n in mixed]
    for other in (tie_rank(2, "a", numbers), tie_rank(1, "b", numbers), tie_rank(11, "", numbers)):
        assert not other.equals(ranks)
    assert tie_rank(-5, "a", numbers).n_unique() == 500


def test_repeated_and_no_numbers() -> None:
    assert tie_rank(1, "a", pl.Series(["x", "y", "x"])).to_list() in ([0, 1, 0], [1, 0, 1])
    assert tie_rank(1, "a", pl.Series([], dtype=pl.String)).to_list() == []
    assert tie_rank(1, "a", pl.Series(["x"])).to_list() == [0]
    with pytest.raises(ValueError, match="missing"):
        tie_rank(1, "a", pl.Series(["x", None]))


def last_piece(seed: int, people: list[str]) -> str:
    """Ten people, equal in every respect, one piece left: who gets it."""
    order = pl.DataFrame({"person": people}).with_columns(
        tie=tie_rank(seed, "test.last_piece", pl.Series(people))
    )
    return order.sort("tie")["person"][0]


def last_pick(seed: int, people: list[str]) -> str:
    """The same through the weighted picking sequence: 31 pieces for ten people of equal weight, who picks first."""
    return picks(dict.fromkeys(people, 3), dict.fromkeys(people, 1), seed)[0]


def by_staff_number(_seed: int, people: list[str]) -> str:
    """What must not be done."""
    return min(people)


def by_input_order(_seed: int, people: list[str]) -> str:
    """What must not be done either."""
    return people[0]


Break = Callable[[int, list[str]], str]


def seniority_bias(chosen: Break) -> float:
    """p-value of 'everyone gets the last piece as often', people counted by seniority."""
    won = [PEOPLE.index(chosen(seed, PEOPLE)) for seed in range(RUNS)]
    return float(chisquare(np.bincount(won, minlength=len(PEOPLE))).pvalue)


def input_order_bias(chosen: Break) -> float:
    """The same by the place that the winner had in an input that is shuffled for every run."""
    shuffled = np.random.default_rng(2026)
    won = []
    for seed in range(RUNS):
        people = shuffled.permutation(PEOPLE).tolist()
        won.append(people.index(chosen(seed, people)))
    return float(chisquare(np.bincount(won, minlength=len(PEOPLE))).pvalue)


@pytest.mark.parametrize("chosen", [last_piece, last_pick])
def test_over_a_thousand_seeds_neither_seniority_nor_input_order_decides(chosen: Break) -> None:
    assert seniority_bias(chosen) > SIGNIFICANT
    assert input_order_bias(chosen) > SIGNIFICANT


def test_the_same_figures_convict_a_biased_rule() -> None:
    """By staff number the longest served always wins: 1,000 of 1,000. By input order the first row does."""
    assert seniority_bias(by_staff_number) < 1e-9
    assert input_order_bias(by_input_order) < 1e-9


def test_a_small_favour_is_found_too() -> None:
    """One tie in ten broken by staff number is enough to be seen in 1,000 runs."""
    assert (
        seniority_bias(lambda seed, people: min(people) if seed % 10 == 0 else last_piece(seed, people))
        < 1e-9
    )


def test_the_order_of_the_input_never_reaches_the_winner() -> None:
    shuffled = np.random.default_rng(7)
    for seed in range(50):
        assert last_piece(seed, shuffled.permutation(PEOPLE).tolist()) == last_piece(seed, PEOPLE)


def test_who_wins_here_says_nothing_about_who_wins_there() -> None:
    """Two places of one run (two salts), and two runs that follow each other: independent."""
    people = pl.Series(PEOPLE)
    ranks = [[tie_rank(seed, salt, people) for salt in ("a", "b")] for seed in range(RUNS)]
    places = np.zeros((10, 10))
    runs = np.zeros((10, 10))
    for here, there in ranks:
        places[here.arg_min(), there.arg_min()] += 1
    for (before, _), (after, _) in pairwise(ranks):
        runs[before.arg_min(), after.arg_min()] += 1
    assert chi2_contingency(places).pvalue > SIGNIFICANT
    assert chi2_contingency(runs).pvalue > SIGNIFICANT
