"""Whatever the shares: nothing lost, the quota rule, exact margins, monotone top-ups, no order of input that matters, and
the same answers as the slow twins.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuogu.core.apportion import (
    Apportionment,
    NoTable,
    as_printed,
    controlled_rounding,
    largest_remainder,
    split_waves,
    top_up,
)
from tuogu.core.reference import apportion as slow
from tuogu.core.rotation import turns

Weights = dict[str, Fraction | int]
Cells = dict[tuple[str, str], Fraction]
BOOKS = 1_000  # exhaustive; the fast suite takes a tenth


def random_weights(draw: random.Random, most: int = 8) -> Weights:
    """Percentages with two places, small integers with many ties, or premiums in fen."""
    keys = [f"部{number}" for number in range(draw.randint(1, most))]
    kind = draw.choice(("percent", "ties", "fen"))
    weights: Weights = {}
    for key in keys:
        if kind == "percent":
            weights[key] = Fraction(draw.randint(0, 9_999), 100)
        elif kind == "ties":
            weights[key] = draw.randint(0, 3)
        else:
            weights[key] = draw.randint(0, 10**11)
    weights[keys[0]] = weights[keys[0]] or 1
    return weights


def shuffled(mapping: Weights, draw: random.Random) -> Weights:
    return dict(draw.sample(sorted(mapping.items()), len(mapping)))


@pytest.mark.req("N-11", "S2-05")
@pytest.mark.parametrize("part", range(4))
def test_ten_thousand_splits_lose_nothing_and_keep_the_quota_rule(part: int) -> None:
    draw = random.Random(part)
    for _ in range(2_500):
        weights, total = random_weights(draw), draw.choice((0, 1, 5, 97, 3_936, 1_000_000))
        counts = largest_remainder(total, weights, seed=part).counts
        whole = sum(weights.values())
        assert sum(counts.values()) == total
        assert all(abs(counts[key] - Fraction(total) * weight / whole) < 1 for key, weight in weights.items())


@pytest.mark.req("N-11")
def test_splits_are_those_of_the_twin_in_any_order() -> None:
    draw = random.Random(1)
    for seed in range(400):
        weights, total = random_weights(draw), draw.randint(0, 40)
        found = largest_remainder(total, weights, seed=seed)
        assert found.counts == slow.largest_remainder(total, weights, seed)
        again = largest_remainder(total, shuffled(weights, draw), seed=seed)
        assert list(again.counts.items()) == list(found.counts.items())
        assert again.certificate.equals(found.certificate)


@pytest.mark.req("N-11")
def test_the_certificate_recomputes_the_split() -> None:
    """Floors and extra pieces, read off the printed rows alone, give the counts; ties are marked where they decide."""
    draw = random.Random(2)
    for seed in range(300):
        weights, total = random_weights(draw), draw.randint(0, 60)
        rows = largest_remainder(total, weights, seed=seed).certificate.to_dicts()
        assert sum(row["floor"] + row["extra"] for row in rows) == total
        remainders = {row["key"]: read(row["remainder"]) for row in rows}
        assert all(read(row["quota"]) == row["floor"] + remainders[row["key"]] for row in rows)
        winners = [remainders[row["key"]] for row in rows if row["extra"]]
        losers = [remainders[row["key"]] for row in rows if not row["extra"]]
        if winners:
            assert min(winners) >= max(losers)
            cut = min(winners) if min(winners) == max(losers) else None
        else:
            cut = None
        assert [row["tie"] for row in rows] == [remainders[row["key"]] == cut for row in rows]


def read(text: str) -> Fraction:
    """The fraction that `exact` wrote."""
    return sum((Fraction(word) for word in text.split()), Fraction(0))


@pytest.mark.req("N-11")
def test_as_printed_rounds_each_alone_or_refuses() -> None:
    draw, refused = random.Random(3), 0
    for _ in range(500):
        weights, total = random_weights(draw), draw.randint(0, 300)
        whole = sum(weights.values())
        alone = {key: int(Fraction(total) * w / whole + Fraction(1, 2)) for key, w in weights.items()}
        if sum(alone.values()) > total:
            refused += 1
            with pytest.raises(ValueError, match="不能照此分配"):
                as_printed(total, weights)
            continue
        found = as_printed(total, weights)
        assert found.counts == alone
        assert found.left == total - sum(alone.values()) >= 0
    assert refused > 20


@pytest.mark.req("N-11")
def test_top_ups_take_nothing_back_and_may_come_in_parts() -> None:
    draw = random.Random(4)
    for seed in range(400):
        weights = random_weights(draw)
        given = {key: draw.randint(0, 9) for key in weights if draw.random() < 0.8}
        first, second = draw.randint(0, 30), draw.randint(0, 30)
        once = top_up(given, first + second, weights, seed=seed).counts
        half = top_up(given, first, weights, seed=seed).counts
        assert sum(once.values()) == sum(given.values()) + first + second
        assert all(given.get(key, 0) <= half[key] <= once[key] for key in weights)
        assert top_up(half, second, weights, seed=seed).counts == once
        assert once == slow.top_up(given, first + second, weights, seed)
        mixed = top_up(given, first + second, shuffled(weights, draw), seed=seed)
        assert list(mixed.counts.items()) == list(once.items())


def test_top_ups_from_nothing_are_webster() -> None:
    """No transfer of a piece makes the largest weight / (2 held + 1) still waiting smaller: the divisor rule."""
    draw = random.Random(5)
    for seed in range(200):
        weights, total = random_weights(draw), draw.choice((1, 50, 10**6))
        counts = top_up({}, total, weights, seed=seed).counts
        assert sum(counts.values()) == total
        next_claims = [Fraction(weight) / (2 * counts[key] + 1) for key, weight in weights.items()]
        met = [Fraction(weights[key]) / (2 * count - 1) for key, count in counts.items() if count]
        assert max(next_claims) <= min(met)


@pytest.mark.req("S2-08")
def test_waves_add_up_and_are_those_of_the_twin() -> None:
    draw = random.Random(6)
    for _ in range(500):
        cuts = sorted(draw.randint(0, 100) for _ in range(draw.randint(0, 4)))
        percents = [after - before for before, after in zip([0, *cuts], [*cuts, 100], strict=True)]
        quota = draw.randint(0, 60)
        found = split_waves({"a": quota}, percents)["a"]
        assert sum(found) == quota
        assert min(found) >= 0
        assert found == slow.waves(quota, [Fraction(percent, 100) for percent in percents])
        assert all(abs(n - Fraction(quota * p, 100)) < 1 for n, p in zip(found, percents, strict=True))


@pytest.mark.req("S2-08")
def test_wave_tables_have_exact_margins() -> None:
    draw = random.Random(7)
    for seed in range(150):
        quotas = {f"部{i}": draw.randint(0, 90) for i in range(draw.randint(1, 7))}
        percents = draw.choice(((60, 40), (50, 30, 20), (34, 33, 33), (25, 25, 25, 25), (0, 100)))
        found = split_waves(quotas, percents, how="table", seed=seed)
        total = sum(quotas.values())
        assert {key: sum(waves) for key, waves in found.items()} == quotas
        for key, waves in found.items():
            pairs = zip(waves, percents, strict=True)
            assert all(abs(n - Fraction(quotas[key] * p, 100)) < 1 for n, p in pairs)
        sums = [sum(wave) for wave in zip(*found.values(), strict=True)]
        assert tuple(sums) == split_waves({"all": total}, percents)["all"]


def random_table(draw: random.Random, rows: int, columns: int, denominator: int) -> Cells:
    keys = [(f"行{i}", f"列{j}") for i in range(rows) for j in range(columns)]
    return {key: Fraction(draw.randint(0, 3 * denominator), denominator) for key in keys}


def margins(table: dict[tuple[str, str], int], axis: int) -> dict[str, int]:
    sums: dict[str, int] = {}
    for key, count in table.items():
        sums[key[axis]] = sums.get(key[axis], 0) + count
    return sums


def tables_and_totals(
    books: int,
) -> Iterator[tuple[Cells, dict[str, int] | None, dict[str, int] | None, int]]:
    """Small tables whose totals are given (as some rounding of the table has them), half given, or chosen."""
    draw = random.Random(8)
    for seed in range(books):
        cells = random_table(draw, draw.randint(1, 3), draw.randint(1, 3), draw.choice((2, 3, 4, 10, 97)))
        some = {
            key: int(value // 1) + (value % 1 > 0 and draw.random() < 0.5) for key, value in cells.items()
        }
        close = all(
            abs(total - sum(value for key, value in cells.items() if key[axis] == name)) < 1
            for axis in (0, 1)
            for name, total in margins(some, axis).items()
        )
        if close:
            yield cells, margins(some, 0), margins(some, 1), seed
            yield cells, margins(some, 0), None, seed
        last = ("行0", "列0")
        cells[last] += -sum(cells.values()) % 1  # a whole grand total
        yield cells, None, None, seed


def assert_nearest_tables(books: int) -> None:
    seen = 0
    for cells, rows, columns, seed in tables_and_totals(books):
        best, tables = slow.nearest_tables(cells, rows, columns)
        if best is None:
            with pytest.raises(NoTable):
                controlled_rounding(cells, rows, columns, seed=seed)
            continue
        found = controlled_rounding(cells, rows, columns, seed=seed)
        if rows is not None and columns is not None:  # chosen totals have their own, heavier cost
            assert found in tables
        assert all(abs(found[key] - value) < 1 for key, value in cells.items())
        for axis, totals in ((0, rows), (1, columns)):
            for name, total in margins(found, axis).items():
                exactly = sum(value for key, value in cells.items() if key[axis] == name)
                assert abs(total - exactly) < 1
                assert totals is None or totals[name] == total
        backwards = dict(reversed(cells.items()))
        assert controlled_rounding(backwards, rows, columns, seed=seed) == found
        seen += 1
    assert seen > books


@pytest.mark.req("N-11")
def test_rounded_tables_are_the_nearest() -> None:
    assert_nearest_tables(BOOKS // 10)


@pytest.mark.exhaustive
@pytest.mark.req("N-11")
def test_rounded_tables_are_the_nearest_exhaustively() -> None:
    assert_nearest_tables(BOOKS)


@pytest.mark.req("N-11")
def test_large_tables_with_premiums_as_weights_keep_every_margin() -> None:
    """300 planners × 5 categories: planner totals chosen, category totals given; denominators beyond 64 bits."""
    draw = random.Random(9)
    weights = {f"{i:04d}": draw.randint(1, 10**12) for i in range(300)}
    categories = {f"类{j}": draw.randint(100, 9_000) for j in range(5)}
    whole = sum(weights.values())
    cells = {(p, c): Fraction(n * w, whole) for p, w in weights.items() for c, n in categories.items()}
    found = controlled_rounding(cells, None, categories)
    assert margins(found, 1) == categories
    assert all(abs(found[key] - value) < 1 for key, value in cells.items())
    total = sum(categories.values())
    assert all(abs(n - Fraction(total * weights[p], whole)) < 1 for p, n in margins(found, 0).items())
    least = sum((min(value % 1, 1 - value % 1) for value in cells.values()), Fraction(0))
    away = sum((abs(found[key] - value) for key, value in cells.items()), Fraction(0))
    assert (
        least <= away <= Fraction(11, 10) * least
    )  # rounding each cell by itself is the bound, and it is near


@pytest.mark.req("P-08")
@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    weights=st.lists(st.integers(0, 15), min_size=1, max_size=7).filter(any),
    count=st.integers(0, 70),
    already=st.integers(0, 70),
    seed=st.integers(0, 5),
)
def test_turns_are_fair_after_every_item(weights: list[int], count: int, already: int, seed: int) -> None:
    receivers = {f"员{number}": weight for number, weight in enumerate(weights)}
    dealt = turns(receivers, already + count, seed=seed)
    assert dealt == slow.turns(receivers, already + count, seed)
    assert turns(receivers, count, already=already, seed=seed) == dealt[already:]
    assert turns(dict(reversed(receivers.items())), already + count, seed=seed) == dealt
    whole, had = sum(weights), dict.fromkeys(receivers, 0)
    for turn, receiver in enumerate(dealt, start=1):
        had[receiver] += 1
        assert all(abs(had[key] * whole - weight * turn) < whole for key, weight in receivers.items())


def test_an_apportionment_is_a_value() -> None:
    found = largest_remainder(1, {"a": 1})
    assert isinstance(found, Apportionment)
    with pytest.raises(AttributeError):
        found.left = 1  # type: ignore[misc]  # frozen
