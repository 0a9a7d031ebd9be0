"""Rows, keys and references: what is accepted, what comes back and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from intake_sheets import DATA_DATE, POLICY, customers, policies, reasons, sheet, shuffled, workbook
from tuogu.core.completeness import completeness
from tuogu.core.intake import standardise
from tuogu.core.intake_tables import plain_sheet
from tuogu.core.tables import CUSTOMERS, POLICIES


def test_a_good_policy() -> None:
    intake = policies({})
    assert intake.rejects.is_empty()
    assert intake.books.policies.schema == POLICIES
    row = intake.books.policies.row(0, named=True)
    assert (row["premium_fen"], row["payments_per_year"], row["kind"]) == (120_000, 1, "main")
    assert (row["inception_date"], row["state"]) == (date(2011, 3, 5), "in_force")
    assert intake.books.data_date == DATA_DATE


def test_accepted_rejected_and_skipped_are_all_rows() -> None:
    blank = dict.fromkeys(POLICY, None)
    intake = policies(
        {},
        {"policy_number": "P2", "premium_fen": "x"},
        blank,
        blank | {"policy_number": "合 计", "premium_fen": "2400"},
        blank | {"kind": "小计：", "premium_fen": "2400"},
        blank | {"policy_number": "保单号码", "premium_fen": "保费(元)"},
        blank | {"policy_number": "示例001"},
        {"policy_number": "P3"},
    )
    counts = intake.counts.filter(pl.col("kind") == "policies").row(0, named=True)
    assert counts == {
        "kind": "policies",
        "sheet": "保单",
        "read": 8,
        "accepted": 2,
        "rejected": 1,
        "skipped_blank": 1,
        "skipped_total": 2,
        "skipped_header": 2,
    }


def test_one_row_carries_every_reason() -> None:
    intake = policies({"premium_fen": "x", "inception_date": "2011-02-30", "holder_number": "C9"})
    assert set(reasons(intake, "保单")) == {(2, "bad_money"), (2, "impossible_date"), (2, "unknown_holder")}
    line = intake.rejects.filter(pl.col("reason") == "bad_money").row(0, named=True)
    assert line["column"] == "保费(元)"
    assert line["detail"] == "“保费(元)”的值“x”不是有效金额（元，最多两位小数）"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id_number": "110105194912310021"}, "bad_id_check_digit"),
        ({"id_number": "11010519491231002"}, "bad_id_number"),
        ({"id_number": "110105194902300021"}, "bad_id_check_digit"),
        ({"id_number": "3.30203198001011E+17"}, "rounded_number"),
        ({"birth_date": "1949-12-30", "id_number": "11010519491231002X"}, "birth_id_mismatch"),
        ({"birth_date": "2030-01-01", "id_number": None}, "future_date"),
        ({"phone": "1380013"}, "bad_phone"),
        ({"name": None}, "missing_value"),
        ({"name": "锟斤拷"}, "garbled_text"),
        ({"name": "#N/A"}, "excel_error"),
        ({"sex": "双"}, "unknown_value"),
        ({"customer_number": None}, "missing_value"),
        ({"id_type": "护照", "id_number": "!"}, "bad_identifier"),
    ],
)
def test_customers_that_come_back(change: dict[str, str | None], reason: str) -> None:
    intake = customers({"customer_number": "C0"}, {"id_number": None, "birth_date": None} | change)
    assert (3, reason) in reasons(intake, "客户")
    assert intake.books.customers["customer_number"].to_list() == ["C0"]


def test_remarks_about_accepted_customers() -> None:
    intake = customers(
        {"customer_number": "C1", "sex": "男"},
        {"customer_number": "C2", "id_number": "440524188001010014", "birth_date": None, "sex": None},
        {"customer_number": "C3", "id_number": "110105491231002"},
        {
            "customer_number": "C4",
            "id_number": "E12345678",
            "id_type": "护照",
            "phone": "13800138000、13900139000",
        },
    )
    assert intake.rejects.is_empty()
    assert reasons(intake, "客户", warnings=True) == [
        (2, "sex_id_mismatch"),
        (3, "filled_from_id"),
        (3, "filled_from_id"),
        (4, "id_upgraded"),
        (4, "shared_id_number"),
        (5, "several_phones"),
    ]
    filled = intake.books.customers.row(1, named=True)
    assert (filled["birth_date"], filled["sex"]) == (date(1880, 1, 1), "M")
    assert intake.books.customers["id_number"][2] == "11010519491231002X"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"premium_mode": "趸交", "payments_per_year": "年交"}, "mode_mismatch"),
        ({"payments_per_year": "趸交"}, "mode_mismatch"),
        ({"payments_per_year": None}, "missing_value"),
        ({"kind": "附加险"}, "missing_value"),
        ({"main_policy_number": "P9"}, "main_number_on_main"),
        ({"kind": "附加险", "main_policy_number": "P9"}, "unknown_main"),
        ({"end_date": "2010-01-01"}, "date_order"),
        ({"lapse_date": "2030-01-01"}, "future_date"),
        ({"holder_number": "C9"}, "unknown_holder"),
        ({"insured_number": "C9"}, "unknown_insured"),
        ({"policy_number": "3.3E+17"}, "rounded_number"),
        ({"state": "待核实"}, "unknown_value"),
        ({"payment_term_years": "999"}, "bad_number"),
    ],
)
def test_policies_that_come_back(change: dict[str, str | None], reason: str) -> None:
    intake = policies({"policy_number": "P0"}, change)
    assert reasons(intake, "保单") == [(3, reason)]
    assert intake.books.policies["policy_number"].to_list() == ["P0"]


def test_defaults_that_are_no_guess() -> None:
    intake = policies(
        {"policy_number": "P1", "premium_mode": "趸交", "payments_per_year": None},
        {"policy_number": "P2", "main_policy_number": "P2"},
        {"policy_number": "P3", "kind": None, "main_policy_number": "P1"},
    )
    assert intake.rejects.is_empty()
    assert intake.books.policies.select("payments_per_year", "main_policy_number", "kind").rows() == [
        (0, None, "main"),
        (1, None, "main"),
        (1, "P1", "rider"),
    ]
    assert reasons(intake, "保单", warnings=True) == [(4, "kind_from_main_number")]


def test_a_rejected_customer_takes_policy_and_rider_along() -> None:
    intake = policies(
        {"policy_number": "P1", "holder_number": "C2"},
        {"policy_number": "R1", "kind": "附加险", "main_policy_number": "P1"},
        {"policy_number": "P2"},
        {"policy_number": "R2", "kind": "附加险", "main_policy_number": "P2"},
        {"policy_number": "R3", "kind": "附加险", "main_policy_number": "R2"},
        customers=({}, {"customer_number": "C2", "phone": "1"}),
    )
    assert reasons(intake, "保单") == [(2, "holder_rejected"), (3, "main_rejected"), (6, "main_is_rider")]
    assert intake.books.policies["policy_number"].to_list() == ["P2", "R2"]


def test_an_unknown_institution_rejects_and_an_unknown_agent_is_a_remark() -> None:
    row = {"institution_code": "3302", "name": "宁波中支", "level": "中支"}
    raw = workbook(
        sheet("policies", {"agent_number": "S9"}, {"policy_number": "P2", "institution_code": "9999"}),
        sheet("customers", {}),
        sheet("people", {}),
        sheet("institutions", {}, template=row),
    )
    intake = standardise(raw, DATA_DATE)
    assert reasons(intake, "保单") == [(3, "unknown_institution")]
    assert reasons(intake, "保单", warnings=True) == [(2, "unknown_agent")]


def test_references_are_not_judged_without_their_target_sheet() -> None:
    intake = standardise(
        workbook(sheet("policies", {"holder_number": "C9", "agent_number": "S9"})), DATA_DATE
    )
    assert intake.rejects.is_empty()


def test_references_into_what_is_stored() -> None:
    stored = policies({"policy_number": "P1"}).books
    raw = workbook(sheet("policies", {"policy_number": "R1", "kind": "附加险", "main_policy_number": "P1"}))
    assert standardise(raw, DATA_DATE, stored=stored).rejects.is_empty()
    lost = standardise(raw, DATA_DATE, stored=replace(stored, policies=stored.policies.clear()))
    assert reasons(lost, "保单") == [(2, "unknown_main")]


def test_duplicates_keep_the_earliest_good_row() -> None:
    intake = policies(
        {"policy_number": "P1", "premium_fen": "坏"},
        {"policy_number": "P1", "premium_fen": "100"},
        {"policy_number": "P1", "premium_fen": "200"},
        {"policy_number": "P1", "premium_fen": "100"},
    )
    assert reasons(intake, "保单") == [(2, "bad_money"), (4, "duplicate_key"), (5, "duplicate_row")]
    assert intake.books.policies["premium_fen"].to_list() == [10_000]
    detail = intake.rejects.filter(pl.col("reason") == "duplicate_key")["detail"][0]
    assert detail == "“保单号码”“P1”与第 3 行重复而内容不同；保留那一行"


def test_a_file_whose_rows_changed_places_changes_nothing_that_is_stored() -> None:
    first, second = {"premium_fen": "100"}, {"premium_fen": "200"}
    stored = policies(first, second).books
    again = standardise(
        workbook(sheet("policies", second, first), sheet("customers", {})), DATA_DATE, stored=stored
    )
    assert again.books.policies.equals(stored.policies)


def test_the_order_of_the_frame_does_not_matter() -> None:
    raw = workbook(
        sheet("policies", {}, {"premium_fen": "5"}, {}, {"policy_number": "P2"}, {"policy_number": None}),
        sheet("customers", {}, {"name": "李四"}),
    )
    one, two = standardise(raw, DATA_DATE), standardise(shuffled(raw, 3), DATA_DATE)
    assert one.rejects.equals(two.rejects)
    assert one.warnings.equals(two.warnings)
    assert one.books.policies.equals(two.books.policies)
    assert one.books.customers.equals(two.books.customers)


def test_no_sentence_shows_a_full_id_or_phone() -> None:
    intake = customers(
        {"id_number": "110105194912310021"},
        {"customer_number": "C2", "phone": "138001380001"},
        {"customer_number": "13800138000（家）"},
        {"customer_number": "C4", "sex": "11010519491231002X"},
        {"customer_number": "C5", "address": "#REF!", "name": "123456"},
    )
    text = "".join(intake.rejects["detail"])
    for secret in ("110105194912310021", "138001380001", "13800138000", "11010519491231002X", "123456"):
        assert secret not in text
    assert "110***21（18位）" in text


def test_too_many_rejects_refuse_the_import() -> None:
    raw = workbook(sheet("customers", {}, {"customer_number": "C2", "phone": "1"}))
    assert standardise(raw, DATA_DATE, 0.5).refusal is None
    assert (
        standardise(raw, DATA_DATE, 0.49).refusal == "退回 1 行，占 50.0%，超过允许的 49.0%，本次导入不生效"
    )


def test_mixed_datums_are_refused() -> None:
    row = {"region_code": "330203001001", "longitude": "121.5", "latitude": "29.8", "datum": "WGS84"}
    pure = sheet("coordinates", {}, {"region_code": "330203001002", "source": "合成"}, template=row)
    intake = standardise(workbook(pure), DATA_DATE)
    assert intake.books.coordinates.select("datum", "source").rows() == [
        ("WGS-84", "imported"),
        ("WGS-84", "synthetic"),
    ]
    mixed = sheet("coordinates", {}, {"region_code": "330203001002", "datum": "百度"}, template=row)
    assert reasons(standardise(workbook(mixed), DATA_DATE), "坐标") == [
        (2, "mixed_datum"),
        (3, "mixed_datum"),
    ]
    swapped = sheet("coordinates", {"longitude": "29.8", "latitude": "121.5"}, template=row)
    assert reasons(standardise(workbook(swapped), DATA_DATE), "坐标") == [(2, "bad_coordinate")] * 2


def test_a_sheet_without_rows() -> None:
    empty = plain_sheet("customers", pl.DataFrame(schema={"customer_number": pl.String, "name": pl.String}))
    intake = standardise(workbook(empty), DATA_DATE)
    assert intake.counts.select("read", "accepted").row(0) == (0, 0)
    assert intake.books.customers.schema == CUSTOMERS


@pytest.mark.req("S0-05")
def test_each_bad_field_names_itself_and_the_score_grows_with_filled_fields() -> None:
    intake = customers({"sex": "双", "phone": "1", "birth_date": "x"})
    assert set(intake.rejects["column"]) == {"性别", "联系电话", "出生日期"}
    weights = {"name": 1, "sex": 1, "birth_date": 1, "phone": 1, "address": 1, "employer": 1}
    row = customers({"address": "白鹤社区", "employer": "甲公司"}).books.customers
    scores = [completeness(row, weights)["completeness"][0]]
    for field in weights:
        row = row.with_columns(pl.lit(None, dtype=row.schema[field]).alias(field))
        scores.append(completeness(row, weights)["completeness"][0])
    assert scores == pytest.approx([1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6, 0])
    with pytest.raises(ValueError, match="positive"):
        completeness(row, {"name": 0})
