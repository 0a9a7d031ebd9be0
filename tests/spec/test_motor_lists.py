"""Boundary rows of the monthly list, the claim periods and the turns; and that the fast way equals the slow one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import motor_books
from branch import RULEBOOK
from tuogu.core.motor import claims, lists
from tuogu.core.motor.holidays import table
from tuogu.core.motor.limits import Limits
from tuogu.core.reference import motor_lists as slow

LIMITS = Limits.of(RULEBOOK)
RUN = date(2026, 3, 1)
NO_HOLIDAY = table([])
MAY = (date(2026, 5, 1), date(2026, 5, 5), date(2026, 4, 30))

BANDS = """
days left | band   | enters | late
-32       | d0_30  | no     | -
-31       | d0_30  | yes    | yes
0         | d0_30  | yes    | yes
29        | d0_30  | yes    | yes
30        | d0_30  | yes    | yes
31        | d31_60 | yes    | yes
60        | d31_60 | yes    | yes
61        | d61_90 | yes    | no
90        | d61_90 | yes    | no
91        | none   | no     | -
"""
ROUNDS = """
list       | branch until | city until | dealt      | locked     | why
2026-03-01 | 2026-03-06   | 2026-03-11 | 2026-03-12 | 2026-03-15 | five days each, filed on the 15th
2026-03-10 | 2026-03-15   | 2026-03-20 | 2026-03-21 | 2026-03-15 | the 10th still meets the 15th
2026-03-11 | 2026-03-16   | 2026-03-21 | 2026-03-22 | 2026-03-16 | A-25: the end of the claim period
2026-04-25 | 2026-04-30   | 2026-04-30 | 2026-05-01 | 2026-04-30 | the city's days end inside May Day: cut
2026-04-27 | 2026-04-30   | 2026-04-30 | 2026-05-01 | 2026-05-02 | the branch's days end inside May Day: cut
2026-05-01 | 2026-05-06   | 2026-05-11 | 2026-05-12 | 2026-05-15 | a period that ends behind the holiday stays
"""


def rows(spec: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in spec.strip().splitlines()[1:]]


@pytest.mark.req("S3-02", "S3-03")
@pytest.mark.parametrize(("left", "band", "enters", "late"), rows(BANDS))
def test_the_band_of_each_boundary_day(left: str, band: str, enters: str, late: str) -> None:
    days = pl.DataFrame({"d": [int(left)]})
    assert days.select(lists.band(pl.col("d"), LIMITS)).item() == (None if band == "none" else band)
    found = lists.entering(motor_books.cases({1: RUN + timedelta(days=int(left))}), RUN, LIMITS)
    assert found.height == (enters == "yes")
    if enters == "yes":
        assert found.row(0) == (1, band, int(left), late == "yes")


@pytest.mark.req("S3-04", "S3-05", "S3-06")
@pytest.mark.parametrize(("day", "branch", "city", "dealt", "locked", "why"), rows(ROUNDS))
def test_the_days_of_a_list(day: str, branch: str, city: str, dealt: str, locked: str, why: str) -> None:
    found = claims.rounds(date.fromisoformat(day), LIMITS, table([("labour_day", *MAY)]))
    assert found == claims.Rounds(
        date.fromisoformat(branch), date.fromisoformat(branch) + timedelta(days=1), date.fromisoformat(dealt),
        date.fromisoformat(locked),
    ), why  # fmt: skip
    assert date.fromisoformat(city) + timedelta(days=1) == found.dealt_on


@pytest.mark.req("S3-07")
def test_limits_can_be_shorter_and_lists_earlier() -> None:
    quick = replace(LIMITS, claim_days=2, city_claim_days=1, register_month_day=8, list_from_days=120)
    assert claims.rounds(RUN, quick, NO_HOLIDAY) == claims.Rounds(
        date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 8)
    )
    assert (
        lists.entering(motor_books.cases({1: RUN + timedelta(days=120)}), RUN, quick)["band"].item()
        == "d61_90"
    )


@pytest.mark.req("S3-03")
def test_runs_that_were_missed_are_caught_up_oldest_first() -> None:
    assert lists.runs_due(date(2025, 11, 1), date(2026, 2, 3), LIMITS) == [
        date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1),
    ]  # fmt: skip
    assert lists.runs_due(date(2026, 2, 1), date(2026, 2, 28), LIMITS) == []
    assert lists.runs_due(None, date(2026, 2, 3), LIMITS) == [date(2026, 2, 1)]
    assert lists.runs_due(None, date(2026, 2, 3), replace(LIMITS, list_month_day=20)) == [date(2026, 1, 20)]


@pytest.mark.req("S3-03")
@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=30), st.integers(1, 28))
def test_every_policy_stands_in_exactly_one_list_the_right_one(offsets: list[int], run_day: int) -> None:
    limits, first = replace(LIMITS, list_month_day=run_day), date(2025, 1, 1)
    runs = lists.runs_due(first - timedelta(days=1), first + timedelta(days=800), limits)
    expiries = {i: first + timedelta(days=n) for i, n in enumerate(offsets)}
    listed: dict[int, date] = {}
    for run in runs:
        for subject in lists.entering(motor_books.cases(expiries, listed), run, limits)["subject_id"]:
            assert subject not in listed
            listed[subject] = run
    assert listed == {i: slow.list_of(day, date.min, runs, limits) for i, day in expiries.items()}


@pytest.mark.req("S3-06")
@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(["D1", "D2", "D3"]), max_size=25),
    st.dictionaries(st.sampled_from(["S1", "S2", "S3", "S4"]), st.integers(0, 3), min_size=1),
    st.integers(0, 10**6),
)
def test_turns_are_dealt_as_the_slow_twin_deals_them(
    branches: list[str], held: dict[str, int], seed: int
) -> None:
    places = {"S1": ("D1",), "S2": ("D1", "D2"), "S3": ("D2",), "S4": ("D2",)}
    ids = {who: i for i, who in enumerate(sorted(held), 1)}
    takers = pl.DataFrame(
        [(code, ids[who], who, held[who]) for who in sorted(held) for code in places[who]],
        schema=claims.TAKERS, orient="row",
    )  # fmt: skip
    numbers = {f"P{i}": code for i, code in enumerate(branches)}
    remaining = pl.DataFrame(
        [(i, number, code) for i, (number, code) in enumerate(numbers.items())],
        schema=claims.REMAINING,
        orient="row",
    )
    dealt = claims.deal(remaining, takers, takers, seed=seed)
    assert dealt.height == len(branches)  # nobody is left without a responsible person
    people = {code: [who for who in held if code in places[who]] for code in ("D1", "D2")}
    wanted = slow.deal(numbers, people, held, seed)
    assert {f"P{row['subject_id']}": row["custodian_id"] for row in dealt.iter_rows(named=True)} == {
        number: ids[who] for number, who in wanted.items()
    }


@pytest.mark.req("S3-04")
@settings(max_examples=60, deadline=None)
@given(st.dates(date(2026, 3, 1), date(2026, 6, 30)))
def test_the_days_of_a_list_as_the_slow_twin_says(run: date) -> None:
    fast = claims.rounds(run, LIMITS, table([("labour_day", *MAY)]))
    claim, city, locked = slow.rounds(run, LIMITS, MAY)
    assert (fast.claim_due, fast.dealt_on, fast.locked_on) == (claim, city + timedelta(days=1), locked)
