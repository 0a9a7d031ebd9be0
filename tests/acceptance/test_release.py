"""From a plan that awaits approval to custody that has moved, and back; by two people, on the command line."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()


@pytest.fixture(scope="module")
def released(own_branch):
    """Approve by a collection supervisor, release by a service person; returns (branch, approver, releaser, rows)."""
    command, plan = own_branch.command, own_branch.result["plan"]
    approver, releaser = own_branch.staff("collection"), own_branch.staff("service", 1)
    command.run("approve", plan, "--token", command.token(approver), "--note", "同意")
    rows = command.json("release", "--token", command.token(releaser), "--override", "演示")
    return own_branch, approver, releaser, rows


@pytest.mark.req("S0-19", "S0-23", "P-02", "P-03")
def test_a_release_posts_the_first_instalment_and_no_other(released):
    branch, _, _, rows = released
    first = branch.table("assignments").filter(instalment=1)
    assert [(r["instalment"], r["posted"], r["stale"]) for r in rows] == [(1, first.height, 0)]
    plans = branch.command.json("plans")
    assert [r["state"] for r in plans["scheduled"]] == ["posted", "scheduled", "scheduled", "scheduled"]
    assert min(r["due_date"] for r in plans["scheduled"][1:]) > str(TODAY)


@pytest.mark.req("S0-19")
def test_releasing_again_changes_nothing(released):
    branch, _, releaser, _ = released
    assert branch.command.json("release", "--token", branch.command.token(releaser)) == []
    assert branch.command.json("ledger", "verify", codes=(0,))["problems"] == []


@pytest.mark.req("P-18", "S0-25")
def test_a_leaver_gives_up_the_whole_book_at_once_and_history_tells_it(released):
    branch, _, releaser, _ = released
    first = branch.table("assignments").filter(instalment=1)
    leaver = first.group_by("staff_number").len().sort("len", "staff_number")["staff_number"][-1]
    policy = first.filter(staff_number=leaver)["policy_number"].sort()[0]
    branch.command.run("leave", leaver, "--token", branch.command.token(releaser), "--day", TODAY)
    history = branch.command.json("ledger", "history", policy)
    kinds = [row["kind"] for row in history if row["relation"] == "custody"]
    assert kinds == ["open", "release", "leave"]


@pytest.mark.req("N-06")
def test_undo_takes_back_what_is_untouched_and_lists_the_rest(released):
    branch, approver, releaser, _ = released
    command = branch.command
    left = branch.table("assignments").filter(instalment=1)
    leavers = left.group_by("staff_number").len().sort("len", "staff_number")[-1]
    scheduled = next(r["id"] for r in command.json("plans")["scheduled"] if r["state"] == "posted")
    undone = command.json(
        "undo", scheduled, "--token", command.token(releaser), "--approver-token", command.token(branch.staff("service", 2))
    )
    assert undone["posted"] == left.height - leavers["len"][0]
    assert undone["conflicts"] == leavers["len"][0]
    assert {row["kind"] for row in undone["conflict_rows"]} == {"leave"}
    assert command.json("ledger", "verify", codes=(0,))["problems"] == []


def test_who_approves_a_plan_may_not_release_it(branch):
    command, plan = branch.command, branch.result["plan"]
    token = command.token(branch.staff("collection"))
    command.run("approve", plan, "--token", token)
    done = command.try_run("release", "--token", token)
    assert done.returncode == 2
    assert "审批人" in done.stdout + done.stderr
    posted = [r for r in command.json("plans")["scheduled"] if r["state"] == "posted"]
    assert posted == []


def test_an_unknown_token_signs_nothing(branch):
    done = branch.command.try_run("release", "--token", "nobody")
    assert done.returncode == 2
    assert "令牌" in done.stderr


@pytest.mark.req("S0-23")
def test_a_scheduled_release_can_be_cancelled_before_its_day(released):
    branch, _, releaser, _ = released
    token = branch.command.token(releaser)
    waiting = [r["id"] for r in branch.command.json("plans")["scheduled"] if r["state"] == "scheduled"]
    branch.command.run("cancel", waiting[-1], "--token", token, "--reason", "改期")
    states = {r["id"]: r["state"] for r in branch.command.json("plans")["scheduled"]}
    assert states[waiting[-1]] == "cancelled"
    again = branch.command.try_run("cancel", waiting[-1], "--token", token, "--reason", "再改")
    assert again.returncode == 2


def test_the_released_are_held_by_the_people_of_the_plan(released):
    branch, _, _, _ = released
    sample = branch.table("assignments").filter(instalment=2).sample(2, seed=3)
    for policy in sample["policy_number"]:
        rows = branch.command.json("ledger", "history", policy)
        assert [r["kind"] for r in rows if r["relation"] == "custody"] == ["open"]
    assert isinstance(branch.table("units"), pl.DataFrame)
