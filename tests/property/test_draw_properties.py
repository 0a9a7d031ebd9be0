"""Whatever the list and the seed: nothing lost or doubled, order of the input irrelevant, the twin agrees, drawing more
keeps what was drawn, and everyone has the same chance."""

from __future__ import annotations

import random
from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from tuogu.core import draw
from tuogu.core.reference import draw as slow

pytestmark = pytest.mark.req("N-05")
SOME = settings(max_examples=60, deadline=None, derandomize=True)
NUMBER = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=12)
LISTS = st.lists(NUMBER, unique=True, max_size=25)
SEEDS = st.binary(min_size=16, max_size=100)
IDS = st.text(st.characters(codec="utf-8", exclude_characters="\n|"), min_size=1, max_size=12)


@SOME
@given(numbers=LISTS, seed=SEEDS, draw_id=IDS)
def test_the_fast_path_is_the_twin(numbers: list[str], seed: bytes, draw_id: str) -> None:
    assert draw.order(numbers, seed=seed, draw_id=draw_id) == slow.order(numbers, seed=seed, draw_id=draw_id)
    assert draw.list_digest(numbers) == slow.list_digest(numbers)
    assert draw.combined([seed, b"", seed]) == slow.combined([seed, b"", seed])


@pytest.mark.exhaustive
def test_the_fast_path_is_the_twin_on_a_thousand_lists() -> None:
    chance = random.Random(5)
    for _ in range(1_000):
        numbers = [f"{chance.choice('CPV')}{n}" for n in chance.sample(range(10**9), chance.randrange(60))]
        seed, draw_id = chance.randbytes(chance.randrange(16, 90)), f"d{chance.random()}"
        assert draw.order(numbers, seed=seed, draw_id=draw_id) == slow.order(
            numbers, seed=seed, draw_id=draw_id
        )


@SOME
@given(numbers=LISTS, seed=SEEDS, mixed=st.randoms(use_true_random=False))
def test_nothing_is_lost_and_the_order_of_the_input_never_matters(
    numbers: list[str], seed: bytes, mixed: random.Random
) -> None:
    ordered = draw.order(numbers, seed=seed, draw_id="d")
    assert sorted(ordered) == sorted(numbers)
    shuffled = numbers[:]
    mixed.shuffle(shuffled)
    assert draw.order(pl.Series(shuffled, dtype=pl.String), seed=seed, draw_id="d") == ordered
    assert draw.list_digest(shuffled) == draw.list_digest(numbers)


@SOME
@given(numbers=LISTS.filter(bool), seed=SEEDS, data=st.data())
def test_drawing_more_keeps_what_was_drawn(numbers: list[str], seed: bytes, data: st.DataObject) -> None:
    more = data.draw(st.integers(0, len(numbers)))
    fewer = data.draw(st.integers(0, more))
    many = draw.drawn(numbers, more, seed=seed, draw_id="d")
    assert len(many) == more
    assert draw.drawn(numbers, fewer, seed=seed, draw_id="d") == many[:fewer]


@SOME
@given(numbers=LISTS.filter(bool), seed=SEEDS, gone=st.randoms(use_true_random=False))
def test_who_leaves_the_list_moves_nobody_else(numbers: list[str], seed: bytes, gone: random.Random) -> None:
    """The lot of a number depends on nobody else: no one can be pushed forward by padding the list."""
    left = gone.choice(numbers)
    without = draw.order([n for n in numbers if n != left], seed=seed, draw_id="d")
    assert without == [n for n in draw.order(numbers, seed=seed, draw_id="d") if n != left]


def test_everyone_is_drawn_as_often() -> None:
    """2,000 draws of 1 of 20: chi-square far from significant; fixed seeds, so the figure is always the same."""
    numbers = [f"C{i:03d}" for i in range(20)]
    won = Counter(
        draw.drawn(numbers, 1, seed=draw.combined([i.to_bytes(4, "big")]), draw_id="d")[0]
        for i in range(2_000)
    )
    assert chisquare([won[n] for n in numbers]).pvalue > 0.05
