"""`tuogu tasks`: one's own list, what is late within scope, the round of the day that may be run twice."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from cast import Cast
from tuogu.cli import app
from tuogu.org import actions as org
from tuogu.org.roles import Role
from tuogu.work import queries
from work_world import WorkWorld, make_work

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.req("P-20", "P-22")]


@pytest.fixture
def world(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> WorkWorld:
    monkeypatch.setattr("tuogu.cli.tasks.open_database", lambda _url: None)
    return make_work(cast, count=2)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, world: WorkWorld) -> Any:
    """Set the command line's clock so many days ahead."""

    def go(days: int) -> None:
        monkeypatch.setattr("tuogu.cli.tasks.now", lambda: world.later(days))
        monkeypatch.setattr("tuogu.cli.tasks.business_today", lambda: world.day(days))

    go(0)
    return go


def run(world: WorkWorld, *words: str, role: Role, plain: bool = False) -> tuple[int, Any]:
    token = org.issue_token(world.cast.people[role], by=world.manager, at=world.cast.now)
    argv = ["tasks", *words, "--db", "sqlite:///x", "--token", token, *([] if plain else ["--json"])]
    done = CliRunner().invoke(app, argv)
    return done.exit_code, done.output if plain or done.exit_code else json.loads(done.stdout)


def test_the_round_of_a_day_makes_its_tasks_once(world: WorkWorld, at: Any) -> None:
    code, first = run(world, "roll", role=Role.TEAM_LEAD)
    assert code == 0
    assert first["tasks"] > 0
    assert run(world, "roll", role=Role.TEAM_LEAD) == (0, {"tasks": 0, "escalated": 0})
    assert run(world, "roll", role=Role.ACCOUNT_MANAGER)[0] == 2, "not everybody runs the round"


def test_a_person_lists_the_own_tasks_only(world: WorkWorld, at: Any) -> None:
    world.roll()
    code, mine = run(world, "list", "--view", "all", role=Role.ACCOUNT_MANAGER)
    assert code == 0
    assert {row["policy_number"] for row in mine} - {""} == set(world.numbers)
    assert len(mine) == len(queries.tasks_of(world.manager, world.day(0), view="all", order="due"))
    _code, shown = run(world, "list", "--view", "all", role=Role.ACCOUNT_MANAGER, plain=True)
    assert world.numbers[0] in shown
    code, why = run(world, "list", "--view", "tomorrow", role=Role.ACCOUNT_MANAGER)
    assert code == 2
    assert "没有“tomorrow”" in why
    assert run(world, "list", role=Role.AUDITOR)[0] == 2, "who serves nobody has no list"


def test_late_names_the_holder_and_since_when_within_scope(world: WorkWorld, at: Any) -> None:
    world.roll()
    assert run(world, "late", role=Role.TEAM_LEAD) == (0, [])
    at(40)
    code, late = run(world, "late", role=Role.TEAM_LEAD)
    assert code == 0
    assert {row["person"] for row in late} == {world.cast.numbers[world.manager]}
    assert min(row["oldest"] for row in late) < str(world.day(40))
    assert "C000001" not in json.dumps(late)
    _code, shown = run(world, "late", role=Role.TEAM_LEAD, plain=True)
    assert world.cast.numbers[world.manager] in shown
    assert run(world, "late", role=Role.ACCOUNT_MANAGER)[0] == 2
    code, counted = run(world, "roll", role=Role.TEAM_LEAD)
    assert code == 0
    assert counted["escalated"] > 0
