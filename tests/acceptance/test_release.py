"""From a plan that awaits approval to custody that has moved, and back; by two people, on the command line."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from branches import Branch

pytestmark = pytest.mark.database
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()


@dataclass(frozen=True)
class Released:
    """A branch whose first instalment is posted; who signed, and what the command printed."""

    branch: Branch
    approver: str
    releaser: str
    rows: list[dict[str, Any]]
    approver_tried: subprocess.CompletedProcess[str]

    @property
    def first(self) -> pl.DataFrame:
        return self.branch.table("assignments").filter(instalment=1)

    @property
    def leaver(self) -> str:
        """Whoever holds most of the first instalment and did not approve it."""
        held = self.first.filter(pl.col("staff_number") != self.approver).group_by("staff_number").len()
        return held.sort("len", "staff_number")["staff_number"][-1]

    def token(self, staff_number: str) -> str:
        return self.branch.command.token(staff_number)


@pytest.fixture(scope="module")
def released(own_branch) -> Released:
    """Approve by a collection supervisor, who then tries to release in vain; release by a service person."""
    command, plan = own_branch.command, own_branch.result["plan"]
    approver, releaser = own_branch.staff("collection"), own_branch.staff("service")
    command.run("approve", plan, "--token", command.token(approver), "--note", "同意")
    tried = command.try_run("release", "--token", command.token(approver))
    rows = command.json("release", "--token", command.token(releaser))
    return Released(own_branch, approver, releaser, rows, tried)


@pytest.mark.req("S0-19", "S0-23", "P-02", "P-03")
def test_a_release_posts_the_first_instalment_and_no_other(released):
    assert [(r["instalment"], r["posted"], r["stale"]) for r in released.rows] == [
        (1, released.first.height, 0)
    ]
    plans = released.branch.command.json("plans")
    assert [r["state"] for r in plans["scheduled"]] == ["posted", "scheduled", "scheduled", "scheduled"]
    assert min(r["due_date"] for r in plans["scheduled"][1:]) > str(TODAY)


@pytest.mark.req("S0-19")
def test_releasing_again_changes_nothing(released):
    command = released.branch.command
    assert command.json("release", "--token", released.token(released.releaser)) == []
    assert command.json("ledger", "verify", codes=(0,))["problems"] == []


@pytest.mark.req("P-18", "S0-25")
def test_a_leaver_gives_up_the_whole_book_at_once_and_history_tells_it(released):
    command, leaver = released.branch.command, released.leaver
    policy = released.first.filter(staff_number=leaver)["policy_number"].sort()[0]
    command.run("leave", leaver, "--token", released.token(released.releaser), "--day", TODAY)
    history = command.json("ledger", "history", policy)
    kinds = [row["kind"] for row in history if row["relation"] == "custody"]
    assert kinds == ["open", "release", "leave"]


@pytest.mark.req("N-06")
def test_undo_takes_back_what_is_untouched_and_lists_the_rest(released):
    command = released.branch.command
    moved_on = released.first.filter(staff_number=released.leaver).height
    scheduled = next(r["id"] for r in command.json("plans")["scheduled"] if r["state"] == "posted")
    undone = command.json(
        "undo", scheduled, "--token", released.token(released.releaser),
        "--approver-token", released.token(released.approver),
    )  # fmt: skip
    assert undone["posted"] == released.first.height - moved_on
    assert undone["conflicts"] == moved_on
    assert {row["kind"] for row in undone["conflict_rows"]} == {"leave"}
    assert command.json("ledger", "verify", codes=(0,))["problems"] == []


def test_who_approved_a_plan_may_not_release_it(released):
    assert released.approver_tried.returncode == 2
    assert "审批人" in released.approver_tried.stdout


def test_an_unknown_token_signs_nothing(released):
    done = released.branch.command.try_run("release", "--token", "nobody")
    assert done.returncode == 2
    assert "令牌" in done.stderr


@pytest.mark.req("S0-23")
def test_a_scheduled_release_can_be_cancelled_before_its_day(released):
    branch, token = released.branch, released.token(released.releaser)
    waiting = [r["id"] for r in branch.command.json("plans")["scheduled"] if r["state"] == "scheduled"]
    branch.command.run("cancel", waiting[-1], "--token", token, "--reason", "改期")
    states = {r["id"]: r["state"] for r in branch.command.json("plans")["scheduled"]}
    assert states[waiting[-1]] == "cancelled"
    again = branch.command.try_run("cancel", waiting[-1], "--token", token, "--reason", "再改")
    assert again.returncode == 2


def test_a_policy_of_a_later_instalment_has_not_moved(released):
    later = (
        released.branch.table("assignments").filter(instalment=2).sort("policy_number")["policy_number"][0]
    )
    history = released.branch.command.json("ledger", "history", later)
    assert [row["kind"] for row in history if row["relation"] == "custody"] == ["open"]
