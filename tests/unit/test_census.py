"""The census against sums made by hand, and every table adding up to the same stock."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from branch import (
    AS_OF,
    BAIHE,
    BAISHA,
    JIANGXIA,
    RULEBOOK,
    book,
    books,
    customers,
    hand_made_plan,
    located,
    people,
    policies,
)
from tuogu.core.census import CENSUS, DISTRIBUTION, UNCODED, census, distribution, homes
from tuogu.core.tables import MONTH_COLUMNS, Book

LEFT = {"agent_number": "GONE"}


def small_book() -> Book:
    """Six live orphans: 2 at 白沙, 1 at 白鹤, 2 at 江厦, 1 not coded; and rows that do not count."""
    given = books(
        policies(
            {"policy_number": "P1", "holder_number": "C1", "premium_fen": 100, **LEFT},  # yearly, May
            {
                "policy_number": "P2",
                "holder_number": "C1",
                "premium_fen": 20,
                "payments_per_year": 12,
                **LEFT,
            },
            {"policy_number": "P3", "holder_number": "C2", "premium_fen": 3_000, **LEFT}
            | {"premium_mode": "single", "payments_per_year": 0},
            {"policy_number": "P4", "holder_number": "C3", "premium_fen": 40, "payments_per_year": 2, **LEFT},
            {"policy_number": "P5", "holder_number": "C3", "premium_fen": 500, "state": "lapsed", **LEFT},
            {"policy_number": "P6", "holder_number": "C4", "premium_fen": 6, "payments_per_year": 4, **LEFT},
            {"policy_number": "R1", "kind": "rider", "main_policy_number": "P1", "premium_fen": 7, **LEFT},
            {"policy_number": "R2", "kind": "rider", "main_policy_number": "P4", "premium_fen": 11, **LEFT},
            {"policy_number": "R3", "kind": "rider", "main_policy_number": "P4", "premium_fen": 9, **LEFT}
            | {"state": "terminated"},
            {"policy_number": "R4", "kind": "rider", "main_policy_number": "Q1", "premium_fen": 13},
            {"policy_number": "Q1", "holder_number": "C1", "premium_fen": 99_999},  # agent in post
            {"policy_number": "Q2", "holder_number": "C1", "premium_fen": 99_999, "state": "matured", **LEFT},
        ),
        customers(*({"customer_number": f"C{n}"} for n in range(1, 5))),
        people(
            {"staff_number": "A1", "supervisor": True},
            {"staff_number": "A2", "name": "陈雅琴"},
            {"staff_number": "A3", "name": "徐志宏", "team_code": "T2"},
            {"staff_number": "GONE", "left_date": date(2024, 5, 1)},
        ),
    )
    places = located(C1=BAISHA, C2=BAIHE, C3=JIANGXIA, C4=None)
    return book(given, places, located(A1=BAISHA, A2=None, A3=JIANGXIA))


def row(frame: pl.DataFrame, **keys: str) -> dict[str, object]:
    return frame.filter(**keys).to_dicts()[0]


@pytest.mark.req("S0-01")
def test_census_equals_the_sums_made_by_hand() -> None:
    result = census(small_book(), RULEBOOK, date(2026, 1, 1)).regions
    assert dict(result.schema) == CENSUS
    total = row(result, level="total")
    assert (total["main_count"], total["main_premium_fen"]) == (6, 3_666)
    assert (total["rider_count"], total["rider_premium_fen"]) == (2, 18)
    assert (total["single_count"], total["single_premium_fen"]) == (1, 3_000)
    baiyun = row(result, name="白云街道")
    assert (baiyun["main_count"], baiyun["main_premium_fen"], baiyun["rider_premium_fen"]) == (3, 3_120, 7)
    uncoded = row(result, name=UNCODED)
    assert (uncoded["level"], uncoded["code"], uncoded["main_count"]) == ("district", None, 1)


@pytest.mark.req("S0-01")
def test_months_count_a_monthly_payer_twelve_times_and_leave_out_lapsed_and_single() -> None:
    result = census(small_book(), RULEBOOK, date(2026, 1, 1))
    # P2 every month; P1 in May; P4 in May and November; P6 in February, May, August, November
    assert result.months == (1, 2, 1, 1, 4, 1, 1, 2, 1, 1, 3, 1)
    assert row(result.regions, name="江厦街道")["m05"] == 1


@pytest.mark.req("S0-01")
def test_each_level_sums_to_the_total() -> None:
    frame = census(small_book(), RULEBOOK, AS_OF).regions
    numbers = [name for name in CENSUS if name not in ("level", "code", "name")]
    total = frame.filter(level="total").select(numbers).row(0)
    assert frame.filter(level="district").select(numbers).sum().row(0) == total
    coded = frame.filter((pl.col("level") == "district") & pl.col("code").is_not_null())
    assert frame.filter(level="street").select(numbers).sum().row(0) == coded.select(numbers).sum().row(0)
    assert frame["name"].to_list() == ["合计", "海曙区", "白云街道", "江厦街道", UNCODED]


@pytest.mark.req("S0-12")
@pytest.mark.parametrize("with_plan", [False, True])
def test_distribution_sums_to_the_stock_on_every_level(with_plan: bool) -> None:
    given = small_book()
    plan = hand_made_plan(given, ["A2", "A3"]) if with_plan else None
    frame = distribution(given, RULEBOOK, plan.assignments if plan else None)
    assert dict(frame.schema) == DISTRIBUTION
    stock = row(frame, level="total")["policies"]
    assert stock == 6 == census(given, RULEBOOK, AS_OF).regions.filter(level="total")["main_count"].item()
    uncoded = 1
    assert frame.filter(level="district")["policies"].sum() == stock
    for level in ("street", "community"):
        assert frame.filter(level=level)["policies"].sum() == stock - uncoded
    assert frame.filter(level="community")["code"].to_list() == [BAIHE, BAISHA, JIANGXIA]
    if with_plan:
        below = frame.filter(pl.col("level").is_in(["unit", "rest"]))
        # 白沙: a unit of 2; 江厦: one of 1, one lapsed outside; 白鹤 has no unit
        assert below.select("level", "code", "policies").rows() == [
            ("unit", "0101020301", 2),
            ("unit", "0101030101", 1),
            ("rest", None, 1),
        ]
        assert row(frame, level="total")["planned"] == 3


@pytest.mark.req("S0-14")
def test_every_manager_has_a_coded_home_or_stands_in_the_exception_list() -> None:
    frame = homes(small_book())
    assert frame["staff_number"].to_list() == [
        "A1",
        "A2",
        "A3",
    ]  # supervisors first in each team; leavers not
    assert frame["supervisor"].to_list() == [True, False, False]
    assert frame.filter(pl.col("community_code").is_null()).select("staff_number", "reason").rows() == [
        ("A2", "no_community")
    ]
    assert frame.filter(staff_number="A3")["community"].item() == "江厦社区"


def test_row_order_does_not_matter() -> None:
    given = small_book()
    turned = book(
        books(given.books.policies.reverse(), given.books.customers.reverse(), given.books.people.reverse()),
        given.located.reverse(),
        given.homes.reverse(),
    )
    assert census(given, RULEBOOK, AS_OF).regions.equals(census(turned, RULEBOOK, AS_OF).regions)
    assert distribution(given, RULEBOOK).equals(distribution(turned, RULEBOOK))
    assert homes(given).equals(homes(turned))


@pytest.mark.req("S0-20")
def test_months_of_a_plan_and_of_what_it_leaves_add_up_to_the_census() -> None:
    given = small_book()
    plan = hand_made_plan(given, ["A2", "A3"])
    planned = plan.assignments.select(pl.col(MONTH_COLUMNS).sum()).row(0)
    whole = census(given, RULEBOOK, plan.as_of).months
    # P6 (not coded, quarterly from May 2015) is what the plan leaves out
    assert [a - b for a, b in zip(whole, planned, strict=True)] == [0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0]
