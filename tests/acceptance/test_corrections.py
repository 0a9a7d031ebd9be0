"""Corrected rejects come back, a file without people or customers is read with what is stored, a leaver stays away."""

from __future__ import annotations

import json
import subprocess
import sys

import openpyxl
import polars as pl
import pytest

from branches import DATA_DATE, Branch

HOLDERS = """
import sys, json, django; django.setup()
from tuogu.cli.database import held_by
print(json.dumps({n: c for n, c in held_by().iter_rows()}))
"""


@pytest.fixture(scope="module")
def stored(own_branch: Branch) -> Branch:
    return own_branch


def holders(branch: Branch) -> dict[str, str]:
    environment = branch.command.environment | {"DJANGO_SETTINGS_MODULE": "tuogu.settings"}
    done = subprocess.run(
        [sys.executable, "-c", HOLDERS], env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def cells(sheet: openpyxl.worksheet.worksheet.Worksheet) -> dict[str, int]:
    """Header text → column of the first row that holds 原因."""
    for row in sheet.iter_rows(min_row=1, max_row=6):
        names = {str(cell.value): cell.column for cell in row if cell.value}
        if "原因" in names:
            return names | {"_row": row[0].row}
    raise AssertionError("no header row")


@pytest.mark.req("P-13")
def test_a_corrected_reject_is_accepted_and_the_others_are_rejected_again(stored, tmp_path):
    book = openpyxl.load_workbook(stored.out / "拒收行.xlsx")
    sheet = book["保单"]
    names = cells(sheet)
    reason, premium = names["原因"], next(c for n, c in names.items() if "保费" in n or "缴费金额" in n)
    bad = [
        r for r in range(names["_row"] + 1, sheet.max_row + 1)
        if "保费" in str(sheet.cell(r, reason).value) and "；" not in str(sheet.cell(r, reason).value)
    ]  # fmt: skip
    assert bad, "the synthetic workbook has rows with a bad premium only"
    sheet.cell(bad[0], premium).value = "1200"
    for name in book.sheetnames:
        if name != "保单":
            del book[name]
    book.save(tmp_path / "fixed.xlsx")
    before = holders(stored)
    found = stored.command.json("import", tmp_path / "fixed.xlsx", "--data-date", DATA_DATE)
    assert found["import"]["policies"] == 1
    assert found["counts"][0]["rejected"] == found["counts"][0]["read"] - found["counts"][0][
        "accepted"
    ] - sum(found["counts"][0][k] for k in ("skipped_blank", "skipped_total", "skipped_header"))
    after = holders(stored)
    assert {n: after[n] for n in before} == before, "nobody else's custody moved"


def test_a_file_without_people_knows_the_people_that_are_stored(stored, tmp_path):
    policies = stored.truth("policies").filter(kind="main", state="in_force").sort("policy_number")
    people = stored.truth("people").filter(pl.col("left_date").is_null(), pl.col("series") == "marketing")
    mine = policies.join(people.select(agent_number="staff_number"), on="agent_number", how="semi")
    one = mine.filter(pl.col("source").is_null()).head(1).with_columns(policy_number=pl.lit("PNEW000001"))
    (tmp_path / "new").mkdir()
    from tuogu.core.tables import Books
    from tuogu.files import write_books

    write_books(
        Books(one, *(stored.truth(n).head(0) for n in ("customers", "people", "institutions"))),
        tmp_path / "new",
    )
    for file in (tmp_path / "new").iterdir():
        if "保单" not in file.name:
            file.unlink()
    found = stored.command.json("import", tmp_path / "new", "--data-date", DATA_DATE, codes=(0,))
    assert found["import"]["opened"] == 1
    assert holders(stored)["PNEW000001"] == one["agent_number"][0]


@pytest.mark.req("S0-25", "P-03")
def test_who_has_left_gets_nothing_in_the_next_plan_and_the_preview_is_what_would_be_posted(stored, tmp_path):
    command = stored.command
    clerk = command.token(stored.staff("service"))
    leaver = stored.table("assignments")["staff_number"].sort()[0]
    command.run("leave", leaver, "--token", clerk)
    again = command.json(
        "run", stored.folder / "city" / "workbook.xlsx", "--out", tmp_path / "second", "--db", command.url,
        "--data-date", DATA_DATE, "--effort", 100_000, "--token", clerk,
    )  # fmt: skip
    planned = pl.read_parquet(tmp_path / "second" / "plan" / "assignments.parquet")
    assert leaver not in set(planned["staff_number"])
    preview = command.json("preview", again["plan"])
    assert {row["new_custodian"] for row in preview["changes"]} <= set(planned["staff_number"]) | {"buffer"}


def test_unsigned_work_is_refused_once_people_have_tokens(stored):
    stored.command.token(stored.staff("service"))
    done = stored.command.try_run(
        "import", stored.folder / "city" / "workbook.xlsx", "--data-date", DATA_DATE, "--coverage", "full"
    )
    assert done.returncode == 2
    assert "--token" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("check", "99"), "没有方案 99"),
        (("preview", "99"), "没有方案 99"),
        (("explain", "X", "--plan", "99"), "没有方案 99"),
        (("plans", "--db", "mysql://x/y"), "sqlite:///"),
        (("plans", "--db", "sqlite:////nowhere/at/all.sqlite3"), "找不到数据库"),
        (("ledger", "verify", "--db", "postgresql:///none?host=/nowhere"), "数据库"),
    ],
)
def test_a_mistake_is_refused_in_chinese_without_a_traceback(stored, words, message):
    done = stored.command.try_run(*words)
    assert done.returncode == 2, done.stderr[-800:]
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_lost_key_file_is_not_replaced_silently(stored, tmp_path):
    keys = stored.folder / "keys"
    keys.rename(tmp_path / "keys")
    try:
        done = stored.command.try_run(
            "import", stored.folder / "city" / "workbook.xlsx", "--data-date", DATA_DATE
        )
        assert done.returncode == 2
        assert "密钥文件" in done.stderr
        assert not keys.exists()
    finally:
        (tmp_path / "keys").rename(keys)
