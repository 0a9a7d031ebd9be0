"""A worked example small enough to follow with a pencil: three communities, two managers, one crowded
March.

    community   at (m)   managers at home   due in March   in every other month
    社区1            0    M01                          70                     25
    社区2        3,500                                 10                      5
    社区3        6,000    M02                          20                     25

Together March has 100 pieces for two people (50..120 fits) and each other month 55 (50..120 fits). Everybody
keeps the community at home, 社区2 goes to M02 who lives nearer, and ten of M01's seventy March policies are
handed to M02, whose area touches his: seventy less ten is sixty. Nobody else moves.
"""

from __future__ import annotations

import polars as pl
import pytest

from territory_books import AS_OF, book_of, standard_rules
from tuogu.core.explain import explain
from tuogu.core.plan import make_plan

MARCH, OTHER = 3, (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12)
COMMUNITIES = ((70, 25), (10, 5), (20, 25))  # due in March, in every other month
EXPECTED = """
    community_code  staff_number  lever     policies
    330201001001    M01           unit      335
    330201001001    M02           adjacent  10
    330201001002    M02           unit      65
    330201001003    M02           unit      295
"""


@pytest.mark.req("S0-16", "S0-20", "S0-21", "S0-22")
def test_the_worked_example() -> None:
    policies = [
        (place, month, 1)
        for place, (march, other) in enumerate(COMMUNITIES)
        for month, count in ((MARCH, march), *((m, other) for m in OTHER))
        for _ in range(count)
    ]
    book = book_of([(0.0, 0.0), (3_500.0, 0.0), (6_000.0, 0.0)], [0, 2], policies)
    rules = standard_rules().replace(visits__per_working_day=9)
    plan = make_plan(book, rules, AS_OF, 1, 50_000)
    found = plan.assignments.group_by("community_code", "staff_number", "lever").agg(policies=pl.len())
    lines = [line.split() for line in EXPECTED.strip().splitlines()[1:]]
    expected = [(code, staff, lever, int(count)) for code, staff, lever, count in lines]
    assert found.sort("community_code", "staff_number").rows() == expected
    march = plan.loads.filter(pl.col("month") == MARCH).sort("staff_number")["due"].to_list()
    assert march == [60, 40]
    assert plan.certificate.violations == 0
    assert plan.certificate.objective == 10 * 6_000 + 65 * 2_500
    handed = plan.assignments.filter(pl.col("lever") == "adjacent")["policy_number"][0]
    said = explain(plan, book, rules, handed)
    nearer = said.candidates[0]
    assert (nearer.staff_number, nearer.verdict) == ("M01", "month_band")
    assert "M01在3月将达61件，超过上限60件" in nearer.detail
