"""What `tuogu run` leaves behind, held against the truth of the synthetic city."""

from __future__ import annotations

import json

import openpyxl
import polars as pl
import pytest

from branches import CUSTOMERS
from command import Command

MONTHS = [f"m{m:02d}" for m in range(1, 13)]


@pytest.mark.req("P-13", "N-19")
def test_every_row_read_is_accepted_rejected_or_blank(branch):
    for sheet in branch.result["counts"]:
        skipped = sheet["skipped_blank"] + sheet["skipped_total"] + sheet["skipped_header"]
        assert sheet["read"] == sheet["accepted"] + sheet["rejected"] + skipped, sheet
    accepted = {c["kind"]: c["accepted"] for c in branch.result["counts"]}
    assert accepted["customers"] == CUSTOMERS
    assert accepted["policies"] == branch.truth("policies").height


@pytest.mark.req("S0-11")
def test_every_customer_is_coded_or_in_the_manual_queue(branch):
    assert branch.result["coded"] + branch.result["manual"] == CUSTOMERS
    assert branch.result["coded"] / CUSTOMERS > 0.85


@pytest.mark.req("S0-16", "S0-17", "S0-21", "N-02", "P-01")
def test_the_plan_has_no_violation_and_prints_its_bound_and_gap(branch):
    assert branch.result["violations"] == 0
    assert branch.result["lower_bound"] <= branch.result["objective"]
    assert branch.result["gap"] == pytest.approx(
        branch.result["objective"] / branch.result["lower_bound"] - 1
    )
    loads = branch.table("loads")
    assert loads.height == 12 * branch.result["managers"]
    assert loads["due"].min() >= 25
    assert loads["due"].max() <= 60
    broken = branch.table("breaks").filter(pl.col("level").is_in(["manager", "team"]))
    assert broken.is_empty(), broken


@pytest.mark.req("S0-18")
def test_each_unit_code_has_exactly_one_staff_number(branch):
    pairs = branch.table("assignments").select("unit_code", "staff_number").unique()
    assert pairs["unit_code"].is_unique().all()
    assert branch.table("assignments").group_by("unit_code").len()["len"].max() <= 50


@pytest.mark.req("S0-24")
def test_orphans_without_a_manager_are_left_with_the_buffer_group_each_with_a_reason(branch):
    unplaced, placed = branch.table("unplaced"), branch.table("assignments")
    assert set(unplaced["custodian"]) == {"buffer"}
    assert unplaced["reason"].null_count() == 0
    assert not set(unplaced["policy_number"]) & set(placed["policy_number"])


@pytest.mark.req("S0-20")
def test_the_monthly_list_adds_up_to_the_due_pieces(branch):
    sheet = openpyxl.load_workbook(branch.out / "登记表.xlsx", read_only=True)["每月应收清单"]
    due = branch.table("loads").group_by("month").agg(pl.col("due").sum()).sort("month")["due"].to_list()
    assert branch.table("assignments").select(pl.col(MONTHS).sum()).row(0) == tuple(due)
    cells = [[cell for cell in row if isinstance(cell, int)] for row in sheet.iter_rows(values_only=True)]
    assert any(row[-len(due) :] == due or row[:12] == due or row[-13:-1] == due for row in cells), due


@pytest.mark.req("N-03")
def test_explain_derives_the_same_person_from_the_stored_inputs(branch):
    for row in branch.table("assignments").sample(3, seed=1).iter_rows(named=True):
        found = branch.command.json("explain", row["policy_number"], "--db", branch.command.url)
        assert found["staff_number"] == row["staff_number"]
        best = min(
            (c for c in found["candidates"] if c["verdict"] in {"chosen", "dearer"}), key=lambda c: c["rank"]
        )
        assert best["staff_number"] == row["staff_number"]
        assert all(c["detail"] for c in found["candidates"])


@pytest.mark.req("N-03")
def test_explain_refuses_a_number_that_the_plan_does_not_know(branch):
    done = branch.command.try_run("explain", "没有这张", "--db", branch.command.url)
    assert done.returncode == 2
    assert "没有这张" in done.stderr


@pytest.mark.req("S0-11", "S0-21")
def test_the_same_workbook_and_seed_give_the_same_plan(branch, tmp_path):
    command = Command(f"sqlite:///{tmp_path / 'again.sqlite3'}", tmp_path)
    again = command.json(
        "run", branch.folder / "city" / "workbook.xlsx", "--out", tmp_path / "out", "--db", command.url,
        "--as-of", "2026-11-01", "--data-date", "2026-10-31", "--effort", 200_000,
    )  # fmt: skip
    for name in ("assignments", "units", "candidates"):
        assert pl.read_parquet(tmp_path / "out" / "plan" / f"{name}.parquet").equals(branch.table(name)), name
    assert again["objective"] == branch.result["objective"]


def test_importing_the_same_workbook_again_changes_nothing(own_branch):
    branch = own_branch
    found = branch.command.json(
        "import", branch.folder / "city" / "workbook.xlsx", "--db", branch.command.url, "--data-date", "2026-10-31",
        "--coverage", "full",
    )  # fmt: skip
    assert found["imported_before"]
    verified = branch.command.json("ledger", "verify", codes=(0,))
    assert not verified["problems"]


@pytest.mark.req("S0-02")
def test_the_address_command_speaks_json_lines(branch):
    text = "宁波市江东区白鹤街道白鹤社区35幢608室"
    answer = branch.command.run("address", "parse", stdin=json.dumps({"id": "1", "text": text}) + "\n")
    found = json.loads(answer)
    assert (found["building"], found["room"]) == ("35", "608")
    assert found["district"] == "鄞州区"
    assert found["district_surface"] == "江东区"
