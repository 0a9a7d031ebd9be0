"""Whatever the book: nothing lost, sound by the second opinion, explained, and the band kept whenever it
can be.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territory_books import AS_OF, book_of, make_book, shuffled, standard_rules
from tuogu.core.check import check_plan
from tuogu.core.explain import derive_all
from tuogu.core.plan import make_plan, plan_digest
from tuogu.core.tables import MONTH_COLUMNS

FEW = settings(max_examples=15, deadline=None, derandomize=True)


@pytest.mark.req("S0-21", "S0-24", "N-03")
@FEW
@given(
    seed=st.integers(0, 10_000),
    managers=st.integers(1, 7),
    load=st.integers(120, 420),
    communities=st.integers(1, 40),
    coordinates=st.booleans(),
)
def test_any_book_is_conserved_checked_and_explained(
    seed: int, managers: int, load: int, communities: int, coordinates: bool
) -> None:
    book = make_book(
        communities, managers, managers * load, seed, teams=min(2, managers), coordinates=coordinates
    )
    plan = make_plan(book, standard_rules(), AS_OF, seed, 20_000)
    placed = pl.concat([plan.assignments["policy_number"], plan.unplaced["policy_number"]])
    assert sorted(placed) == sorted(book.books.policies["policy_number"])
    found = check_plan(plan, book, standard_rules())
    assert set(found["rule"]) <= {"month_band"}  # the only rule that people and season can make impossible
    assert len(found) == plan.certificate.violations
    assert plan.certificate.lower_bound <= plan.certificate.objective
    derived = derive_all(plan.candidates).filter(pl.col("policy_number").is_null())
    units = plan.units.join(derived, on="unit_code", suffix="_derived")
    assert units["staff_number"].to_list() == units["staff_number_derived"].to_list()


@pytest.mark.req("S0-21")
@FEW
@given(seed=st.integers(0, 10_000))
def test_order_of_rows_never_matters(seed: int) -> None:
    book = make_book(20, 4, 1_200, seed)
    plan = make_plan(book, standard_rules(), AS_OF, seed, 5_000)
    again = make_plan(shuffled(book, seed + 1), standard_rules(), AS_OF, seed, 5_000)
    assert plan_digest(plan) == plan_digest(again)


@pytest.mark.req("S0-21", "N-02")
@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    policies=st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 12), st.sampled_from([1, 2, 4, 12])),
        min_size=4,
        max_size=9,
    ),
    month_min=st.integers(0, 2),
    month_max=st.integers(2, 4),
)
def test_the_band_is_kept_exactly_when_some_division_of_the_policies_keeps_it(
    policies: list[tuple[int, int, int]], month_min: int, month_max: int
) -> None:
    """Every way of giving up to nine policies to two managers is tried; the planner must find one if there
    is one.
    """
    book = book_of([(0.0, 0.0), (2_000.0, 100.0), (4_000.0, 0.0)], [0, 2], policies)
    rules = standard_rules().replace(territory__month_load_min=month_min, territory__month_load_max=month_max)
    plan = make_plan(book, rules, AS_OF, 1, 2_000)
    months = plan.assignments.select(MONTH_COLUMNS).to_numpy()
    possible = any(
        _inside(months[np.array(side, dtype=bool)], months[~np.array(side, dtype=bool)], month_min, month_max)
        for side in product((0, 1), repeat=len(policies))
    )
    assert (plan.certificate.violations == 0) is possible


def _inside(one: np.ndarray, other: np.ndarray, low: int, high: int) -> bool:
    loads = np.stack([one.sum(axis=0), other.sum(axis=0)])
    return bool(((loads >= low) & (loads <= high)).all())
