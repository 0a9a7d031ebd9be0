"""Whole-column figures say what the row-by-row reference says, on random books."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measure_books import book, inputs
from tuogu.core.measures.definitions import definitions
from tuogu.core.measures.figures import figures
from tuogu.core.measures.periods import Period
from tuogu.core.reference import measures as slow

FIRST, MONTH = date(2025, 1, 1), date(2026, 4, 1)
DAYS = st.integers(0, 500).map(lambda n: FIRST + timedelta(days=n))
NEAR = st.integers(-40, 45).map(lambda n: MONTH + timedelta(days=n))
MAYBE = st.one_of(st.none(), NEAR)
CUSTOMERS = st.integers(1, 5).map(lambda n: f"C{n}")
PERSONS = st.integers(1, 3)
YEARS = st.sampled_from([None, 5, 9, 10, 20])


def rows(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries(columns), max_size=7)


@st.composite
def books(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    held = draw(rows(customer_number=CUSTOMERS, person_id=PERSONS, from_date=NEAR, length=st.integers(0, 60)))
    for row in held:
        length = row.pop("length")
        row["until_date"] = row["from_date"] + timedelta(days=length) if length else None
    return {
        "allocations": draw(rows(customer_number=CUSTOMERS, person_id=PERSONS, allocated_date=DAYS)),
        "new_policies": draw(rows(customer_number=CUSTOMERS, inception_date=DAYS, payment_term_years=YEARS)),
        "held": held,
        "contacts": draw(
            rows(customer_number=CUSTOMERS, kind=st.sampled_from(["call", "message", "visit"]), happened_date=NEAR)
        ),
        "cohort": draw(
            rows(
                inception_date=DAYS, payment_term_years=YEARS, yearly_premium_fen=st.integers(0, 900), ended_date=MAYBE,
                kept=st.booleans(), left_by_contract=st.booleans(),
            )
        ),
        "motor": draw(
            rows(
                expiry_date=NEAR, ended_date=MAYBE, premium_fen=st.integers(0, 900),
                outcome=st.sampled_from([None, "renewed", "elsewhere", "scrapped"]),
            )
        ),
        "duties": draw(rows(due_date=NEAR, done_date=MAYBE)),
    }  # fmt: skip


@pytest.mark.req("S4-14")
@settings(max_examples=15, deadline=None)
@given(books(), st.integers(-5, 40), st.booleans())
def test_columns_and_rows_agree(tables: dict[str, list[dict[str, Any]]], known: int, ten_years: bool):
    rules, on = book(), MONTH + timedelta(days=known)
    given_tables = inputs(on, **tables)
    plain = {name: frame.to_dicts() for name, frame in given_tables.tables().items()}
    asked = [one for one in definitions(rules).values() if one.ground in slow.COUNTED]
    told = figures(given_tables, asked, Period(MONTH), book=rules, ten_years=ten_years)
    for one, row in zip(asked, told.iter_rows(named=True), strict=True):
        term = rules["campaign.follow_up.payment_years_min"] if ten_years and one.filters else 0
        expected = slow.figure(plain, one, MONTH, on, term)
        assert (row["numerator"], row["denominator"]) == expected, one.key
