"""How people behave in the synthetic branch: seeded, within what they owe, nobody's fate hangs on others."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuogu.core.labels import EVIDENCE_KINDS
from tuogu.synth.behaviour import ACTS, OWED, Manner, acts
from tuogu.work.kinds import Attitude, Collection, Kind, Outcome
from tuogu.work.said import outcomes_of

DAY = date(2026, 11, 23)
WAYS = st.lists(st.sampled_from(sorted(EVIDENCE_KINDS)), min_size=1, max_size=4, unique=True)
ROWS = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from([f"C{i}" for i in range(12)]), st.integers(1, 28), WAYS),
    max_size=60,
)
ALWAYS = Manner(a_day=100, idle=0, put_off=0)


def owed(rows: list[tuple[int, str, int, list[str]]]) -> pl.DataFrame:
    told = [(person, customer, date(2026, 11, day), ways) for person, customer, day, ways in rows]
    return pl.DataFrame(told, schema=OWED, orient="row")


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(0, 9))
def test_acts_are_within_what_is_owed_and_in_words_that_a_record_knows(rows, seed):
    done = acts(owed(rows), DAY, seed)
    assert done.schema == pl.Schema(ACTS)
    assert {(p, c) for p, c, *_ in rows} >= set(done.select("person", "customer_number").iter_rows())
    assert done.select("person", "customer_number").is_duplicated().sum() == 0
    for act in done.to_dicts():
        assert act["kind"] in Kind.values
        assert act["outcome"] in outcomes_of(act["kind"])
        assert act["attitude"] in ["", *Attitude.values]
        assert (act["outcome"] == Outcome.REFUSED) == (act["collection_method"] in Collection.values)
        assert (act["next_days"] is None) == (act["next_kind"] == "")
        assert 0 < act["minute"] < 24 * 60


@settings(max_examples=30, deadline=None)
@given(ROWS, st.integers(0, 9), st.integers(1, 4))
def test_nobody_acts_otherwise_because_others_are_there_or_the_rows_stand_otherwise(rows, seed, person):
    whole = acts(owed(rows), DAY, seed)
    alone = acts(owed([row for row in rows if row[0] == person][::-1]), DAY, seed)
    assert whole.filter(person=person).equals(alone)


def test_the_most_pressing_come_first_and_a_day_takes_no_more_than_it_takes():
    rows = [(1, f"C{i}", 28 - i, ["call"]) for i in range(20)]
    done = acts(owed(rows), DAY, 1, Manner(a_day=5, idle=0, put_off=0))
    assert done["customer_number"].to_list() == [f"C{i}" for i in range(19, 14, -1)]
    assert done["place"].to_list() == [1, 2, 3, 4, 5]


def test_a_visit_is_owed_where_only_a_visit_will_do():
    rows = [(1, "C1", 5, ["call", "visit"]), (1, "C1", 9, ["visit"]), (1, "C2", 5, ["lapse_form", "payment"])]
    done = acts(owed(rows), DAY, 1, ALWAYS)
    assert done.select("customer_number", "kind").rows() == [("C1", "visit")]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_who_puts_everybody_off_does_nothing(share):
    rows = [(1, f"C{i}", 5, ["call"]) for i in range(50)]
    assert len(acts(owed(rows), DAY, 1, Manner(a_day=100, idle=0, put_off=share))) == 50 * (1 - share)
    assert len(acts(owed(rows), DAY, 1, Manner(a_day=100, idle=share, put_off=0))) == 50 * (1 - share)


def test_put_off_is_for_good_and_outcomes_differ_from_day_to_day():
    rows = [(1, f"C{i}", 5, ["call"]) for i in range(200)]
    manner = Manner(a_day=500, idle=0, put_off=0.3)
    first, second = (acts(owed(rows), date(2026, 11, day), 1, manner) for day in (23, 24))
    assert set(first["customer_number"]) == set(second["customer_number"])
    assert 40 < 200 - len(first) < 80
    assert (
        first.sort("customer_number")["outcome"].to_list()
        != second.sort("customer_number")["outcome"].to_list()
    )
