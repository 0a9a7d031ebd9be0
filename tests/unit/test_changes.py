"""The change table: what moves, from whom to whom, and nothing else."""

from __future__ import annotations

import polars as pl
import pytest
from test_census import small_book

from branch import hand_made_plan
from tuogu.core.changes import change_counts, change_table


@pytest.mark.req("P-03")
def test_without_holdings_everything_assigned_comes_from_the_buffer_group() -> None:
    plan = hand_made_plan(small_book(), ["A2", "A3"], moved={"P2"})
    changes = change_table(plan)
    assert changes.rows() == [("P1", "buffer", "A2"), ("P2", "buffer", "A3"), ("P4", "buffer", "A3")]
    assert change_counts(changes).rows() == [("buffer", "A3", 2), ("buffer", "A2", 1)]


@pytest.mark.req("P-03")
def test_who_keeps_a_policy_is_left_out_and_who_loses_one_to_the_buffer_group_is_not() -> None:
    plan = hand_made_plan(small_book(), ["A2", "A3"])
    holdings = pl.DataFrame({"policy_number": ["P1", "P4", "P6"], "custodian": ["A2", "A2", "A9"]})
    changes = change_table(plan, holdings)
    assert changes.rows() == [("P2", "buffer", "A2"), ("P4", "A2", "A3"), ("P6", "A9", "buffer")]
    spoken_of = set(plan.assignments["policy_number"]) | set(plan.unplaced["policy_number"])
    assert set(changes["policy_number"]) <= spoken_of
