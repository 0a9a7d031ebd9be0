"""Figures of facts: what a cell says, exactly, in every scale; and what is refused rather than guessed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tuogu import files
from tuogu.core.fact_figures import fact_of, read_figures, shown, written
from tuogu.core.facts import FACT_KEYS, SCALES
from tuogu.core.intake import standardise
from tuogu.core.reference.fact_figures import read_figure
from tuogu.core.standardise_text import normal, printable

RATE, POINTS, MONEY, COUNT, MONTHS, WORD = (
    *("attendance", "discretion", "productivity", "effective_recruits", "extended_probation_months", "rank"),
)


def read(cells: list[tuple[str, str]]) -> list[tuple[int | None, str | None, str | None, str | None]]:
    """(value, text, problem, remark) of each (key, cell)."""
    frame = pl.DataFrame(cells, schema={"fact_key": pl.String, "written": pl.String}, orient="row")
    figures = read_figures(frame.with_columns(cell=normal(printable(pl.col("written")))))
    return figures.select("value", "text", "problem", "remark").rows()


@pytest.mark.req("S1-13", "S1-22")
@pytest.mark.parametrize(
    ("key", "cell", "value"),
    [
        (RATE, "29.99%", 2999),
        (RATE, "30%", 3000),
        (RATE, "85.5 %", 8550),
        (RATE, "８５．５％", 8550),
        (RATE, "0", 0),
        (RATE, "0.00", 0),
        (RATE, "1000%", 100_000),
        (RATE, "1,000.00%", 100_000),
        (POINTS, "9.5分", 950),
        (POINTS, "10", 1000),
        (POINTS, "0", 0),
        (MONEY, "12,345.67 元", 1_234_567),
        (MONEY, "1.2万元", 1_200_000),
        (MONEY, "¥0.05", 5),
        (COUNT, "3人", 3),
        (COUNT, "2.0", 2),
        (MONTHS, "2个月", 2),
    ],
)
def test_what_a_cell_says(key: str, cell: str, value: int) -> None:
    assert read([(key, cell)]) == [(value, None, None, None)]


@pytest.mark.parametrize(
    ("key", "cell", "problem"),
    [
        (RATE, "85.5", "bad_figure"),  # 85.5 % or 8550 %?
        (RATE, "0.9", "bad_figure"),
        (RATE, "八成", "bad_figure"),
        (RATE, "-0.01%", "figure_out_of_range"),
        (RATE, "1000.01%", "figure_out_of_range"),
        (RATE, "99999999999999999999%", "figure_out_of_range"),
        (POINTS, "10.01", "figure_out_of_range"),  # S1-16
        (POINTS, "-1", "figure_out_of_range"),
        (POINTS, "9.555", "bad_figure"),
        (MONEY, "-3", "figure_out_of_range"),
        (MONEY, "1.234", "bad_figure"),
        (MONEY, "约3000", "bad_figure"),
        (COUNT, "2.5", "bad_figure"),
        (COUNT, "1e3", "bad_figure"),
        (MONTHS, "第二个月", "bad_figure"),
        (WORD, "很" * 41, "bad_figure"),
    ],
)
def test_what_is_refused(key: str, cell: str, problem: str) -> None:
    assert read([(key, cell)]) == [(None, None, problem, None)]


def test_a_rate_is_cut_never_rounded_up() -> None:
    """29.996 % must not reach the threshold of 30 %."""
    assert read([(RATE, "29.996%"), (RATE, "66.6666666666667%"), (RATE, "29.990%")]) == [
        (2999, None, None, "figure_cut"),
        (6666, None, None, "figure_cut"),
        (2999, None, None, None),
    ]


def test_a_word_is_a_word() -> None:
    assert read([(WORD, "管理系列高级"), (WORD, "资深")]) == [
        (None, "管理系列高级", None, None),
        (None, "资深", None, None),
    ]


_CELLS = st.one_of(
    st.from_regex(r"[-+]?[0-9]{1,7}(\.[0-9]{0,4})?( )?(%|分|元|件|人|个月|月)?", fullmatch=True),
    st.from_regex(r"[0-9]{1,3}(,[0-9]{3}){1,2}(\.[0-9]{1,3})?(%|分|元|件)?", fullmatch=True),
    st.text("0123456789.,%-+ 分件元", min_size=1, max_size=8).filter(lambda s: s.strip(" .-") != ""),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([RATE, POINTS, COUNT, MONTHS]), _CELLS), min_size=1, max_size=40))
def test_the_fast_reader_says_what_the_slow_one_says(cells: list[tuple[str, str]]) -> None:
    plain = [(key, cell.strip()) for key, cell in cells if cell.strip()]
    got = [(value, problem, remark) for value, _text, problem, remark in read(plain)]
    assert got == [read_figure(cell, key) for key, cell in plain]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_written_reads_back(data: st.DataObject) -> None:
    keys = [key for key, fact in FACT_KEYS.items() if fact.scale != "text"]
    rows = [(key, data.draw(st.integers(0, min(SCALES[FACT_KEYS[key].scale].most, 10**13)))) for key in keys]
    frame = pl.DataFrame(rows, schema={"key": pl.String, "value": pl.Int64}, orient="row")
    words = frame.select(written(pl.col("key"), pl.col("value"), pl.lit(None, pl.String))).to_series()
    assert [r[0] for r in read(list(zip(keys, words, strict=True)))] == [value for _, value in rows]


def test_what_lists_show() -> None:
    assert shown(RATE, 8550, None) == "85.5%"
    assert shown(RATE, 10_000, None) == "100%"
    assert shown(MONEY, 123_456_700, None) == "1,234,567.00 元"
    assert shown(POINTS, 950, None) == "9.5 分"
    assert shown(COUNT, 1200, None) == "1,200 件"
    assert shown(WORD, None, "资深") == "资深"


def test_every_fact_is_found_by_all_its_words() -> None:
    for fact in FACT_KEYS.values():
        for word in (fact.key, fact.label, *fact.also, fact.label.replace("（", "(").replace("）", ")")):
            assert fact_of(word) is fact, word
    assert fact_of("参会次数") is None


@pytest.mark.req("S1-13")
def test_cells_in_excels_percentage_format_are_read_to_the_digit(tmp_path: Path) -> None:
    """Every hundredth of a percent from 0.01 % to 100 %: a float multiplied by 100 would miss some of them."""
    with xlsxwriter.Workbook(tmp_path / "指标.xlsx") as book:
        page, percent = book.add_worksheet("考核指标"), book.add_format({"num_format": "0.00%"})
        for column, title in enumerate(("对象", "月份", "指标", "数值", "来源")):
            page.write(0, column, title)
        for bp in range(1, 10_001):
            page.write_row(bp, 0, [f"S{bp:05}", "2026-10", "参会率"])
            page.write_number(bp, 3, bp / 10_000, percent)
            page.write(bp, 4, "考勤")
    intake = standardise(files.read_workbook(tmp_path / "指标.xlsx"), date(2026, 10, 31))
    assert intake.facts["value"].to_list() == list(range(1, 10_001))
    assert intake.warnings.is_empty()


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("0%", "85.5%"),
        ("0.00%", "85.5%"),
        ("#,##0.0%;[Red]-0.0%", "85.5%"),
        ('0.00"%"', "0.855"),
        ("0.00", "0.855"),
    ],
)
def test_a_percentage_is_what_excel_shows_as_one(form: str, text: str, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "考核指标"
    page.append(["对象", "月份", "指标", "数值", "来源"])
    page.append(["S1", "2026-10", "参会率", 0.855, "考勤"])
    page.cell(2, 4).number_format = form
    book.save(tmp_path / "a.xlsx")
    sheet = files.read_workbook(tmp_path / "a.xlsx").sheets["facts"]
    assert sheet.frame["数值"].to_list() == [text]
