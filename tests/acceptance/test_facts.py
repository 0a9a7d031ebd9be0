"""Facts from Excel to the database, by the command line: filed, corrected, listed, refused row by row with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

import databases
from branches import DATA_DATE
from command import Command

pytestmark = pytest.mark.database

TITLES = ("对象", "月份", "指标", "数值", "来源", "登记人")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A small branch, imported with the sheet of facts of its workbook."""
    folder = tmp_path_factory.mktemp("facts")
    with databases.copied(folder) as database:
        command = Command(database.url, folder)
        command.run("synth", "--out", folder / "city", "--customers", 600, "--data-date", DATA_DATE)
        imported = command.json("import", folder / "city" / "workbook.xlsx", "--data-date", DATA_DATE)
        yield Office(command, folder, imported)


class Office:
    """The command line on a branch with facts, and its truth."""

    def __init__(self, command: Command, folder: Path, imported: dict[str, Any]) -> None:
        self.command, self.folder, self.imported = command, folder, imported
        self.truth = pl.read_parquet(folder / "city" / "truth" / "facts.parquet")
        people = pl.read_parquet(folder / "city" / "truth" / "people.parquet")
        self.planners = people.filter(series="planner").sort("staff_number")["staff_number"].to_list()

    def sheet(self, name: str, *rows: tuple[Any, ...]) -> Path:
        """A workbook with the sheet of facts only; a tuple (number, format) is a formatted cell."""
        book = openpyxl.Workbook()
        page = book.active
        page.title = "考核指标"
        page.append(TITLES)
        for number, row in enumerate(rows, 2):
            for column, cell in enumerate(row, 1):
                value, form = cell if isinstance(cell, tuple) else (cell, None)
                page.cell(number, column).value = value
                if form:
                    page.cell(number, column).number_format = form
        book.save(self.folder / name)
        return self.folder / name

    def signed(self) -> tuple[str, ...]:
        """Options that sign a command: none while nobody has a token, afterwards the first one handed out."""
        tokens = list(self.command.tokens.values())
        return ("--token", tokens[0]) if tokens else ()

    def listed(self, *words: object) -> list[dict[str, Any]]:
        return list(self.command.json("facts", "--list", "--size", 2000, *words, *self.signed())["facts"])


@pytest.mark.req("S1-22")
def test_a_branch_workbook_files_its_facts_with_its_rows(office: Office) -> None:
    counts = next(c for c in office.imported["counts"] if c["kind"] == "facts")
    assert office.imported["facts"] == {"filed": office.truth.height, "corrected": 0, "unchanged": 0}
    assert counts["accepted"] == office.truth.height
    assert counts["rejected"] > 0
    found = {(f["subject"], f["month"], f["key"]): f["source_ref"] for f in office.listed()}
    wanted = office.truth.select("subject", pl.col("month").cast(pl.String), "key", "source_ref").rows()
    assert found == {(s, m, k): source for s, m, k, source in wanted}
    again = office.command.json("import", office.folder / "city" / "workbook.xlsx", "--data-date", DATA_DATE)
    assert (again["imported_before"], again["facts"]) == (True, {})


@pytest.mark.req("S1-22", "N-16")
def test_filed_then_corrected_the_later_wins_and_the_old_is_still_there(office: Office) -> None:
    planner, author = office.planners[2], office.planners[0]
    token = office.command.token(author)
    month = date(2026, 9, 1)
    words = ("--subject", planner, "--month", "2026-09", "--indicator", "参会率")
    first = office.sheet(
        "first.xlsx",
        (planner, month, "参会率", (0.2999, "0.00%"), "九月考勤", author),
        (planner, "2026年9月", "部门灵活调配分", 9.5, "九月评分表", author),
    )
    done = office.command.json("facts", first, "--token", token)
    assert done["rejects"] == []
    assert sum(done["facts"].values()) == 2
    (now,) = office.listed(*words)
    assert (now["figure"], now["source_ref"], now["filed_by"]) == ("29.99%", "九月考勤", author)
    correction = office.sheet("second.xlsx", (planner, month, "上月度参会率", "30%", "更正单1号", author))
    assert office.command.json("facts", correction, "--token", token)["facts"] == {
        "filed": 0, "corrected": 1, "unchanged": 0,
    }  # fmt: skip
    newest, *older = office.listed(*words, "--versions")
    assert (newest["figure"], newest["source_ref"], newest["counts"]) == ("30%", "更正单1号", True)
    assert next(line["figure"] for line in older if not line["counts"]) == "29.99%"
    assert newest["number"] == older[0]["number"] + 1


@pytest.mark.req("S1-16", "S1-22")
def test_every_bad_row_comes_back_with_its_reason_and_the_good_one_is_filed(office: Office) -> None:
    planner = office.planners[1]
    token = office.command.token(office.planners[0])
    bad = {
        "unknown_fact": (planner, "2026-10", "参会次数", "90%", "考勤", None),
        "unknown_subject": ("X00001", "2026-10", "参会率", "90%", "考勤", None),
        "figure_out_of_range": (planner, "2026-10", "工作日志合格率", "1200%", "检查表", None),
        "bad_figure": (planner, "2026-10", "任务完成率", 85.5, "系统", None),
        "future_month": (planner, "2099-01", "参会率", "90%", "考勤", None),
        "bad_month": (planner, "上个月", "参会率", "90%", "考勤", None),
        "missing_value": (planner, "2026-10", "参会率", "90%", None, None),
        "unknown_author": (planner, "2026-10", "部门灵活调配分", "9", "评分表", "X00001"),
        "duplicate_fact": (planner, "2024-01", "参会率", "91%", "考勤", None),
    }
    good = (planner, "2024-01", "参会率", "90%", "考勤", None)
    sheet = office.sheet("bad.xlsx", good, *bad.values())
    target = office.folder / "拒收.xlsx"
    done = office.command.json("facts", sheet, "--token", token, "--rejects", target, codes=(1,))
    assert done["facts"] == {"filed": 1, "corrected": 0, "unchanged": 0}
    told = {row["row"]: row["reason"] for row in done["rejects"]}
    assert told == dict(enumerate(bad, 3))
    assert all(row["sheet"] == "考核指标" and row["detail"] for row in done["rejects"])
    page = openpyxl.load_workbook(target)["考核指标"]
    lines = [str(row[0].value or "") for row in page]
    assert len([line for line in lines if not line.startswith("水印 · ")]) == 1 + len(bad)
    titles = [cell.value for cell in page[1]]
    assert "最接近的是“参会率”" in str(page.cell(2, titles.index("原因") + 1).value)


def test_a_discretion_beyond_ten_points_is_refused(office: Office) -> None:
    planner, author = office.planners[1], office.planners[0]
    rows = [
        (planner, f"2024-{m:02}", "部门灵活调配分", cell, "评分表", author)
        for m, cell in ((1, 0), (2, "10分"))
    ]
    over = [
        (planner, f"2024-{m:02}", "部门灵活调配分", cell, "评分表", author)
        for m, cell in ((3, 10.01), (4, -1))
    ]
    done = office.command.json(
        "facts",
        office.sheet("points.xlsx", *rows, *over),
        "--token",
        office.command.token(author),
        codes=(1,),
    )
    assert done["facts"]["filed"] == 2
    assert [(r["row"], r["reason"]) for r in done["rejects"]] == [
        (4, "figure_out_of_range"),
        (5, "figure_out_of_range"),
    ]


def test_what_the_command_refuses(office: Office) -> None:
    token = office.command.token(office.planners[0])
    assert office.command.try_run("facts").returncode == 2
    unsigned = office.command.try_run(
        "facts", office.sheet("a.xlsx", (office.planners[0], "2026-10", "参会率", "1%", "x", None))
    )
    assert unsigned.returncode == 2
    assert "令牌" in unsigned.stderr
    book = openpyxl.Workbook()
    book.active.title = "人员"
    book.active.append(("工号", "姓名", "系列"))
    book.save(office.folder / "people.xlsx")
    no_sheet = office.command.try_run("facts", office.folder / "people.xlsx", "--token", token)
    assert no_sheet.returncode == 2
    assert "考核指标" in no_sheet.stderr


def test_the_template_has_the_sheet_and_its_example_is_left_out(office: Office) -> None:
    office.command.run("template", office.folder / "模板.xlsx")
    page = openpyxl.load_workbook(office.folder / "模板.xlsx")["考核指标"]
    assert [str(cell.value).lstrip("*") for cell in page[1]] == list(TITLES)
    assert page["C2"].value == "参会率"
    assert page.data_validations.dataValidation
    token = office.command.token(office.planners[0])
    done = office.command.json("facts", office.folder / "模板.xlsx", "--token", token)
    assert done["counts"][0]["skipped_header"] == 1
    assert done["facts"] == {"filed": 0, "corrected": 0, "unchanged": 0}


def test_lists_for_people(office: Office) -> None:
    printed = office.command.run("facts", "--list", "--indicator", "premium", *office.signed())
    assert "全年保费收入" in printed
    assert "元" in printed
    assert "2025-12" in printed
