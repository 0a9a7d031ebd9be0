"""Weighted turns at their edges; the fairness of every prefix is a property test."""

from __future__ import annotations

import time

import pytest

from tuogu.core.rotation import turns


@pytest.mark.req("P-08")
def test_eight_items_at_one_to_three_are_two_and_six() -> None:
    dealt = turns({"a": 1, "b": 3}, 8)
    assert (dealt.count("a"), dealt.count("b")) == (2, 6)
    assert dealt[:4] == dealt[4:]
    assert "a" not in dealt[:2]  # smooth: never the light one twice in a row, nor three of b after three of b
    assert "bbbb" not in "".join(dealt)


@pytest.mark.req("P-08")
def test_equal_weights_take_turns_and_the_hash_decides_who_begins() -> None:
    for seed in range(5):
        dealt = turns({"a": 5, "b": 5, "c": 5}, 9, seed=seed)
        assert sorted(dealt[:3]) == ["a", "b", "c"]
        assert dealt[:3] * 3 == dealt
    assert len({turns({"a": 5, "b": 5, "c": 5}, 1, seed=seed)[0] for seed in range(30)}) == 3


@pytest.mark.req("P-08")
def test_the_next_day_continues_the_cycle() -> None:
    weights = {"a": 2, "b": 3, "c": 5}
    whole = turns(weights, 25)
    assert [*turns(weights, 7), *turns(weights, 7, already=7), *turns(weights, 11, already=14)] == whole
    assert turns(weights, 3, already=10**15) == whole[:3]
    assert turns({key: 1_000 * weight for key, weight in weights.items()}, 25) == whole


def test_who_has_no_weight_has_no_turn() -> None:
    assert turns({"a": 1, "b": 0}, 3) == ["a"] * 3
    assert turns({"a": 7}, 2, already=3) == ["a", "a"]
    assert turns({"a": 1, "b": 1}, 0) == []


@pytest.mark.parametrize(
    ("weights", "count", "already", "said"),
    [
        ({}, 1, 0, "轮转权重全部为零"),
        ({"a": 0}, 1, 0, "轮转权重全部为零"),
        ({"a": -1}, 1, 0, "a 的轮转权重应为不小于零的整数，不能是 -1"),
        ({"a": 1.5}, 1, 0, "a 的轮转权重应为不小于零的整数，不能是 1.5"),
        ({"a": True}, 1, 0, "a 的轮转权重应为不小于零的整数，不能是 True"),
        ({"a": 1}, -1, 0, "轮转次数不能为负"),
        ({"a": 1}, 1, -1, "轮转次数不能为负"),
    ],
)
def test_turns_refuse(weights: dict[str, int], count: int, already: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        turns(weights, count, already=already)


def test_a_long_rotation_costs_one_cycle() -> None:
    started = time.process_time()
    dealt = turns({f"{i:02d}": i + 1 for i in range(30)}, 465 * 2_000)
    assert time.process_time() - started < 2
    assert dealt.count("29") == 30 * 2_000
