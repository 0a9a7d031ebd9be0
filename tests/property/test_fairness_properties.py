"""The fairness account against its twin in fractions, on random months, groups and pieces."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction
from math import floor

import polars as pl
import pytest

from territory_books import standard_rules
from tuogu.core import fairness
from tuogu.core.reference import fairness as slow

pytestmark = pytest.mark.req("N-10")
MONTHS = [date(2026, m, 1) for m in (1, 2, 3, 4)]
POINTS = {"normal": 100, "hard": 200, "problem": 300, None: 0, "difficult": 100, "lapsed": 100}


def drawn(chance: random.Random) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A released and a members frame in random order of rows."""
    people = {f"M{i}": chance.choice("ab") for i in range(chance.randrange(1, 7))}
    there = [(who, month, rank) for who, rank in people.items() for month in MONTHS if chance.random() < 0.8]
    rows = [
        (
            f"P{i}", who, month, chance.randrange(1, 10**7), chance.choice(["normal", "hard", "problem", None]),
            chance.choice([None, "difficult", "lapsed"]), chance.choice([None, chance.randrange(20_000)]),
        )
        for i, (who, month, _rank) in enumerate(chance.choices(there, k=chance.randrange(15)) if there else [])
    ]  # fmt: skip
    chance.shuffle(there)
    chance.shuffle(rows)
    return (
        pl.DataFrame(rows, schema=fairness.RELEASED, orient="row"),
        pl.DataFrame(there, schema=fairness.MEMBERS, orient="row"),
    )


def amounts(released: pl.DataFrame, measure: str) -> list[slow.Row]:
    return [
        (row["staff_number"], row["month"], {
            "pieces": 1, "premium_fen": row["premium_fen"], "distance_m": row["distance_m"] or 0,
            "difficulty": POINTS[row["nature"]] + (POINTS[row["service_class"]] if row["service_class"] else 0),
        }[measure])
        for row in released.iter_rows(named=True)
    ]  # fmt: skip


def rounded(ratio: Fraction | None) -> int | None:
    """Off the mean of equals, to the nearest hundredth of a percent."""
    return None if ratio is None else floor((ratio - 1) * 10_000 + Fraction(1, 2))


def compare(seed: int) -> None:
    released, members = drawn(random.Random(seed))
    found = fairness.account(released, members, standard_rules())
    assert found.height == members.height
    even = fairness.evenness(found)
    for measure in fairness.MEASURES:
        whole = slow.standing(amounts(released, measure), members.rows())
        assert sum(found[measure]) == sum(amount for *_who, amount in amounts(released, measure))
        for row in found.iter_rows(named=True):
            total, ratio = whole[row["staff_number"], row["month"]]
            assert row[f"{measure}_total"] == total
            assert row[f"{measure}_off_bp"] == rounded(ratio)
        for row in even.iter_rows(named=True):
            group = found.filter(equals=row["equals"], month=row["month"])
            ratios = [
                None if off is None else Fraction(off, 10_000) + 1 for off in group[f"{measure}_off_bp"]
            ]
            jain = slow.evenness(ratios)
            assert row[f"{measure}_even_bp"] == (None if jain is None else floor(jain * 10_000))
            assert row["people"] == group.height


def test_the_account_is_the_twin_s() -> None:
    for seed in range(60):
        compare(seed)


@pytest.mark.exhaustive
def test_the_account_is_the_twin_s_on_a_thousand_books() -> None:
    for seed in range(1_000, 2_000):
        compare(seed)


def test_the_order_of_rows_never_matters() -> None:
    released, members = drawn(random.Random(3))
    first = fairness.account(released, members, standard_rules())
    again = fairness.account(released.reverse(), members.reverse(), standard_rules())
    assert first.equals(again)


def test_all_alike_is_100_percent_and_one_who_has_all_is_one_nth() -> None:
    members = pl.DataFrame(
        [(f"M{i}", MONTHS[0], "a") for i in range(8)], schema=fairness.MEMBERS, orient="row"
    )
    alike = [(f"P{i}", f"M{i}", MONTHS[0], 500, "normal", "normal", 9) for i in range(8)]
    for given, expected in (
        (alike, 10_000),
        ([(*row[:1], "M0", *row[2:]) for row in alike], 1_250),
        ([], None),
    ):
        released = pl.DataFrame(given, schema=fairness.RELEASED, orient="row")
        even = fairness.evenness(fairness.account(released, members, standard_rules()))
        assert even["pieces_even_bp"].to_list() == [expected]


def test_a_piece_of_somebody_not_in_post_is_not_lost_silently() -> None:
    released = pl.DataFrame(
        [("P1", "M1", MONTHS[1], 5, None, None, None)], schema=fairness.RELEASED, orient="row"
    )
    members = pl.DataFrame([("M1", MONTHS[0], "a")], schema=fairness.MEMBERS, orient="row")
    with pytest.raises(ValueError, match="M1 在 2026-02-01 不在岗"):
        fairness.account(released, members, standard_rules())


def test_every_table_has_its_sheet() -> None:
    released, members = drawn(random.Random(1))
    found = fairness.account(released, members, standard_rules())
    assert dict(found.schema) == fairness.ACCOUNT.schema
    assert dict(fairness.evenness(found).schema) == fairness.EVENNESS.schema
