"""Files that are odd but not refused: the right is read, the wrong comes back, nothing comes alive."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter
import xlwt

from hostile import raw_xlsx
from hostile.raw_xlsx import CUSTOMERS, HEADERS, inline, parts, write
from intake_sheets import DATA_DATE
from tuogu import files
from tuogu.core.intake import Intake, standardise
from tuogu.core.intake_tables import RawWorkbook
from tuogu.files.safe_excel import open_workbook

_ID = "11010519491231002X"
_FORMULAS = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "\t=1+1",
    '=HYPERLINK("http://x","y")',
)


def _csv(folder: Path, data: bytes, name: str = "客户.csv") -> tuple[RawWorkbook, Intake]:
    (folder / name).write_bytes(data)
    return _read(folder / name)


def _read(path: Path) -> tuple[RawWorkbook, Intake]:
    raw = files.read_workbook(path)
    return raw, standardise(raw, DATA_DATE)


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [
        ("utf-8", ","),
        ("utf-8-sig", ";"),
        ("gb18030", "\t"),
        ("gb18030", ","),
        ("utf-16", ","),
        ("utf-16-le", "\t"),
        ("utf-16-be", ","),
    ],
)
def test_every_encoding_and_separator(encoding: str, separator: str, tmp_path: Path) -> None:
    rows = [HEADERS, ("C1", "𠮷野家", "女", "1949年12月31日", _ID, "１３８００１３８０００")]
    text = "\r\n".join(separator.join(row) for row in rows)
    _, intake = _csv(tmp_path, text.encode(encoding))
    assert intake.rejects.is_empty()
    row = intake.books.customers.row(0, named=True)
    assert (row["name"], row["birth_date"], row["phone"]) == ("𠮷野家", date(1949, 12, 31), "13800138000")


def test_csv_rows_keep_the_numbers_that_excel_shows(tmp_path: Path) -> None:
    text = 'sep=;\n客户清单;;\n\n客户号;姓名;联系电话\nC1;"张\n三";13800138000\n;;\nC2;李四;1\n'
    raw, intake = _csv(tmp_path, text.encode())
    assert raw.sheets["customers"].header_row == 3
    assert raw.sheets["customers"].frame["_row"].to_list() == [4, 5, 6]
    assert intake.rejects.select("row", "reason").rows() == [(6, "bad_phone")]
    assert intake.books.customers["name"].to_list() == ["张三"]


def test_a_separator_inside_a_value_sends_its_row_back(tmp_path: Path) -> None:
    text = "客户号,姓名,联系电话\nC1,张三,13800138000,楼上,2\nC2,李四,13800138000\n"
    raw, intake = _csv(tmp_path, text.encode())
    assert intake.rejects.select("row", "reason").rows() == [(2, "too_many_cells")]
    assert intake.books.customers["customer_number"].to_list() == ["C2"]
    files.write_rejects(raw, intake, tmp_path / "退回")
    _, again = _read(tmp_path / "退回" / "客户.csv")
    assert again.rejects["reason"].to_list() == ["too_many_cells"]


def test_numbers_that_excel_rounded_come_back(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        page = book.add_worksheet("客户")
        page.write_row(0, 0, ["客户号", "姓名", "证件号码", "联系电话"])
        page.write_row(1, 0, [330203198001011234, "张三", _ID, 13800138000])
        page.write_row(2, 0, [123456789012345, "李四", 440524188001010014, 13800138000])
        page.write_row(3, 0, [1234567890123456, "王五", "", 13800138000])
    _, intake = _read(tmp_path / "b.xlsx")
    assert intake.rejects.select("row", "column", "reason").rows() == [
        (2, "客户号", "rounded_number"),
        (3, "证件号码", "rounded_number"),
        (4, "客户号", "rounded_number"),
    ]


def test_old_workbooks_round_as_well(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("客户")
    style = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for row, cells in enumerate(
        [HEADERS, ("C1", "张三", "女", datetime.fromisoformat("1949-12-31"), _ID, 13800138000)]
    ):
        for column, cell in enumerate(cells):
            page.write(row, column, cell, style) if isinstance(cell, datetime) else page.write(
                row, column, cell
            )
    page.write(2, 0, 330203198001011234)
    page.write(2, 1, "李四")
    book.save(str(tmp_path / "b.xls"))
    raw, intake = _read(tmp_path / "b.xls")
    assert intake.books.customers.select("birth_date", "phone").row(0) == (date(1949, 12, 31), "13800138000")
    assert intake.rejects.select("row", "reason").rows() == [(3, "rounded_number")]
    assert any("错误值" in note for note in raw.notes)


@pytest.mark.parametrize("from_1904", [False, True])
def test_both_date_systems(from_1904: bool, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx"), {"date_1904": from_1904}) as book:
        page = book.add_worksheet("人员")
        page.write_row(0, 0, ["工号", "姓名", "系列", "入司日期", "离司日期"])
        page.write_row(1, 0, ["S1", "张三", "收展"])
        page.write_datetime(
            1, 3, datetime.fromisoformat("2011-03-05"), book.add_format({"num_format": "yyyy-mm-dd"})
        )
        page.write_number(1, 4, 40607 - (1462 if from_1904 else 0))
    raw, intake = _read(tmp_path / "b.xlsx")
    assert intake.books.people.select("hired_date", "left_date").row(0) == (
        date(2011, 3, 5),
        date(2011, 3, 5),
    )
    assert raw.sheets["people"].frame["离司日期"][0] == "40607"


def test_old_workbook_that_counts_from_1904(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.dates_1904 = True
    page = book.add_sheet("人员")
    for column, cell in enumerate(["工号", "姓名", "系列", "入司日期"]):
        page.write(0, column, cell)
    for column, value in enumerate(["S1", "张三", "收展", 40607 - 1462]):
        page.write(1, column, value)
    book.save(str(tmp_path / "b.xls"))
    assert _read(tmp_path / "b.xls")[1].books.people["hired_date"][0] == date(2011, 3, 5)


def test_error_values_of_formulas_come_back(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        book.add_worksheet("说明")
        page = book.add_worksheet("人员")
        page.write_row(2, 1, ["工号", "姓名", "系列", "手机"])
        page.write_row(3, 1, ["S1", "张三", "收展"])
        page.write_formula(3, 4, "=VLOOKUP(1,A:B,2,0)", None, "#N/A")
        page.write_formula(4, 1, '="S"&2', None, "S2")
        page.write_row(4, 2, ["李四", "收展"])
    _, intake = _read(tmp_path / "b.xlsx")
    assert intake.rejects.select("row", "column", "reason").rows() == [(4, "手机", "excel_error")]
    assert intake.books.people["staff_number"].to_list() == ["S2"]


def test_macros_are_not_run_and_their_workbook_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "b.xlsm", parts() | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 100})
    assert _read(path)[1].books.customers.height == 1


def test_the_extension_decides_nothing(tmp_path: Path) -> None:
    raw_xlsx.plain(tmp_path, "客户.csv")
    assert files.read_workbook(tmp_path / "客户.csv").format == "xlsx"
    (tmp_path / "客户.xlsx").write_text("客户号,姓名\nC1,张三\n", "utf-8")
    assert files.read_workbook(tmp_path / "客户.xlsx").format == "csv"


def test_a_lying_dimension_costs_nothing(tmp_path: Path) -> None:
    text = parts()["xl/worksheets/sheet1.xml"].replace(
        "<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>'
    )
    path = write(tmp_path / "b.xlsx", parts() | {"xl/worksheets/sheet1.xml": text})
    assert files.read_workbook(path).sheets["customers"].frame.height == 1


def test_invisible_and_control_characters(tmp_path: Path) -> None:
    row = inline("\u200bC2\u202e", "李_x0000_四_x0007_", "女", "", "", "138\u00a00013\u30008000", row=3)
    _, intake = _read(write(tmp_path / "b.xlsx", parts(CUSTOMERS + row)))
    assert intake.rejects.is_empty()
    assert intake.books.customers.select("customer_number", "name", "phone").row(1) == (
        "C2",
        "李四",
        "13800138000",
    )


def test_title_rows_merged_cells_and_two_header_rows(tmp_path: Path) -> None:
    with open_workbook(tmp_path / "b.xlsx") as book:
        page = book.add_worksheet("投保人资料2026")
        page.merge_range(0, 0, 0, 5, "某某分公司客户清单")
        page.merge_range(2, 0, 3, 0, "客户编号")
        page.merge_range(2, 1, 2, 2, "投保人")
        page.write_row(3, 1, ["姓名", "电话", "备注", "备注", "证件号码"])
        page.write_row(4, 0, ["C1", "张三", "13800138000", "甲", "乙", _ID])
    raw = files.read_workbook(tmp_path / "b.xlsx")
    sheet = raw.sheets["customers"]
    assert sheet.header_row == 4
    assert sheet.mapping == {
        "客户编号": "customer_number",
        "投保人姓名": "name",
        "投保人电话": "phone",
        "证件号码": "id_number",
    }
    assert sheet.frame.columns == [
        "_row",
        "客户编号",
        "投保人姓名",
        "投保人电话",
        "备注",
        "备注_2",
        "证件号码",
    ]
    assert raw.notes == ("工作表“投保人资料2026”中没有用到的列：备注、备注",)


def test_hidden_sheets_are_left_out_and_named(tmp_path: Path) -> None:
    with open_workbook(tmp_path / "b.xlsx") as book:
        for name in ("客户", "客户旧表"):
            page = book.add_worksheet(name)
            page.write_row(0, 0, HEADERS)
            page.write_row(1, 0, raw_xlsx.GOOD_ROW)
        page.hide()
    raw = files.read_workbook(tmp_path / "b.xlsx")
    assert raw.sheets["customers"].name == "客户"
    assert raw.notes == ("隐藏的工作表“客户旧表”没有读取",)


@pytest.mark.parametrize("formula", _FORMULAS)
def test_no_formula_ever_leaves_alive(formula: str, tmp_path: Path) -> None:
    """A formula in a bad row, in a header and in an unknown column comes back as plain text everywhere."""
    with open_workbook(tmp_path / "b.xlsx") as book:
        page = book.add_worksheet("客户")
        page.write_row(0, 0, ["客户号", "姓名", "联系电话", formula, "<r><t>x</t></r>"])
        page.write_row(1, 0, ["C1", "张三", formula, formula, "<r><t>x</t></r>"])
    raw, intake = _read(tmp_path / "b.xlsx")
    assert intake.rejects["reason"].to_list() == ["bad_phone"]
    files.write_rejects(raw, intake, tmp_path / "退回.xlsx")
    for row in openpyxl.load_workbook(tmp_path / "退回.xlsx")["客户"].iter_rows():
        assert {cell.data_type for cell in row if cell.value is not None} == {"s"}
    files.write_rejects(raw, intake, tmp_path / "退回")
    text = (tmp_path / "退回" / "客户.csv").read_text("utf-8-sig")
    cells = pl.read_csv(text.encode(), has_header=False, infer_schema=False).rows()
    assert not any(cell[:1] in "=+-@\t＝＋－＠" for row in cells for cell in row if cell)


def test_parquet_columns_of_every_type(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "工号": [12345, 330203198001011234],
            "姓名": pl.Series(["张三", "李四"], dtype=pl.Categorical),
            "系列": ["收展", "营销"],
            "是否主管": [True, False],
            "手机": [13800138000.0, None],
            "入司日期": [date(2011, 3, 5), None],
            "离司日期": [datetime.fromisoformat("2020-01-02"), None],
            "所属组": [3.3e17, 12.5],
        }
    )
    frame.write_parquet(tmp_path / "人员.parquet")
    raw, intake = _read(tmp_path / "人员.parquet")
    assert raw.sheets["people"].frame.row(0) == (
        1, "12345", "张三", "收展", "true", "13800138000", "2011-03-05", "2020-01-02", "3.30000000000000E+17",
    )  # fmt: skip
    assert raw.sheets["people"].frame.row(1) == (
        2, "330203198001011234", "李四", "营销", "false", None, None, None, "12.5",
    )  # fmt: skip
    assert intake.rejects.select("row", "column", "reason").rows() == [(1, "所属组", "rounded_number")]


@pytest.mark.exhaustive
def test_a_full_sheet_of_1048576_rows(tmp_path: Path) -> None:
    with open_workbook(tmp_path / "b.xlsx", constant_memory=True) as book:
        page = book.add_worksheet("客户")
        page.write_row(0, 0, ["客户号", "姓名"])
        for row in range(1, 1_048_576):
            page.write_row(row, 0, [f"C{row}", "张三"])
    raw, intake = _read(tmp_path / "b.xlsx")
    assert raw.sheets["customers"].frame.height == 1_048_575
    assert intake.books.customers.height == 1_048_575
