"""Orphan type, source, nature, service class and route: one case a line, each with what decides."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from branch import AS_OF, BAISHA, RULEBOOK, books, customers, located, people, policies
from tuogu.core.basis import BasisError
from tuogu.core.classify import classify, unanswered
from tuogu.core.tables import CLASSIFIED

STAFF = [
    {"staff_number": "A1"},
    {"staff_number": "LEFT", "left_date": date(2024, 5, 1)},
    {"staff_number": "TODAY", "left_date": AS_OF},
    {"staff_number": "TOMORROW", "left_date": date(2026, 11, 23)},
]


def classified(
    *rows: dict[str, Any], holder: dict[str, Any] | None = None, coded: bool = True, **rules: Any
) -> dict[str, dict[str, Any]]:
    """CLASSIFIED as {policy number: row}; customer C1 with the changes of `holder`."""
    given = books(
        policies(*rows),
        customers({"customer_number": "C1"} | (holder or {}), {"customer_number": "C2"}),
        people(*STAFF),
    )
    places = located(C1=BAISHA if coded else None, C2=BAISHA)
    result = classify(given, places, RULEBOOK.replace(**rules), AS_OF)
    assert dict(result.schema) == CLASSIFIED
    return {row["policy_number"]: row for row in result.to_dicts()}


def one(holder: dict[str, Any] | None = None, coded: bool = True, **row: Any) -> dict[str, Any]:
    return classified({"policy_number": "P1", **row}, holder=holder, coded=coded)["P1"]


# --- orphan and source ------------------------------------------------------------------------


@pytest.mark.req("S4-02")
@pytest.mark.parametrize(
    ("row", "holder", "source", "word"),
    [
        ({"agent_number": "LEFT"}, {}, "leaver", "2024-05-01离司"),
        ({"agent_number": "TODAY"}, {}, "leaver", "2026-11-22离司"),
        ({"agent_number": "LEFT"}, {"contactable": False}, "unreachable", "客户联系不上"),
        ({"agent_number": None}, {}, "other", "没有业务员工号"),
        ({"agent_number": "NOBODY"}, {}, "other", "NOBODY不在人员名册"),
        ({"source": "moved_in"}, {}, "moved_in", "登记来源为迁入"),
        ({"source": "integrated"}, {}, "integrated", "整合"),
        ({"source": "team_not_qualified", "agent_number": "LEFT"}, {}, "team_not_qualified", "原团队不合格"),
    ],
)
def test_sources(row: dict[str, Any], holder: dict[str, Any], source: str, word: str) -> None:
    result = one(holder=holder, **row)
    assert (result["orphan"], result["orphan_source"]) == (True, source)
    assert word in result["orphan_source_reason"]


def test_an_agent_in_post_until_tomorrow_still_serves() -> None:
    result = one(agent_number="TOMORROW")
    assert (result["orphan"], result["orphan_source"], result["orphan_type"]) == (False, None, None)
    assert result["route"] == "agent_in_post"


@pytest.mark.req("S4-02")
@pytest.mark.parametrize(
    ("lapsed", "as_orphan"),
    [
        (date(2026, 5, 21), True),
        (date(2026, 5, 22), True),  # exactly six months on 2026-11-22
        (date(2026, 5, 23), False),
        (None, False),
    ],
)
def test_long_lapsed_counts_from_exactly_six_months(lapsed: date | None, as_orphan: bool) -> None:
    result = one(state="lapsed", lapse_date=lapsed)
    assert result["orphan"] is as_orphan
    assert result["orphan_source"] == ("long_lapsed" if as_orphan else None)
    assert result["service_class"] == "lapsed"


def test_six_months_are_calendar_months_to_the_end_of_a_short_month() -> None:
    given = books(
        policies({"policy_number": "P1", "state": "lapsed", "lapse_date": date(2026, 8, 31)}),
        customers({"customer_number": "C1"}),
        people(*STAFF),
    )
    orphan = {
        day: classify(given, located(C1=BAISHA), RULEBOOK, day)["orphan"].item()
        for day in (date(2027, 2, 27), date(2027, 2, 28))
    }
    assert orphan == {date(2027, 2, 27): False, date(2027, 2, 28): True}


def test_a_registered_source_that_the_dates_contradict_is_named() -> None:
    result = one(source="long_lapsed", state="lapsed", lapse_date=date(2026, 10, 1))
    assert result["orphan_source"] == "long_lapsed"
    assert "失效未满6个月" in result["orphan_source_reason"]


# --- type -------------------------------------------------------------------------------------

ORPHAN = {"policy_number": "P1", "agent_number": "LEFT"}
RIDER = {"policy_number": "R1", "kind": "rider", "main_policy_number": "P1", "agent_number": "LEFT"}
SERVED = {"policy_number": "P2", "agent_number": "A1"}


@pytest.mark.req("S4-01")
@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([ORPHAN], "pure"),
        ([ORPHAN | {"components": "main_main"}], "combination"),
        ([ORPHAN | {"components": "main_rider_short"}], "combination"),
        ([ORPHAN | {"components": None}], "pure"),
        ([ORPHAN, RIDER], "combination"),
        ([ORPHAN, RIDER | {"state": "terminated"}], "pure"),
        ([ORPHAN, SERVED], "non_pure"),
        ([ORPHAN, SERVED, RIDER], "combination"),  # both facts hold: the order decides
        ([ORPHAN, SERVED | {"holder_number": "C2"}], "pure"),
        ([ORPHAN, SERVED | {"state": "surrendered"}], "pure"),
        ([ORPHAN, SERVED | {"agent_number": "LEFT"}], "pure"),
        ([ORPHAN, SERVED | {"kind": "rider", "main_policy_number": "P9"}], "pure"),  # a rider does not count
    ],
)
def test_types(rows: list[dict[str, Any]], kind: str) -> None:
    assert classified(*rows)["P1"]["orphan_type"] == kind


@pytest.mark.req("S4-01")
def test_the_order_of_types_is_the_rulebooks_and_both_facts_stay_readable() -> None:
    rows = [ORPHAN, RIDER, SERVED]
    switched = classified(*rows, orphan__type_order=["non_pure", "combination", "pure"])["P1"]
    assert switched["orphan_type"] == "non_pure"
    assert classified(*rows)["P1"]["orphan_type"] == "combination"
    assert switched["orphan_type_reason"] == "主险名下有附加险1件；投保人另有1件主险由在职人员服务"


def test_one_row_a_main_policy_and_none_for_riders() -> None:
    result = classified(ORPHAN, SERVED, RIDER, RIDER | {"policy_number": "R2"})
    assert sorted(result) == ["P1", "P2"]


# --- nature, service class, intake --------------------------------------------------------------


@pytest.mark.req("S4-03")
@pytest.mark.parametrize(
    ("holder", "nature", "route", "word"),
    [
        ({}, "normal", "territory", "无投诉、无违规"),
        ({"contactable": False}, "hard", "specialist", "联系方式不详或变更"),
        ({"complaint": True}, "hard", "specialist", "有未了结投诉"),
        ({"contactable": False, "complaint": True}, "hard", "specialist", "且有未了结投诉"),
        ({"misconduct": True}, "problem", "investigation", "转调查"),
        ({"misconduct": True, "contactable": False, "complaint": True}, "problem", "investigation", "转调查"),
        ({"info_accurate": False}, "normal", "territory", "信息不准确"),
        ({"contactable": None}, "normal", "territory", "未登记能否联系"),
    ],
)
def test_nature_and_where_it_leads(holder: dict[str, Any], nature: str, route: str, word: str) -> None:
    result = one(holder=holder, agent_number="LEFT")
    assert (result["nature"], result["route"]) == (nature, route)
    assert word in result["nature_reason"]


@pytest.mark.req("S4-03")
@pytest.mark.parametrize("premium_mode", ["single", "regular"])
@pytest.mark.parametrize("state", ["in_force", "lapsed"])
@pytest.mark.parametrize("coded", [True, False])
@pytest.mark.parametrize("source", [None, "moved_in"])
def test_a_problem_case_never_reaches_a_salesperson(
    premium_mode: str, state: str, coded: bool, source: str | None
) -> None:
    result = one(
        holder={"misconduct": True},
        coded=coded,
        agent_number="LEFT",
        source=source,
        premium_mode=premium_mode,
        state=state,
    )
    assert result["route"] == "investigation"


@pytest.mark.req("S4-04")
@pytest.mark.parametrize(
    ("holder", "state", "service_class", "word"),
    [
        ({"contactable": False, "contact_attempts": 6}, "in_force", "difficult", "已用6种方式"),
        ({"contactable": False, "contact_attempts": 6}, "lapsed", "difficult", "已用6种方式"),
        ({"contactable": False, "contact_attempts": 5}, "in_force", "normal", "不足6种"),
        ({"contactable": False, "contact_attempts": None}, "in_force", "normal", "已用0种"),
        ({"contactable": True, "contact_attempts": 6}, "in_force", "normal", "有效保单"),
        ({"contactable": None, "contact_attempts": 9}, "in_force", "normal", "有效保单"),
        ({}, "lapsed", "lapsed", "失效日期未登记"),
    ],
)
def test_difficult_needs_six_attempts_and_an_unreachable_customer(
    holder: dict[str, Any], state: str, service_class: str, word: str
) -> None:
    result = one(holder=holder, agent_number="LEFT", state=state)
    assert result["service_class"] == service_class
    assert word in result["service_class_reason"]


@pytest.mark.req("S4-05")
def test_unanswered_questions_are_listed_and_the_policy_is_still_classified() -> None:
    given = books(
        policies(ORPHAN, SERVED, ORPHAN | {"policy_number": "P3", "state": "matured"}),
        customers({"customer_number": "C1", "complaint": None, "misconduct": None}),
        people(*STAFF),
    )
    result = classify(given, located(C1=BAISHA), RULEBOOK, AS_OF)
    assert result.filter(policy_number="P1")["route"].item() == "territory"
    assert "未答：是否发生投诉、销售人员是否违规" in result.filter(policy_number="P1")["nature_reason"].item()
    assert unanswered(given, result).rows() == [("P1", "C1", "是否发生投诉、销售人员是否违规")]


# --- route ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "coded", "route"),
    [
        ({}, True, "territory"),
        ({}, False, "buffer"),
        ({"premium_mode": "single", "payments_per_year": 0}, True, "buffer"),
        ({"state": "lapsed"}, True, "buffer"),
        ({"inception_date": date(2006, 5, 9)}, True, "buffer"),  # the 20th instalment was 2025-05-09
        ({"inception_date": date(2007, 5, 9)}, True, "buffer"),  # ... 2026-05-09
        ({"inception_date": date(2007, 12, 9)}, True, "territory"),  # ... 2026-12-09
        ({"state": "matured"}, True, "closed"),
        ({"state": "transferred"}, True, "closed"),
        ({"holder_number": None}, True, "buffer"),
    ],
)
def test_routes(row: dict[str, Any], coded: bool, route: str) -> None:
    assert one(coded=coded, agent_number="LEFT", **row)["route"] == route


@pytest.mark.req("S0-02")
def test_the_basis_decides_whose_address_counts_and_another_basis_is_refused() -> None:
    row = ORPHAN | {"insured_number": "C2"}
    assert classified(row, coded=False)["P1"]["route"] == "buffer"
    assert classified(row, coded=False, territory__address_basis="insured")["P1"]["route"] == "territory"
    with pytest.raises(BasisError, match="地址口径"):
        classified(row, territory__address_basis="mixed")


def test_row_order_does_not_matter() -> None:
    rows = [
        {
            "policy_number": f"P{n}",
            "agent_number": ["A1", "LEFT", None][n % 3],
            "state": ["in_force", "lapsed", "matured"][n % 4 % 3],
            "holder_number": f"C{1 + n % 2}",
        }
        for n in range(60)
    ]
    given = books(
        policies(*rows), customers({"customer_number": "C1"}, {"customer_number": "C2"}), people(*STAFF)
    )
    shuffled = books(
        given.policies.sample(fraction=1, shuffle=True, seed=3),
        given.customers.reverse(),
        given.people.reverse(),
    )
    places = located(C1=BAISHA, C2=None)
    first = classify(given, places, RULEBOOK, AS_OF)
    assert first.equals(classify(shuffled, places.reverse(), RULEBOOK, AS_OF))
    assert first["policy_number"].n_unique() == first.height == 60
    assert first.filter(pl.col("orphan"))["orphan_type"].null_count() == 0
