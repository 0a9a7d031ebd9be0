"""The sheet of facts at intake: what is accepted, and every reason for which a row comes back."""

from __future__ import annotations

from datetime import date

import pytest

from intake_sheets import DATA_DATE, PERSON, reasons, sheet, shuffled, workbook
from tuogu.core.intake import Intake, standardise
from tuogu.core.intake_facts import fact_rows
from tuogu.core.intake_tables import RawWorkbook, plain_sheet

FACT = {
    "subject": "S1",
    "month": "2026-10",
    "fact_key": "参会率",
    "figure": "95.5%",
    "source_ref": "考勤记录",
}
DEPARTMENT = {"institution_code": "D1", "name": "营销一部", "level": "部", "parent_code": "C1"}
CENTRAL = {"institution_code": "C1", "name": "中心支公司", "level": "中支"}


def raw(*rows: dict[str, str | None]) -> RawWorkbook:
    """A workbook with people S1 and S2, department D1 below C1, and these facts."""
    return workbook(
        sheet("people", PERSON, {**PERSON, "staff_number": "S2"}),
        sheet("institutions", DEPARTMENT, CENTRAL, template=CENTRAL | {"parent_code": None}),
        sheet("facts", *rows, template=FACT),
    )


def facts(*rows: dict[str, str | None]) -> Intake:
    """Standardise these facts as of 2026-10-31."""
    return standardise(raw(*rows), DATA_DATE)


def rejected(*rows: dict[str, str | None]) -> list[tuple[int, str]]:
    return reasons(facts(*rows), "考核指标")


@pytest.mark.req("S1-22")
def test_a_fact_of_a_person_and_of_a_department() -> None:
    found = facts(
        {"author": "S2"},
        {"subject": "D1", "month": "2025-12", "fact_key": "premium", "figure": "12,345.67 元"},
        {"fact_key": "职级", "figure": "资深"},
    )
    assert found.rejects.is_empty()
    assert found.facts.rows() == [
        ("D1", date(2025, 12, 1), "premium", 1_234_567, None, "考勤记录", None),
        ("S1", date(2026, 10, 1), "attendance", 9_550, None, "考勤记录", "S2"),
        ("S1", date(2026, 10, 1), "rank", None, "资深", "考勤记录", None),
    ]


@pytest.mark.parametrize(
    "month", ["2026-10", "2026/10", "2026年10月", "2026年10月份", "202610", "2026.10", "2026-10-15", "46310"]
)
def test_ways_to_write_a_month(month: str) -> None:
    assert facts({"month": month}).facts["month"].to_list() == [date(2026, 10, 1)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"month": "2026.1"}, "bad_month"),  # October, had Excel not taken it for a number
        ({"month": "10月"}, "bad_month"),
        ({"month": "2026-13"}, "bad_month"),
        ({"month": "2026-11"}, "future_month"),
        ({"fact_key": "参会次数"}, "unknown_fact"),
        ({"subject": "S9"}, "unknown_subject"),
        ({"subject": "C1"}, "unknown_subject"),  # an institution, but no department
        ({"figure": "-1%"}, "figure_out_of_range"),
        ({"figure": "1000.01%"}, "figure_out_of_range"),
        ({"figure": "95.5"}, "bad_figure"),
        ({"figure": None}, "missing_value"),
        ({"source_ref": None}, "missing_value"),  # S1-22
        ({"author": "S9"}, "unknown_author"),
        ({"author": "张三"}, "bad_identifier"),
        ({"fact_key": "部门灵活调配分", "figure": "9.5"}, "missing_value"),  # S1-16: nobody signed it
        ({"fact_key": "部门灵活调配分", "figure": "10.01", "author": "S2"}, "figure_out_of_range"),
    ],
)
def test_a_bad_row_comes_back_with_its_reason(change: dict[str, str | None], reason: str) -> None:
    assert rejected({"subject": "S2"}, change) == [(3, reason)]


def test_the_sentence_names_the_nearest_fact_and_the_range() -> None:
    found = facts({"fact_key": "参会次数"}, {"subject": "S2", "figure": "1200%"}).rejects
    assert found["detail"].to_list() == [
        "没有叫“参会次数”的考核指标；最接近的是“参会率”",
        "“数值”的值“1200%”超出范围（0% 至 1000%）",
    ]
    assert found["column"].to_list() == ["指标", "数值"]


def test_a_month_ahead_only_where_the_fact_is_decided_ahead() -> None:
    withheld = {"fact_key": "停发客户资源", "figure": "1"}
    assert rejected(withheld | {"month": "2026-11"}, withheld | {"month": "2027-10"}) == []
    assert rejected(withheld | {"month": "2027-11"}) == [(2, "future_month")]


def test_one_row_stays_of_two_about_the_same_thing() -> None:
    again = {"fact_key": "上月度参会率"}  # the same fact by another word
    assert rejected({}, {}, again | {"figure": "90%"}, {"month": "2026-09"}, {"subject": "S2"}) == [
        (3, "duplicate_row"),
        (4, "duplicate_fact"),
    ]


def test_a_rate_that_was_cut_is_accepted_with_a_remark() -> None:
    found = facts({"figure": "29.996%"})
    assert found.facts["value"].to_list() == [2999]
    assert found.warnings["detail"].to_list() == [
        "“数值”的值“29.996%”多于两位小数，按 29.99% 采用（舍去，不进位）"
    ]


def test_the_order_of_rows_carries_no_meaning() -> None:
    rows = raw(
        *({"subject": s, "month": f"2026-{m:02}"} for s in ("S1", "S2", "S9") for m in range(1, 13)), {}, {}
    )
    found, other = standardise(rows, DATA_DATE), standardise(shuffled(rows, 5), DATA_DATE)
    assert found.facts.equals(other.facts)
    assert found.rejects.equals(other.rejects)
    assert found.counts.filter(kind="facts").row(0)[2:5] == (38, 20, 18)


def test_facts_go_out_as_rows_that_come_back() -> None:
    found = facts(
        {"author": "S2"}, {"fact_key": "rank", "figure": "高级"}, {"subject": "S2", "figure": "29.99%"}
    )
    rows = fact_rows(found.facts)
    assert rows["figure"].to_list() == ["95.5%", "高级", "29.99%"]
    again = standardise(RawWorkbook({"facts": plain_sheet("facts", rows)}), DATA_DATE)
    assert again.facts.equals(found.facts)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"subject": "D1"}, "fact_of_person"),
        ({"fact_key": "全年保费收入", "figure": "100"}, "fact_of_department"),
        ({"fact_key": "discretion", "figure": "9分", "author": "S1"}, "own_points"),
        ({"fact_key": "rank", "figure": "特级"}, "unknown_rank"),
    ],
)
@pytest.mark.req("S1-10", "S1-16")
def test_a_fact_fits_its_subject_its_author_and_the_rank_tables(change: dict[str, str], reason: str) -> None:
    ranks = frozenset({"高级", "管理系列高级"})
    assert reasons(standardise(raw(change), DATA_DATE, ranks=ranks), "考核指标") == [(2, reason)]
    right = {"fact_key": "rank", "figure": "管理系列高级"}
    assert standardise(raw(right), DATA_DATE, ranks=ranks).facts.height == 1


@pytest.mark.req("S2-05")
def test_a_whole_year_s_premium_stands_under_one_month() -> None:
    premium = {"subject": "D1", "fact_key": "premium", "figure": "100元"}
    rows = [{**premium, "month": m} for m in ("2025-03", "2025-12", "2024-12")]
    found = facts(*rows)
    assert reasons(found, "考核指标") == [(3, "second_of_year")]
    assert "2025-03" in found.rejects["detail"][0]
    assert found.facts["value"].to_list() == [10_000, 10_000]
