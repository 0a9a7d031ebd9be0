"""`tuogu review`: the plan of inspection, the ledger, recompute = ledger by its exit code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from cast import Cast
from review_world import World, make_world
from tuogu.cli import app
from tuogu.org import actions as org
from tuogu.org.roles import Role
from tuogu.review import actions
from tuogu.rules import queries as rules

pytestmark = [pytest.mark.django_db(databases="__all__")]


@pytest.fixture
def world(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> World:
    changed = rules.applicable(cast.today).replace(inspection__random_share_bp=10_000)
    monkeypatch.setattr(rules, "applicable", lambda _day: changed)
    monkeypatch.setattr("tuogu.cli.review.open_database", lambda _url: None)
    made = make_world(cast)
    monkeypatch.setattr("tuogu.cli.review.business_today", lambda: made.day)
    monkeypatch.setattr("tuogu.cli.review.now", lambda: made.at)
    return made


def run(world: World, *words: str, role: Role = Role.BRANCH_MANAGER) -> tuple[int, Any]:
    token = org.issue_token(world.cast.people[role], by=world.manager, at=world.cast.now)
    argv = ["review", *words, "--db", "sqlite:///x", "--token", token, "--json"]
    done = CliRunner().invoke(app, argv)
    return done.exit_code, json.loads(done.stdout) if done.stdout.startswith(("{", "[")) else done.exception


@pytest.mark.req("N-14")
def test_recompute_check_tells_by_its_exit_code_whether_the_ledger_is_what_the_facts_give(world):
    world.log()
    world.mark(18)
    world.random_check(12)
    code, said = run(world, "recompute", "--check", role=Role.AUDITOR)
    assert (code, [row["kind"] for row in said["differences"]]) == (1, ["missing", "missing"])
    code, said = run(world, "recompute")
    assert (code, said) == (0, {"written": {"added": 2, "voided": 0}, "differences": []})
    assert run(world, "recompute", "--check", role=Role.AUDITOR)[0] == 0
    code, lines = run(world, "penalties", "--view", "untold")
    assert (code, {line["person"] for line in lines}) == (
        0, {world.cast.numbers[world.owner], world.cast.numbers[world.supervisor]},
    )  # fmt: skip


@pytest.mark.req("S1-18")
def test_due_lists_who_checks_whom_and_which_departments_have_to_draw(world):
    world.log()
    code, said = run(world, "due")
    assert (code, said["departments"]) == (0, ["D"])
    own = [row for row in said["due"] if row["staff_number"] == world.cast.numbers[world.owner]]
    assert {row["level"] for row in own} == {"supervisor", "head"}


def test_an_account_manager_may_not(world):
    assert run(world, "recompute", role=Role.ACCOUNT_MANAGER)[0] != 0
    assert run(world, "recompute", role=Role.AUDITOR)[0] != 0  # reads, writes nothing


@pytest.mark.req("S1-32")
def test_close_files_the_month_of_an_institution_within_scope(world):
    world.log()
    world.mark(18)
    month = world.day.replace(day=1)
    while world.day.replace(day=1) == month:
        world.next_day()
    code, said = run(world, "close", f"{month:%Y-%m}", "--institution", "D")
    assert code == 0
    assert said["filed"] > 0
    assert run(world, "close", f"{month:%Y-%m}", "--institution", "D")[1]["filed"] == 0
    assert run(world, "close", f"{month:%Y-%m}", "--institution", "X")[0] != 0
    assert actions.file_withheld(by=world.manager, at=world.at) == 0
