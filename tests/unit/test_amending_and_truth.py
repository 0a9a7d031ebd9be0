"""Corrections and validators as pure functions: what is taken, what is refused and why, what is found."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256

import polars as pl
import pytest

import branch as tiny
from tuogu.core.amending import CHANGES, address_of, canonical, content_digest, judge, why
from tuogu.core.truth import error_rates, findings

GOOD_ID = "330203198001010018"  # check digit by GB 11643
OTHER_BIRTH = "330203198102030016"


def check_digit(body: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def judged(*changes: tuple[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """field → (canonical value, problem) of changes of one customer born 1980-01-01."""
    frame = pl.DataFrame([("C1", *change) for change in changes], schema=CHANGES, orient="row")
    found = judge(frame, tiny.customers({"customer_number": "C1"})).frame
    return {field: (value, problem) for _c, field, value, problem in found.iter_rows()}


@pytest.mark.req("S0-07")
@pytest.mark.parametrize(
    ("field", "written", "taken"),
    [
        ("phone", "+86 139-1111-2222", "13911112222"),
        ("name", "李 四", "李四"),
        ("sex", "女", "F"),
        ("birth_date", "1980年2月3日", "1980-02-03"),
        ("employer", "宁波港　集团", "宁波港 集团"),
        ("address", " 宁波市江北区1幢 ", "宁波市江北区1幢"),
    ],
)
def test_values_become_canonical_as_at_intake(field: str, written: str, taken: str) -> None:
    assert judged((field, written)) == {field: (taken, None)}


@pytest.mark.parametrize(
    ("field", "written", "problem"),
    [
        ("phone", "12345", "bad_phone"),
        ("phone", "无", "missing_value"),
        ("name", "#REF!", "excel_error"),
        ("sex", "不明确", "unknown_value"),
        ("birth_date", "1980-02-30", "impossible_date"),
        (
            "id_number",
            GOOD_ID[:-1] + ("0" if check_digit(GOOD_ID[:-1]) != "0" else "1"),
            "bad_id_check_digit",
        ),
        ("id_number", "12", "bad_id_number"),
        ("phone", "13812341234", "unchanged"),
        ("complaint", "是", "unknown_field"),
    ],
)
def test_what_intake_would_refuse_is_refused_with_a_reason(field: str, written: str, problem: str) -> None:
    assert judged((field, written)) == {field: (None, problem)}
    assert why(problem)


def test_an_id_is_judged_with_the_birth_date_as_it_would_stand() -> None:
    body = OTHER_BIRTH[:-1]
    number = body + check_digit(body)
    assert judged(("id_number", number))["id_number"][1] == "birth_id_mismatch"
    assert judged(("id_number", number), ("birth_date", "1981-02-03"))["id_number"] == (number, None)


@pytest.mark.req("S0-06")
def test_six_parts_make_one_address_in_the_standard_form() -> None:
    parts = {
        "city": "宁波",
        "district": "江东区",
        "street": "白鹤街道",
        "community": "白鹤社区",
        "building": "35",
        "room": "608",
    }
    assert address_of(parts) == "宁波市江东区白鹤街道白鹤社区35幢608室"
    assert (
        address_of(parts | {"building": "35栋", "city": "宁波市"}) == "宁波市江东区白鹤街道白鹤社区35栋608室"
    )
    assert address_of({}) == ""
    with pytest.raises(ValueError, match="社区"):
        address_of({"city": "宁波", "room": "608"})


@pytest.mark.req("S0-07")
def test_the_digest_can_be_computed_by_anybody_from_the_lines() -> None:
    lines = [
        {"place": 2, "customer_number": "C2", "field": "phone", "old": None, "new": "139"},
        {"place": 1, "customer_number": "C1", "field": "name", "old": "张三", "new": "李四"},
    ]
    by_hand = '[1,"C1","name","张三","李四"]\n[2,"C2","phone",null,"139"]\n'
    assert canonical(lines) == by_hand.encode()
    assert [json.loads(row)[0] for row in by_hand.splitlines()] == [1, 2]
    assert content_digest(lines) == sha256(by_hand.encode()).hexdigest()
    assert content_digest(lines) != content_digest([lines[1], lines[0] | {"new": "138"}])


@pytest.mark.req("L-09")
@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"phone": None}, "phone_missing"),
        ({"phone": "13900000001"}, "phone_of_staff"),
        ({"phone": "13888888888"}, "phone_patterned"),
        ({"phone": "13812345678"}, "phone_patterned"),
        ({"id_number": None}, "id_missing"),
        ({"id_number": "990203198001010018"}, "id_malformed"),
        ({"birth_date": date(1890, 1, 1)}, "birth_implausible"),
        ({"birth_date": date(1980, 1, 2)}, "birth_id_mismatch"),
        ({"name": "张3"}, "name_odd"),
        ({"address": None}, "address_missing"),
        ({"address": "宁波市海曙区白云街道"}, "address_incomplete"),
        ({"community_code": None}, "address_not_coded"),
    ],
)
def test_each_validator_finds_its_own_and_nothing_in_good_data(values: dict[str, object], kind: str) -> None:
    body = GOOD_ID[:-1]
    good = {"customer_number": "C1", "phone": "13957402186", "id_number": body + check_digit(body)}
    code = values.pop("community_code", tiny.BAISHA)
    for given, expected in ((good, None), (good | values, kind)):
        place = tiny.BAISHA if expected is None else code
        frame = tiny.customers(given).with_columns(community_code=pl.lit(place, pl.String))
        found = findings(frame, pl.Series(["13900000001", None]), shared_from=3, as_of=date(2026, 11, 22))
        kinds = found["kind"].to_list()
        assert (kinds == []) if expected is None else (expected in kinds), kinds


@pytest.mark.req("S3-01")
def test_a_phone_of_three_is_found_and_of_two_is_not_and_rates_count_customers_once() -> None:
    rows = [
        {"customer_number": f"C{n}", "phone": "13957402186" if n < 3 else f"1395740{2190 + n}"}
        for n in range(5)
    ]
    frame = tiny.customers(*rows).with_columns(community_code=pl.lit(tiny.BAISHA))
    for shared_from, count in ((3, 3), (4, 0)):
        found = findings(
            frame, pl.Series([], dtype=pl.String), shared_from=shared_from, as_of=date(2026, 11, 22)
        )
        assert found.filter(kind="phone_repeated").height == count
    found = pl.DataFrame({"customer_number": ["C0", "C0", "C3"], "kind": ["a", "b", "a"]})
    entered = pl.DataFrame({"customer_number": ["C0", "C1", "C3"], "entrant": ["甲", "甲", "乙"]})
    assert error_rates(found, entered).rows() == [("乙", 1, 1), ("甲", 2, 1)]
