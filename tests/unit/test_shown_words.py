"""What people read for the codes, fractions, shares and objectives that a plan's frames hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from campaign_books import AS_OF, CITY, Department, Person, branch
from territory_books import standard_rules
from tuogu.core.labels import METRICS
from tuogu.core.plan import make_plan
from tuogu.core.sheets import Column, name_key, shown, written
from tuogu.core.strategies import STRATEGIES, StrategyError
from tuogu.files.strategy_register import write_strategy_register
from tuogu.files.strategy_words import figure_text, objective_text, unit_of
from tuogu.plans.strategy_board import _detail

NAMES = {"330203": "海曙区支公司", "region:330203": "海曙区", "8633": "浙江省分公司"}


@pytest.mark.parametrize(("text", "said"), [
    ("17 7386989/12019683%", "≈17.6146%"), ("1/3", "≈0.3333"), ("-1 2/3", "≈-1.6667"), ("1414.2048", "1414.2048"),
    ("35.93%", "35.93%"), ("12", "12"),
])  # fmt: skip
def test_a_fraction_without_end_is_rounded_to_four_decimals(text: str, said: str) -> None:
    assert written(text, "exact") == said


def test_codes_are_shown_as_words_and_names() -> None:
    assert shown("330203", Column("district_code", "区县", "region"), NAMES) == "海曙区"
    assert shown("330203", Column("code", "机构", "institution"), NAMES) == "海曙区支公司"
    assert shown("8633", Column("branch_code", "分公司", "institution"), NAMES) == "浙江省分公司"
    assert shown("999999", Column("district_code", "区县", "region"), NAMES) == "999999"
    assert shown(None, Column("district_code", "区县", "region"), NAMES) == ""
    assert name_key("330203", "institution") == "330203"


@pytest.mark.parametrize(("strategy", "table", "column", "code", "word"), [
    ("arrivals", "standing", "basis", "held", "台账所载"), ("block", "standing", "basis", "planned", "前一方案所定"),
    ("arrivals", "moves", "lever", "adjacent", "相邻区件"), ("supervise", "supervised", "series", "marketing", "营销"),
    ("reclaim", "records", "where", "taken", "已由其他分配取走"),
])  # fmt: skip
def test_code_columns_have_words(strategy: str, table: str, column: str, code: str, word: str) -> None:
    sheet = next(s for s in STRATEGIES[strategy].sheets if s.name == table)
    assert shown(code, next(c for c in sheet.columns if c.name == column), {}) == word


def test_a_rounding_is_told_in_pieces() -> None:
    assert objective_text(25_012_605, "rounding") == "25.01"
    assert unit_of("rounding") == "件，与精确份额之差合计"
    assert objective_text(25_012_605, "metres") == "25,012,605"
    assert all(scale > 0 and unit for scale, unit in METRICS.values())


def test_shares_of_a_certificate_are_percent_and_other_figures_are_not() -> None:
    assert figure_text(0.453, "服务区内件数占比") == "45.30%"
    assert figure_text(1.0, "服务区内件数占比") == "100.00%"
    assert figure_text(0.453, "件均距离（米）") == "0.453"


def test_an_option_is_named_by_its_label_and_carries_its_name_for_the_terminal() -> None:
    with pytest.raises(StrategyError) as refused:
        STRATEGIES["map"].settled({})
    assert (str(refused.value), refused.value.option) == ("对应关系须给出对应关系", "map")


def test_a_few_details_of_a_reason_stand_with_their_counts() -> None:
    assert _detail(["市区没有达标的部门", "县区没有达标的部门"], [684, 12]) == (
        "市区没有达标的部门 684；县区没有达标的部门 12"
    )
    assert _detail(["甲"], [7]) == "甲"
    assert _detail(["甲", "乙", "丙", "丁"], [4, 3, 2, 1]) == "甲"


def test_the_workbook_names_regions_and_keeps_exact_fractions(tmp_path: Path) -> None:
    departments = [Department(code, CITY[:6], premium) for code, premium in (("D1", 1), ("D2", 2))]
    book = branch([Person(f"C{i}") for i in range(4)], departments)
    plan = make_plan(book, standard_rules(), AS_OF, 1, 1, strategy="campaign")
    path = write_strategy_register(plan, tmp_path / "book.xlsx", names=NAMES, data_date="2012-04-01")
    workbook = CalamineWorkbook.from_path(str(path))
    cells = {str(c) for row in workbook.get_sheet_by_name("客户来源区县是否均匀").to_python() for c in row}
    assert "海曙区（330203）" in cells
    shares = {str(c) for row in workbook.get_sheet_by_name("部门配额").to_python() for c in row}
    assert "1 1/3" in shares
    said = {str(c) for row in workbook.get_sheet_by_name("证书").to_python() for c in row}
    assert "0.67" in said
