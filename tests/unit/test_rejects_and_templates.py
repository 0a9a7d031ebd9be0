"""What goes out again: rejected rows, templates, exported books; and that all of it can come back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from typer.testing import CliRunner

from intake_sheets import DATA_DATE, customers, policies
from tuogu import files
from tuogu.core.intake import standardise
from tuogu.core.intake_tables import BOOKS, SHEETS
from tuogu.core.intake_titles import SHEET_TITLES, TITLES
from tuogu.core.standardise_words import CHINESE
from tuogu.core.tables import LOCATED, Books
from tuogu.files.books_folder import read_located
from tuogu.files.header_search import kind_of_name, plain_header
from tuogu.files.headers import REQUIRED, SHEET_NAMES, SYNONYMS
from tuogu.files.safe_excel import CELL_UNITS_MAX, CUT_MARK, open_workbook, safe_text, write_text
from tuogu.jobs import flow


def _workbook_of_customers(path: Path) -> None:
    with open_workbook(path) as book:
        page = book.add_worksheet("客户信息")
        page.write_row(1, 0, ["客户编号", "备注", "姓名", "备注", "手机"])
        page.write_row(2, 0, ["C1", "甲", "张三", "乙", "1380013"])
        page.write_row(3, 0, ["C2", "甲", "李四", "乙", "13800138000"])
        page.write_row(4, 0, ["C2", "甲", "李四", "乙", "13800138000"])


@pytest.mark.req("P-13")
@pytest.mark.parametrize("target", ["退回.xlsx", "退回"])
def test_rejected_rows_come_back_with_a_reason_and_go_in_again(target: str, tmp_path: Path) -> None:
    _workbook_of_customers(tmp_path / "b.xlsx")
    raw = files.read_workbook(tmp_path / "b.xlsx")
    intake = standardise(raw, DATA_DATE)
    assert intake.counts.select("read", "accepted", "rejected").row(0) == (3, 1, 2)
    files.write_rejects(raw, intake, tmp_path / target)
    back = files.read_workbook(tmp_path / target).sheets["customers"]
    assert list(back.headers.values())[:5] in (
        ["客户编号", "备注", "姓名", "备注", "手机"],
        ["客户编号", "备注", "姓名", "备注_2", "手机"],
    )
    assert back.frame["原行号"].to_list() == ["3", "5"]
    assert back.frame["原因"].to_list() == [
        "“手机”的值“1**”不是 11 位手机号，也不是带区号的固定电话",
        "与第 4 行完全相同，只保留那一行",
    ]
    corrected = replace(back, frame=back.frame.with_columns(手机=pl.lit("13800138000")))
    again = standardise(replace(raw, sheets={"customers": corrected}), DATA_DATE)
    assert again.books.customers["customer_number"].to_list() == ["C1", "C2"]


def test_returned_rows_returned_again_carry_one_reason_column(tmp_path: Path) -> None:
    _workbook_of_customers(tmp_path / "b.xlsx")
    raw = files.read_workbook(tmp_path / "b.xlsx")
    for name in ("一.xlsx", "二.xlsx"):
        files.write_rejects(raw, standardise(raw, DATA_DATE), tmp_path / name)
        raw = files.read_workbook(tmp_path / name)
    headers = [cell.value for cell in openpyxl.load_workbook(tmp_path / "二.xlsx").active[1]]
    assert headers == ["客户编号", "备注", "姓名", "备注", "手机", "原行号", "数据日期", "原因"]


def test_returned_rows_carry_the_day_they_speak_of(tmp_path: Path) -> None:
    _workbook_of_customers(tmp_path / "b.xlsx")
    raw = files.read_workbook(tmp_path / "b.xlsx")
    assert raw.data_date is None
    files.write_rejects(raw, standardise(raw, DATA_DATE), tmp_path / "退回.xlsx")
    back = files.read_workbook(tmp_path / "退回.xlsx")
    assert back.data_date == DATA_DATE
    assert standardise(back, DATA_DATE).returned
    assert not any("原因" in note for note in back.notes)
    for day, words in (("2026-09-30", "不止一个"), ("上个月", "不止一个")):
        book = openpyxl.load_workbook(tmp_path / "退回.xlsx")
        book.active["G2"] = day
        book.save(tmp_path / "改.xlsx")
        with pytest.raises(files.FileRefused, match=words):
            files.read_workbook(tmp_path / "改.xlsx")
    flow.day_described(back, given=None, default=DATA_DATE, today=DATA_DATE)
    with pytest.raises(flow.FlowRefused, match="不能改成 2026-01-01"):
        flow.day_described(back, given=date(2026, 1, 1), default=DATA_DATE, today=DATA_DATE)


def test_a_column_of_the_branch_called_like_ours_is_kept(tmp_path: Path) -> None:
    with open_workbook(tmp_path / "b.xlsx") as book:
        page = book.add_worksheet("客户信息")
        page.write_row(0, 0, ["客户编号", "数据日期", "姓名", "手机"])
        page.write_row(1, 0, ["C1", "去年", "张三", "1380013"])
    raw = files.read_workbook(tmp_path / "b.xlsx")
    assert raw.data_date is None
    files.write_rejects(raw, standardise(raw, DATA_DATE), tmp_path / "退回.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "退回.xlsx").active.values)
    assert rows[0][:7] == ("客户编号", "数据日期_2", "姓名", "手机", "原行号", "数据日期", "原因")
    assert rows[1][:6] == ("C1", "去年", "张三", "1380013", "2", DATA_DATE.isoformat())


def test_a_formula_that_was_never_computed_comes_back_as_one(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "客户"
    for row in (["客户号", "姓名", "联系电话"], ["C1", '="张"&"三"', "13800138000"], ["C2", "李四", None]):
        book.active.append(row)
    book.save(tmp_path / "b.xlsx")
    intake = standardise(files.read_workbook(tmp_path / "b.xlsx"), DATA_DATE)
    assert intake.rejects.select("row", "column", "reason").rows() == [(2, "姓名", "formula_without_result")]
    assert "没有计算结果的公式" in intake.rejects["detail"][0]
    assert intake.rejected_numbers.rows() == [("customers", "C1")]


def test_nothing_rejected_writes_nothing(tmp_path: Path) -> None:
    intake = customers({})
    _workbook_of_customers(tmp_path / "b.xlsx")
    raw = files.read_workbook(tmp_path / "b.xlsx")
    assert files.write_rejects(raw, intake, tmp_path / "退回.xlsx") == []
    assert not (tmp_path / "退回.xlsx").exists()


def test_identifiers_are_text_cells(tmp_path: Path) -> None:
    _workbook_of_customers(tmp_path / "b.xlsx")
    raw = files.read_workbook(tmp_path / "b.xlsx")
    files.write_rejects(raw, standardise(raw, DATA_DATE), tmp_path / "退回.xlsx")
    page = openpyxl.load_workbook(tmp_path / "退回.xlsx").active
    assert {cell.number_format for row in page.iter_rows(min_row=2) for cell in row if cell.value} == {"@"}
    assert page.freeze_panes == "B2"
    assert (page.page_setup.orientation, page.print_title_rows) == ("landscape", "$1:$1")
    marked = [
        c.coordinate for row in page.iter_rows(min_row=2) for c in row if c.fill.fgColor.rgb == "FFFFF2CC"
    ]
    assert marked == ["E2"]


def test_cells_at_the_limits_of_excel() -> None:
    assert safe_text("长" * CELL_UNITS_MAX) == "长" * CELL_UNITS_MAX
    cut = safe_text("长" * (CELL_UNITS_MAX + 1))
    assert cut.endswith(CUT_MARK)
    assert len(cut) == CELL_UNITS_MAX
    wide = safe_text("𠮷" * 20_000)
    assert len(wide.encode("utf-16-le")) // 2 <= CELL_UNITS_MAX
    assert wide.endswith(CUT_MARK)
    assert safe_text("<r><t>x</t></r>") == "<r><t>x</t></r> "


def test_same_cells_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        with open_workbook(tmp_path / name) as book:
            write_text(book.add_worksheet("甲"), 0, 0, "=1+1")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_the_template_is_accepted_as_it_is(tmp_path: Path) -> None:
    raw = files.read_workbook(files.write_template(tmp_path / "模板.xlsx"))
    assert set(raw.sheets) == set(SHEETS)
    for kind, sheet in raw.sheets.items():
        assert list(sheet.mapping.values()) == list(SHEETS[kind]), kind
    counts = standardise(raw, DATA_DATE).counts
    assert counts.select("read", "skipped_header", "accepted", "rejected").unique().rows() == [(1, 1, 0, 0)]


def test_the_example_row_of_the_template_is_a_good_row(tmp_path: Path) -> None:
    files.write_template(tmp_path / "模板.xlsx")
    book = openpyxl.load_workbook(tmp_path / "模板.xlsx")
    for title in SHEET_TITLES.values():
        book[title]["A2"].value = str(book[title]["A2"].value).removeprefix("示例")
        assert book[title]["A2"].number_format == "@"
    assert book["客户"].data_validations.dataValidation[0].formula1 == '"男,女"'
    book.save(tmp_path / "填好.xlsx")
    intake = standardise(files.read_workbook(tmp_path / "填好.xlsx"), DATA_DATE)
    assert intake.rejects.is_empty()
    assert intake.counts["accepted"].to_list() == [1] * len(SHEETS)


def test_the_template_command_does_not_overwrite(tmp_path: Path) -> None:
    from typer import Typer

    from tuogu.cli.templates import template

    app = Typer()
    app.command()(template)
    target = str(tmp_path / "模板.xlsx")
    assert CliRunner().invoke(app, [target]).exit_code == 0
    assert CliRunner().invoke(app, [target]).exit_code == 2
    assert CliRunner().invoke(app, [target, "--force"]).exit_code == 0
    assert CliRunner().invoke(app, [str(tmp_path / "x.csv")]).exit_code == 2


def test_synonyms_are_unambiguous() -> None:
    for kind, columns in SYNONYMS.items():
        seen: dict[str, str] = {}
        for column, words in columns.items():
            assert words[0] == TITLES[kind][column]
            for word in words:
                assert seen.setdefault(plain_header(word), column) == column, (kind, word)
        assert set(REQUIRED[kind]) <= columns.keys()
    for kind, names in SHEET_NAMES.items():
        assert {kind_of_name(name) for name in names} == {kind}


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("保费（元）", "保费"),
        (" *保 单 号:", "保单号"),
        ("保费\n(元)", "保费"),
        ("ＩＤ", "id"),
        ("必填 姓名", "姓名"),
    ],
)
def test_plain_headers(written: str, plain: str) -> None:
    assert plain_header(written) == plain


def _books() -> Books:
    """One row for each word of each enumeration, and nulls."""
    pairs = [
        {},
        {"sum_insured_fen": "0.05", "end_date": "2041-3-5", "protection": "否", "product_name": "a  b"},
    ]
    for column in ("product_type", "state", "source", "components"):
        pairs += [{column: word} for word in CHINESE[column].values()]
    pairs += [{"premium_mode": "趸交", "payments_per_year": None}, {"payments_per_year": "月交"}]
    rows = [{"policy_number": f"P{i:03}", **row} for i, row in enumerate(pairs)]
    rows.append({"policy_number": "R1", "kind": "附加险", "main_policy_number": "P000"})
    known = policies(
        *rows, customers=({"address": " 白鹤社区 35幢 ", "complaint": "无"}, {"customer_number": "C2"})
    )
    assert known.rejects.is_empty()
    return known.books


@pytest.mark.req("S0-13")
@pytest.mark.parametrize(("form", "target"), [("parquet", "d"), ("csv", "d"), ("xlsx", "d.xlsx")])
def test_books_and_their_codes_go_out_and_come_back_without_a_difference(
    form: str, target: str, tmp_path: Path
) -> None:
    books = _books()
    located = pl.DataFrame(
        {
            "key": ["C1", "C2"],
            "community_code": ["330203001001", None],
            "status": ["coded", "manual"],
            "reason": [None, "ambiguous"],
            "confidence": [0.1 + 0.2, 1 / 3],
            "candidates": ["330203001001", "330203001001,330203001002"],
        },
        schema=LOCATED,
    )
    files.write_books(books, tmp_path / target, located=located, form=form)
    raw = files.read_workbook(tmp_path / target)
    intake = standardise(raw, books.data_date)
    assert intake.rejects.is_empty()
    for kind in BOOKS:
        assert getattr(intake.books, kind).equals(getattr(books, kind)), kind
    assert read_located(raw).sort("key").equals(located)


def test_only_known_forms(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="form"):
        files.write_books(_books(), tmp_path, form="json")
