"""Arithmetic before the solver (S0-15, S0-21): headcount range, binding months, a season that no staffing
fits.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from territory_books import AS_OF, book_of, make_book, standard_rules
from tuogu.core.plan import make_plan
from tuogu.core.territory.feasibility import feasibility, headcount_need
from tuogu.core.territory.selection import select


@pytest.mark.req("S0-21")
def test_the_interval_that_fits_and_the_months_that_bind() -> None:
    due = np.array([600, 500, 500, 400, 400, 400, 400, 400, 400, 400, 400, 350])
    found = feasibility(due, 5_150, 12, standard_rules(), held_cap=500)
    assert (found.headcount_min, found.headcount_max) == (11, 14)  # 5150 / 500 and 350 / 25
    assert found.staffable
    assert found.possible
    assert found.infeasible_months == ()
    texts = dict(found.facts())
    assert texts["每月应收都在人均 25–60 件之间所需的人数"] == "11–14 人"
    assert texts["决定人数上限的月份"] == "12月（350 件）"
    assert texts["人均每月应收（平均数口径）"] == "35.8 件"


@pytest.mark.req("S0-21")
def test_each_month_is_judged_at_its_exact_edge() -> None:
    for january, possible in ((250, True), (249, False), (600, True), (601, False)):
        found = feasibility(np.array([january] + [300] * 11), 3_500, 10, standard_rules(), held_cap=720)
        assert found.possible is possible
        assert found.infeasible_months == (() if possible else (1,))


@pytest.mark.req("S0-21")
def test_a_strong_season_admits_no_staffing_and_the_plan_says_so() -> None:
    book = make_book(policies=1_800, season=[3, 1.5, 1.5, 0.75, 0.75, 1, 0.75, 0.7, 0.85, 0.7, 0.75, 0.8])
    plan = make_plan(book, standard_rules(), AS_OF, 1, 50_000)
    facts = dict(plan.certificate.feasibility)
    headcount = facts["每月应收都在人均 25–60 件之间所需的人数"]
    assert headcount.startswith("没有合适人数")
    assert any(fact.startswith("1月不可行") for fact in facts)
    assert plan.certificate.violations > 0
    assert len(plan.assignments) == 1_800  # everything is placed as well as possible
    assert "repair_least" in plan.certificate.limits_hit


@pytest.mark.req("S0-15")
def test_headcount_need_is_the_months_due_over_the_ratio_by_district() -> None:
    policies = [(0, 3, 1)] * 51 + [(0, 4, 1)] * 50 + [(20, 3, 1)] * 7 + [(20, 9, 2)]
    book = book_of([(i * 100.0, (i * i) % 77 * 10.0) for i in range(24)], [0], policies)
    planned = select(book, standard_rules(), AS_OF).planned
    need = headcount_need(planned, book.communities, ratio=50)
    rows = {(r, m): (due, n) for r, m, due, n in need.select("region", "month", "due", "need").iter_rows()}
    assert rows["区1", 3] == (51, 2)
    assert rows["区1", 4] == (50, 1)
    assert rows["区1", 5] == (0, 0)
    assert rows["区2", 3] == (8, 1)
    assert rows["区2", 9] == (1, 1)
    assert rows["合计", 3] == (59, 2)
    assert need.filter(pl.col("region") == "合计")["due"].sum() == 51 + 50 + 7 + 2
