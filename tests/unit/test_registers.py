"""The register workbook, read back cell by cell: totals, print set-up, masks, figures that agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from branch import (
    AS_OF,
    BAIHE,
    BAISHA,
    JIANGXIA,
    RULEBOOK,
    book,
    books,
    certificate,
    customers,
    hand_made_plan,
    located,
    people,
    policies,
)
from tuogu.core.census import census
from tuogu.core.changes import change_table
from tuogu.core.tables import MONTH_COLUMNS, REJECTS, Book, Plan
from tuogu.files.registers import write_registers

NAMES = {"A2": "陈雅琴", "A3": "徐志宏", "A4": "=HYPERLINK(1)"}
HEADER = 3  # the header's row, one-based


@cache
def branch_book() -> Book:
    """80 orphans of 40 holders in three communities, one holder not coded, one unreachable."""
    rows: list[dict[str, Any]] = [
        {
            "policy_number": f"20153302{n:08d}",
            "holder_number": f"C{n % 40}",
            "premium_fen": 10_001 + n,
            "payments_per_year": [1, 1, 2, 4, 12][n % 5],
            "inception_date": date(2015, 1 + n % 12, 1 + n % 28),
            "agent_number": "GONE",
        }
        for n in range(80)
    ]
    holders: list[dict[str, Any]] = [
        {"customer_number": f"C{n}", "name": "=1+1" if n == 3 else "王小波", "contactable": n != 5}
        for n in range(40)
    ]
    places = {f"C{n}": [BAIHE, BAISHA, JIANGXIA][n % 3] if n else None for n in range(40)}
    staff = people(
        {"staff_number": "A2", "name": "陈雅琴", "supervisor": True},
        {"staff_number": "A3", "name": "徐志宏"},
        {"staff_number": "A4", "name": "胡佩芬", "team_code": "T2"},
        {"staff_number": "A5", "name": "章立军", "team_code": "T2"},
        {"staff_number": "GONE", "left_date": date(2024, 5, 1)},
    )
    given = books(policies(*rows), customers(*holders), staff)
    return book(given, located(**places), located(A2=BAIHE, A3=BAISHA, A4=JIANGXIA, A5=None))


def branch_plan() -> Plan:
    return hand_made_plan(branch_book(), ["A2", "A3", "A4"])


def written(path: Path, plan: Plan | None = None, **options: Any) -> openpyxl.Workbook:
    rulebook = RULEBOOK.replace(registers__page_rows=options.pop("page_rows", 10))
    target = path / "registers.xlsx"
    files = write_registers(plan or branch_plan(), branch_book(), rulebook, target, names=NAMES, **options)
    assert files[0] == target
    return openpyxl.load_workbook(target)


def table(sheet: Worksheet) -> list[dict[str, Any]]:
    """Rows below the header as {header: value}."""
    headers = [cell.value for cell in sheet[HEADER]]
    return [
        dict(zip(headers, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(HEADER + 1)
    ]


def texts(workbook: openpyxl.Workbook) -> str:
    return "\n".join(
        str(cell.value)
        for sheet in workbook
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    )


SHEETS = [
    "分配登记表",
    "每月应收清单",
    "分布表",
    "待人工编码",
    "未分配及原因",
    "更改对照",
    "更改汇总",
    "计划证书",
    "存量统计",
    "客户经理住址",
]


def test_one_workbook_with_every_sheet_set_up_for_print(tmp_path: Path) -> None:
    workbook = written(tmp_path)
    assert workbook.sheetnames == SHEETS
    for sheet in workbook:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.print_title_rows == "$1:$3"
        assert "第 &P 页，共 &N 页" in sheet.oddFooter.right.text
        assert sheet.freeze_panes is not None
        assert sheet.auto_filter.ref.startswith("A3:")


# --- 分配登记表 ---------------------------------------------------------------------------------


def allocation_lines(workbook: openpyxl.Workbook) -> list[tuple[int, list[Any]]]:
    sheet = workbook["分配登记表"]
    return [(row[0].row, [cell.value for cell in row]) for row in sheet.iter_rows(HEADER + 1)]


@pytest.mark.req("S0-18")
def test_each_page_carries_its_total_and_the_whole_is_the_sum_of_the_pages(tmp_path: Path) -> None:
    plan = branch_plan()
    lines = [values for _, values in allocation_lines(written(tmp_path))]
    rows = [line for line in lines if isinstance(line[0], int)]
    assert [line[0] for line in rows] == list(range(1, plan.assignments.height + 1))
    on_page: list[float] = []
    page_sums = []
    for line in lines:
        if isinstance(line[0], int):
            on_page.append(line[8])
        elif str(line[0]).startswith("本页小计"):
            assert 1 <= len(on_page) <= 10
            assert line[3] == f"{len(on_page)} 件"
            assert line[8] == pytest.approx(sum(on_page))
            page_sums.append(line[8])
            on_page = []
    whole = next(line for line in lines if line[0] == "合计")
    assert whole[3] == f"{plan.assignments.height} 件"
    assert whole[8] == pytest.approx(sum(page_sums))
    premiums = plan.assignments.join(branch_book().books.policies, on="policy_number")["premium_fen"].sum()
    assert whole[8] == pytest.approx(premiums / 100)
    assert whole[10] == plan.assignments.select(pl.sum_horizontal(MONTH_COLUMNS)).sum().item()


@pytest.mark.req("S0-18")
def test_managers_start_new_pages_and_a_page_ends_with_signatures(tmp_path: Path) -> None:
    workbook = written(tmp_path)
    lines = allocation_lines(workbook)
    signatures = [row for row, line in lines if str(line[0]).startswith("制表")]
    starts = [row for row, line in lines if "客户经理：" in str(line[0])]
    breaks = [item.id for item in workbook["分配登记表"].row_breaks.brk]
    assert breaks == signatures[:-1]  # a break follows each page but the last
    assert starts == [HEADER + 1, *(row + 1 for row in breaks)]
    last = next(line for row, line in lines if row == signatures[-1])
    assert all(word in last[0] for word in ("制表", "复核", "审批", "客户经理签名"))
    pages = {line[0] for _, line in lines if "客户经理：" in str(line[0])}
    assert any("陈雅琴（A2）" in page and "第 2/3 页" in page for page in pages)


@pytest.mark.req("S0-18")
def test_each_unit_code_has_one_staff_number(tmp_path: Path) -> None:
    plan = hand_made_plan(branch_book(), ["A2", "A3", "A4"], moved={f"20153302{n:08d}" for n in (1, 2, 4)})
    rows = [line for _, line in allocation_lines(written(tmp_path, plan)) if isinstance(line[0], int)]
    pairs = {(line[1], line[14]) for line in rows}
    assert len(pairs) == len({unit for unit, _ in pairs}) == 5
    assert {line[12] for line in rows} == {"整单元", "相邻区件"}


def test_identifiers_are_text_and_nothing_becomes_a_formula(tmp_path: Path) -> None:
    workbook = written(tmp_path, masked=False)
    for sheet in workbook:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
    rows = [line for _, line in allocation_lines(workbook) if isinstance(line[0], int)]
    assert all(isinstance(line[3], str) and line[3].startswith("20153302") for line in rows)
    assert "=1+1" in {line[4] for line in rows}
    assert "=HYPERLINK(1)" in {line[13] for line in rows}


@pytest.mark.req("L-05")
def test_customers_are_masked_and_staff_are_named(tmp_path: Path) -> None:
    shown = texts(written(tmp_path))
    assert "王小波" not in shown
    assert "13812341234" not in shown
    assert "1幢101" not in shown
    assert "王**" in shown
    assert "138****1234" in shown
    assert "*幢***室" in shown
    assert "徐志宏" in shown
    plain = texts(written(tmp_path, masked=False))
    assert "王小波" in plain
    assert "13812341234" in plain


# --- 每月应收清单 and the others -----------------------------------------------------------------


@pytest.mark.req("S0-20")
def test_twelve_columns_a_manager_and_sums_that_equal_the_census(tmp_path: Path) -> None:
    plan = branch_plan()
    rows = {
        row["组"] if row["客户经理"] is None else row["工号"]: row
        for row in table(written(tmp_path)["每月应收清单"])
    }
    months = [f"{n}月" for n in range(1, 13)]
    for number in ("A2", "A3", "A4", "A5"):
        due = plan.assignments.filter(staff_number=number).select(pl.col(MONTH_COLUMNS).sum()).row(0)
        assert tuple(rows[number][month] for month in months) == due
    assert rows["A5"]["全年件数"] == 0  # in post, holds nothing, and is on the list
    stock = census(branch_book(), RULEBOOK, AS_OF).months
    assert tuple(rows["合计 = 存量统计"][month] for month in months) == stock
    parts = [rows["客户经理合计"], rows["保全组（未分配）"]]
    assert tuple(sum(part[month] for part in parts) for month in months) == stock
    assert rows["收展一组小计"]["1月"] == rows["A2"]["1月"] + rows["A3"]["1月"]


@pytest.mark.req("S0-20")
def test_months_outside_the_band_stand_on_a_coloured_ground(tmp_path: Path) -> None:
    rulebook = RULEBOOK.replace(territory__month_load_min=8, territory__month_load_max=9)
    target = tmp_path / "r.xlsx"
    write_registers(branch_plan(), branch_book(), rulebook, target, names=NAMES)
    sheet = openpyxl.load_workbook(target)["每月应收清单"]
    assert "8–9" in sheet["A2"].value
    seen = set()
    for row in sheet.iter_rows(HEADER + 1, min_col=2, max_col=15):
        if row[1].value:  # a manager's row
            for cell in row[2:]:
                ground = cell.fill.fgColor.rgb if cell.fill.fill_type else None
                expected = "FFA9CDF0" if cell.value < 8 else "FFF6B27A" if cell.value > 9 else None
                assert ground == expected
                seen.add(expected)
    assert seen == {"FFA9CDF0", "FFF6B27A", None}


@pytest.mark.req("S0-12")
def test_distribution_sums_to_the_stock_and_agrees_with_the_census_sheet(tmp_path: Path) -> None:
    workbook = written(tmp_path)
    rows = table(workbook["分布表"])
    by_level = {
        level: sum(row["存量件数"] for row in rows if row["层级"] == level)
        for level in ("合计", "区县", "街道", "社区")
    }
    assert by_level["合计"] == by_level["区县"] == 80
    assert by_level["街道"] == by_level["社区"] == 78  # two policies of one holder are not coded
    assert table(workbook["存量统计"])[-1]["主险件数"] == 80


@pytest.mark.req("S0-11", "S0-24")
def test_what_is_not_placed_is_listed_once_with_a_reason_and_a_keeper(tmp_path: Path) -> None:
    workbook = written(tmp_path)
    plan = branch_plan()
    rows = table(workbook["未分配及原因"])
    assert sorted(row["保单号码"] for row in rows) == sorted(plan.unplaced["policy_number"])
    assert {row["原因"] for row in rows} == {"困难件", "地址待编码"}
    assert {row["现由谁负责"] for row in rows} == {"保全组"}
    assert "困难件 2" in workbook["未分配及原因"]["A2"].value
    (queued,) = table(workbook["待人工编码"])
    assert (queued["客户号"], queued["保单件数"], queued["原因"]) == ("C0", 2, "未写社区")
    assert queued["候选社区（按把握排序）"] == "1 白云街道白沙社区；2 白云街道白鹤社区"


@pytest.mark.req("S0-11")
def test_candidates_outside_the_book_are_named_by_the_code_book(tmp_path: Path) -> None:
    given = branch_book()
    elsewhere = given.located.with_columns(candidates=pl.lit("330204003001,330299999999"))
    regions = pl.DataFrame(
        [("330204003", "东胜街道", "330204"), ("330204003001", "史家社区", "330204003")],
        schema=["code", "name", "parent_code"],
        orient="row",
    )
    target = tmp_path / "r.xlsx"
    write_registers(
        branch_plan(), replace(given, located=elsewhere), RULEBOOK, target, names=NAMES, regions=regions
    )
    (queued,) = table(openpyxl.load_workbook(target)["待人工编码"])
    assert queued["候选社区（按把握排序）"] == "1 东胜街道史家社区；2 330299999999"


@pytest.mark.req("P-03")
def test_the_preview_of_changes_has_the_rows_that_would_be_applied(tmp_path: Path) -> None:
    plan = branch_plan()
    holdings = plan.assignments.select("policy_number", custodian=pl.lit("A2"))
    changes = change_table(plan, holdings)
    workbook = written(tmp_path, changes=changes)
    rows = table(workbook["更改对照"])
    assert [row["保单号码"] for row in rows] == changes.sort("new_custodian", "policy_number")[
        "policy_number"
    ].to_list()
    assert {(row["原责任人"], row["新责任人"]) for row in rows} == {
        ("陈雅琴", "徐志宏"),
        ("陈雅琴", "=HYPERLINK(1)"),
    }
    assert sum(row["件数"] for row in table(workbook["更改汇总"])) == len(rows)


@pytest.mark.req("S0-14")
def test_homes_stop_at_the_community_and_exceptions_are_named(tmp_path: Path) -> None:
    sheet = written(tmp_path)["客户经理住址"]
    rows = {row["工号"]: row for row in table(sheet)}
    assert (rows["A2"]["岗位"], rows["A2"]["社区"]) == ("主管", "白鹤社区")
    assert (rows["A5"]["社区"], rows["A5"]["编码情况"]) == (None, "待编码：未写社区")
    assert "1 人待编码" in sheet["A2"].value


@pytest.mark.req("N-02")
def test_the_certificate_says_bound_gap_and_what_is_not_proved(tmp_path: Path) -> None:
    plan = replace(
        branch_plan(),
        certificate=certificate(
            limits_hit=("search_moves",),
            violations=3,
            contiguity="not_judged: 没有坐标",
            binding=(("A2", "visits"),),
        ),
    )
    rows = {row["项目"]: row for row in table(written(tmp_path, plan)["计划证书"]) if row["项目"] != "来源"}
    assert rows["硬性违规"]["数值"] == "3"
    assert rows["差距"]["数值"] == "1.73%"
    assert "1,811,300" in rows["差距"]["说明"]
    assert rows["求解上限"]["数值"] == "已触及"
    assert "没有坐标" in rows["片区完整"]["说明"]
    assert "陈雅琴" in rows["年度上限"]["说明"]


def test_rejected_rows_have_a_sheet_when_given(tmp_path: Path) -> None:
    rejects = pl.DataFrame(
        [{"sheet": "保单", "row": 7, "column": "保单号码", "reason": "rounded_number", "detail": "已被舍入"}],
        schema=REJECTS,
    )
    workbook = written(tmp_path, rejects=rejects)
    assert table(workbook["导入退回"]) == [
        {"工作表": "保单", "行号": 7, "列": "保单号码", "原因代码": "rounded_number", "说明": "已被舍入"}
    ]


# --- big, split, empty --------------------------------------------------------------------------


def test_a_split_book_has_a_workbook_a_team_with_all_rows_between_them(tmp_path: Path) -> None:
    target = tmp_path / "registers.xlsx"
    files = write_registers(branch_plan(), branch_book(), RULEBOOK, target, names=NAMES, split_by_team=True)
    assert [file.name for file in files] == [
        "registers.xlsx",
        "registers_收展一组.xlsx",
        "registers_收展二组.xlsx",
    ]
    assert "分配登记表" not in openpyxl.load_workbook(files[0]).sheetnames
    rows = [
        line[3]
        for file in files[1:]
        for _, line in allocation_lines(openpyxl.load_workbook(file))
        if isinstance(line[0], int)
    ]
    assert sorted(rows) == sorted(branch_plan().assignments["policy_number"])


def test_flat_memory_writes_the_same_cells(tmp_path: Path) -> None:
    plan, given = branch_plan(), branch_book()
    write_registers(plan, given, RULEBOOK, tmp_path / "a.xlsx", names=NAMES)
    flat = RULEBOOK.replace(registers__large_rows=0)
    write_registers(plan, given, flat, tmp_path / "b.xlsx", names=NAMES)
    cells = [
        [[cell.value for cell in row] for sheet in openpyxl.load_workbook(file) for row in sheet.iter_rows()]
        for file in (tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    ]
    assert cells[0] == cells[1]


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_registers(branch_plan(), branch_book(), RULEBOOK, tmp_path / name, names=NAMES)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_plan_without_assignments_prints_and_says_so(tmp_path: Path) -> None:
    plan = branch_plan()
    nothing = replace(
        plan, assignments=plan.assignments.clear(), units=plan.units.clear(), loads=plan.loads.clear()
    )
    workbook = written(tmp_path, nothing)
    assert workbook["分配登记表"]["A4"].value == "（无）"
    assert "没有客户经理" in texts(workbook)


def test_more_pages_than_a_sheet_may_break_go_on_to_a_second_sheet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuogu.files.register_allocation._PAGE_BREAKS_MAX", 4)
    workbook = written(tmp_path)
    parts = [sheet for sheet in workbook if sheet.title.startswith("分配登记表")]
    assert len(parts) == 3  # a manager has three pages
    rows = [
        row[3].value
        for sheet in parts
        for row in sheet.iter_rows(HEADER + 1)
        if isinstance(row[0].value, int)
    ]
    assert sorted(rows) == sorted(branch_plan().assignments["policy_number"])
