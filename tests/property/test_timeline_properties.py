"""Timelines on random books: the columns say what the cases say one by one, and a period may be cut anywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timeline_books import drawn_book, duties
from tuogu.core.reference import timeline as twin
from tuogu.core.timeline import occurrences as fast
from tuogu.core.timeline.meeting import standing
from tuogu.core.timeline.occurrences import occurrences, occurrences_by_version
from tuogu.core.timeline.tables import STANDING

COLUMNS = ("subject_id", "obligation", "anchor_date", "opens_date", "due_date", "needed")
SHIPPED = tuple(duties().values())
AROUND = st.sampled_from(
    [date(2026, 2, 17), date(2026, 3, 1), date(2024, 2, 28), date(2025, 12, 31), date(2026, 9, 30)]
)
SEEDS = st.integers(0, 2**32 - 1)


def changed() -> tuple:
    """Another version: other limits, counted otherwise; a duty gone."""
    moved = [
        replace(duty, due_after=duty.due_after + 2, days="working", times=duty.times + 1) for duty in SHIPPED
    ]
    return tuple(moved[:-1])


@pytest.mark.req("S4-18", "S4-19", "S4-20", "S4-23", "S4-25", "S4-37", "S1-27")
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, around=AROUND, length=st.integers(1, 40), shift=st.integers(-20, 20))
def test_the_columns_say_what_the_cases_say_one_by_one(
    seed: int, around: date, length: int, shift: int
) -> None:
    cases, events, evidence = drawn_book(seed, 12, around)
    since = around + timedelta(days=shift)
    until = since + timedelta(days=length - 1)
    versions = [(date(2020, 1, 1), SHIPPED), (around, changed())]
    found = occurrences_by_version(cases, events, versions, since, until)
    rows = found.select(COLUMNS).rows()
    told = twin.occurrences(cases.to_dicts(), events.to_dicts(), versions, since, until)
    assert rows == told
    for as_of in (until, until + timedelta(days=25)):
        judged = standing(found, evidence, SHIPPED, as_of)
        assert dict(judged.schema) == STANDING
        expected = twin.standing(told, cases.to_dicts(), evidence.to_dicts(), SHIPPED, as_of)
        assert judged.select("done", "in_time", "state", "met_date").rows() == expected


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS, around=AROUND, cuts=st.lists(st.integers(1, 59), max_size=2))
def test_a_period_is_the_sum_of_its_parts_however_it_is_cut(seed: int, around: date, cuts: list[int]) -> None:
    cases, events, _ = drawn_book(seed, 30, around)
    since, until = around - timedelta(days=30), around + timedelta(days=29)
    whole = occurrences(cases, events, SHIPPED, since, until)
    edges = [since, *(since + timedelta(days=cut) for cut in sorted(set(cuts))), until + timedelta(days=1)]
    parts = [
        occurrences(cases, events, SHIPPED, first, end - timedelta(days=1)) for first, end in pairwise(edges)
    ]
    assert pl.concat(parts).sort("subject_id", "obligation", "anchor_date").equals(whole)
    assert whole.select("subject_id", "obligation", "anchor_date").is_unique().all()
    assert whole["opens_date"].is_between(since, until).all()
    assert (whole["opens_date"] <= whole["due_date"]).all()


@settings(max_examples=4, deadline=None)
@given(seed=SEEDS, around=AROUND, rows=st.integers(1, 9))
def test_chunks_and_the_order_of_cases_change_nothing(seed: int, around: date, rows: int) -> None:
    cases, events, _ = drawn_book(seed, 30, around)
    since, until = around - timedelta(days=9), around + timedelta(days=9)
    whole = occurrences(cases, events, SHIPPED, since, until)
    mixed = cases.sample(fraction=1, shuffle=True, seed=seed % 1000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast, "CHUNK_ROWS", rows)
        assert occurrences(mixed, events, SHIPPED, since, until).equals(whole)
