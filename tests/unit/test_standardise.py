"""One cell at a time: what each rule makes of what people write."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tuogu.core import standardise_dates, standardise_money, standardise_text
from tuogu.core.intake_columns import RULES
from tuogu.core.intake_tables import SHEETS
from tuogu.core.intake_titles import TITLES
from tuogu.core.reasons import REASONS
from tuogu.core.standardise_text import Parsed, normal, printable
from tuogu.core.standardise_words import CHINESE, words_of


def read(rule: object, cell: str) -> tuple[object, str | None]:
    """(value, problem) of one cell."""
    frame = pl.DataFrame({"cell": [cell]}).with_columns(text=normal(printable(pl.col("cell"))))
    parsed: Parsed = rule(pl.col("text"))  # type: ignore[operator]  # a rule is a callable
    row = frame.select(value=parsed.value, problem=parsed.problem)
    return row["value"][0], row["problem"][0]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2011-03-05", date(2011, 3, 5)),
        ("2011-3-5", date(2011, 3, 5)),
        ("2011/03/05", date(2011, 3, 5)),
        ("2011.3.5", date(2011, 3, 5)),
        ("2011年3月5日", date(2011, 3, 5)),
        ("2011 年 3 月 5 日", date(2011, 3, 5)),
        ("２０１１年３月５号", date(2011, 3, 5)),
        ("20110305", date(2011, 3, 5)),
        ("2011-03-05 00:00:00", date(2011, 3, 5)),
        ("2011-03-05T08:30:00.000Z", date(2011, 3, 5)),
        ("40607", date(2011, 3, 5)),
        ("40607.75", date(2011, 3, 5)),
        ("'2011-03-05", date(2011, 3, 5)),
        ("2012-02-29", date(2012, 2, 29)),
    ],
)
def test_dates(cell: str, value: date) -> None:
    assert read(standardise_dates.day, cell) == (value, None)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("2011-02-29", "impossible_date"),
        ("2011年2月30日", "impossible_date"),
        ("20111345", "impossible_date"),
        ("11-3-5", "bad_date"),
        ("3/5/2011", "bad_date"),
        ("201103", "bad_date"),
        ("2011", "bad_date"),
        ("去年三月", "bad_date"),
        ("1750-01-01", "date_out_of_range"),
        ("9999-01-01", "date_out_of_range"),
    ],
)
def test_dates_that_cannot_be_decided(cell: str, problem: str) -> None:
    assert read(standardise_dates.day, cell) == (None, problem)


@pytest.mark.parametrize("cell", ["终身", "至终身", "长期", "9999-12-31", "2999/12/31", "—", ""])
def test_no_end(cell: str) -> None:
    assert read(standardise_dates.end_day, cell) == (None, None)


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("1200", 120_000),
        ("1,234,567.89", 123_456_789),
        ("¥1,200.5", 120_050),
        ("￥１２００元整", 120_000),
        ("人民币 0.29元", 29),
        ("3.5万元", 3_500_000),
        ("1.23456万", 1_234_560),
        ("2亿", 20_000_000_000),
        ("100.10", 10_010),
        ("0.1", 10),
        ("8.000", 800),
        ("70368744177.27", 7_036_874_417_727),  # 2**46 yuan and a bit: floats would still agree
        ("90071992547409.93", 9_007_199_254_740_993),  # 2**53 + 1 fen: a float would lose one fen
    ],
)
def test_money(cell: str, fen: int) -> None:
    assert read(standardise_money.money, cell) == (fen, None)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("12.345", "bad_money"),
        ("1,23", "bad_money"),
        ("1.2.3", "bad_money"),
        ("一千二百", "bad_money"),
        ("约3000", "bad_money"),
        ("1E+15", "bad_money"),
        ("9" * 30, "bad_money"),
        ("-3", "negative_money"),
        ("(3)", "bad_money"),
    ],
)
def test_money_refused(cell: str, problem: str) -> None:
    assert read(standardise_money.money, cell) == (None, problem)


def test_a_header_in_wan_multiplies_plain_numbers() -> None:
    assert read(lambda t: standardise_money.money(t, in_wan=True), "1.5") == (1_500_000, None)


@pytest.mark.parametrize(
    ("cell", "digits"),
    [
        ("13800138000", "13800138000"),
        ("138 0013 8000", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("+86 13800138000", "13800138000"),
        ("0086-13800138000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("(0574)87654321", "057487654321"),
        ("010-12345678", None),
        ("010-62345678", "01062345678"),
        ("13800138000/13900139000", "13800138000"),
        ("无、13900139000", "13900139000"),
        ("12800138000", None),
        ("1380013800", None),
        ("87654321", None),
        ("138****8000", None),
    ],
)
def test_phones(cell: str, digits: str | None) -> None:
    assert read(standardise_text.phone, cell) == (digits, None if digits else "bad_phone")


@pytest.mark.parametrize(
    ("cell", "value", "problem"),
    [
        ("330203198001011234", "330203198001011234", None),
        ("３３０２", "3302", None),
        (" p-01/a ", "P-01/A", None),
        ('="0012345"', "0012345", None),
        ("'0012345", "0012345", None),
        ("12345.0", "12345", None),
        ("33 02 03", "330203", None),
        ("3.30203198001011E+17", None, "rounded_number"),
        ("3.302e+17", None, "rounded_number"),
        ("330203198001011234.0", None, "rounded_number"),
        ("12E5", "12E5", None),
        ("保单一", None, "bad_identifier"),
        ("A" * 41, None, "bad_identifier"),
        ("12345.5", "12345.5", None),
    ],
)
def test_identifiers(cell: str, value: str | None, problem: str | None) -> None:
    assert read(standardise_text.identifier, cell) == (value, problem)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("张 三", "张三"),
        ("欧 阳 小 明", "欧阳小明"),
        ("迪丽热巴•迪力木拉提", "迪丽热巴·迪力木拉提"),
        ("ＪＯＨＮ  Smith", "JOHN Smith"),
        ("𠮷野", "𠮷野"),
        ("张\u200b三", "张三"),
        ("12345", None),
    ],
)
def test_names(cell: str, value: str | None) -> None:
    assert read(standardise_text.name, cell) == (value, None if value else "bad_name")


@pytest.mark.parametrize("cell", ["", " ", "\u3000", "-", "——", "无", "N/A", "null", "不详", "\x00"])
def test_words_that_mean_nothing(cell: str) -> None:
    assert read(standardise_text.identifier, cell) == (None, None)


def test_every_written_word_reads_back() -> None:
    for column, words in CHINESE.items():
        for value, chinese in words.items():
            assert words_of(column)[chinese.lower()] == value, (column, chinese)


def test_every_canonical_column_has_a_rule_and_a_title() -> None:
    for kind, schema in SHEETS.items():
        assert [c.name for c in RULES[kind].columns] == list(schema)
        assert list(TITLES[kind]) == list(schema)


@pytest.mark.req("S0-04")
def test_every_reason_has_a_sentence_and_address_parts_have_theirs() -> None:
    assert all(
        r.sentence and r.english and r.group in ("reject", "warning", "address") for r in REASONS.values()
    )
    parts = ("province", "city", "district", "street", "community", "building", "unit", "room")
    assert {f"no_{part}" for part in parts} <= REASONS.keys()
    assert REASONS["no_community"].sentence == "地址缺少社区（村）"
