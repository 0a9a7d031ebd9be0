"""Weeks, months and places of the repurchase campaign, row by row (S2-13, S2-16), and the ranking told slowly."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territory_books import standard_rules
from tuogu.core.campaign.follow_up import TO_RANK, Ways, months, ranked, weeks
from tuogu.core.reference.campaign_ranking import placed

RULES = standard_rules()
WAYS = Ways.of(RULES)


def rows(*given_rows: tuple[str, int, int]) -> pl.DataFrame:
    return pl.DataFrame([(*row, 4_000) for row in given_rows], schema=TO_RANK, orient="row")


def said(frame: pl.DataFrame) -> list[tuple[str, int | None, int | None, str]]:
    """department, place, attained, marks."""
    return [
        (r["department"], r["place"], r["attained_bp"],
         "".join(mark for mark, on in (("M", r["met"]), ("B", r["best"]), ("N", r["named"])) if on))
        for r in frame.to_dicts()
    ]  # fmt: skip


@pytest.mark.req("S2-13")
@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # 40 % of the quota is the target, to the record
        ([("A", 100, 40), ("B", 100, 39)], [("A", 1, 10_000, "MB"), ("B", 2, 9_750, "N")]),
        ([("A", 1_000, 399), ("B", 1_000, 400)], [("B", 1, 10_000, "MB"), ("A", 2, 9_975, "N")]),
        # who has met the target is never named, also in the last place
        ([("A", 10, 5), ("B", 10, 4)], [("A", 1, 12_500, "MB"), ("B", 2, 10_000, "M")]),
        # equal rates: the larger count is ahead; equal in both: one place, named together
        ([("A", 10, 1), ("B", 20, 2), ("C", 10, 3)], [("C", 1, 7_500, "B"), ("B", 2, 2_500, "N"), ("A", 3, 2_500, "N")]),
        ([("A", 10, 1), ("B", 10, 1), ("C", 10, 3)], [("C", 1, 7_500, "B"), ("A", 2, 2_500, "N"), ("B", 2, 2_500, "N")]),
        # nobody has sold: nobody is best, nobody is named
        ([("A", 10, 0), ("B", 20, 0)], [("A", 1, 0, ""), ("B", 1, 0, "")]),
        # no quota, no place; a single department is not its own bulletin
        ([("A", 0, 0), ("B", 10, 1)], [("B", 1, 2_500, "B"), ("A", None, None, "")]),
        # three tenths of seven is two
        ([(name, 100, n) for n, name in enumerate("ABCDEFG", start=1)],
         [("G", 1, 1_750, "B"), ("F", 2, 1_500, ""), ("E", 3, 1_250, ""), ("D", 4, 1_000, ""), ("C", 5, 750, ""),
          ("B", 6, 500, "N"), ("A", 7, 250, "N")]),
    ],
)  # fmt: skip
def test_places(counts, expected):
    assert said(ranked(rows(*counts), WAYS)) == expected


@pytest.mark.req("S2-13")
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8),
    st.sampled_from(["rate", "count"]),
    st.sampled_from([0, 3_000, 5_000, 10_000]),
)
def test_the_ranking_is_the_slow_one(drawn, way, share):
    counts = [(f"D{i}", quota, min(second, quota)) for i, (quota, second) in enumerate(drawn)]
    found = ranked(rows(*counts), Ways(way, share))
    expected = placed([(name, quota, second, 4_000) for name, quota, second in counts], way, share)
    assert {r["department"]: (r["place"], r["best"], r["named"]) for r in found.to_dicts()} == expected


@pytest.mark.req("S2-16")
def test_weeks_begin_on_a_monday_and_are_due_the_day_after():
    found = weeks(date(2026, 4, 1), date(2026, 4, 13), RULES)
    assert [(w.number, w.first, w.last, w.due_date) for w in found] == [
        (1, date(2026, 3, 30), date(2026, 4, 5), date(2026, 4, 6)),
        (2, date(2026, 4, 6), date(2026, 4, 12), date(2026, 4, 13)),
        (3, date(2026, 4, 13), date(2026, 4, 19), date(2026, 4, 20)),
    ]
    assert len(weeks(date(2026, 4, 1), date(2026, 4, 12), RULES)) == 2
    assert not weeks(date(2026, 4, 6), date(2026, 4, 5), RULES)


@pytest.mark.req("S2-13")
def test_a_month_is_ranked_once_it_is_over():
    begun = date(2026, 4, 30)
    assert months(begun, date(2026, 4, 30), RULES) == []
    assert months(begun, date(2026, 5, 1), RULES) == [date(2026, 4, 1)]
    every_second = RULES.replace(campaign__follow_up__tracked_every_months=2)
    assert months(begun, date(2026, 7, 31), every_second) == [date(2026, 5, 1)]
    assert months(date(2026, 12, 1), date(2027, 2, 1), RULES) == [date(2026, 12, 1), date(2027, 1, 1)]
