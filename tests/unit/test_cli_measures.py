"""`tuogu measures`: definitions, figures by dimensions, frozen months, the recount by its exit code, the rows behind."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from cast import Cast
from tuogu.cli import app
from tuogu.core.custody import business_date
from tuogu.core.measures.definitions import DIMENSIONS
from tuogu.core.measures.periods import month_after
from tuogu.org import actions as org
from tuogu.org.roles import Role
from tuogu.reports import frozen
from tuogu.reports.failures import ReportsRefused
from work_world import WorkWorld, make_work

KEEPER = Role.RESOURCE_CLERK
pytestmark = [pytest.mark.django_db(databases="__all__")]


@pytest.fixture
def world(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> WorkWorld:
    """The manager's four orphans, one called; looked at on the second day of the month after."""
    made = make_work(cast, 4)
    made.record("C000000")
    days = (month_after(cast.today, 1) - cast.today).days + 1
    later = cast.now + timedelta(days=days)
    monkeypatch.setattr("tuogu.cli.measures.open_database", lambda _url: None)
    monkeypatch.setattr("tuogu.cli.measures.business_today", lambda: business_date(later))
    monkeypatch.setattr("tuogu.cli.measures.now", lambda: later)
    return made


def run(world: WorkWorld, *words: str, role: Role = Role.BRANCH_MANAGER) -> tuple[int, Any]:
    token = org.issue_token(world.cast.people[role], by=world.manager, at=world.cast.now)
    done = CliRunner().invoke(app, ["measures", *words, "--db", "sqlite:///x", "--token", token, "--json"])
    return done.exit_code, json.loads(done.stdout) if done.stdout.startswith(("{", "[")) else done.exception


def month(world: WorkWorld) -> str:
    return f"{world.cast.today:%Y-%m}"


@pytest.mark.req("S4-40")
def test_every_figure_comes_with_what_is_counted_over_what(world: WorkWorld):
    code, said = run(world, "list")
    assert code == 0
    found = {one["key"]: one for one in said["measures"]}
    assert {"complaint", "contact", "visit", "persistency_13", "persistency_25"} <= found.keys()
    assert all(one["numerator"] and one["denominator"] and one["source"] for one in found.values())
    code, said = run(world, "show", "contact", "--month", month(world))
    assert (code, said["figures"][0]["shown"]) == (0, "25.00%")
    assert said["measures"][0]["denominator"] == found["contact"]["denominator"]


@pytest.mark.req("S4-14")
def test_the_same_figure_by_every_dimension_and_period(world: WorkWorld):
    expected = {"branch": "B", "department": "D", "team": "T1", "person": world.cast.numbers[world.manager]}
    asked = [(dimension, "month") for dimension in DIMENSIONS] + [("team", "quarter"), ("team", "year")]
    for dimension, period in asked:
        words = ("show", "contact", "--month", month(world), "--by", dimension, "--period", period)
        code, said = run(world, *words)
        rows = said["figures"]
        assert (code, sum(row["numerator"] for row in rows), sum(row["denominator"] for row in rows)) == (
            0,
            1,
            4,
        )
        if dimension in expected:
            assert [row[dimension] for row in rows] == [expected[dimension]]


@pytest.mark.req("N-16")
def test_a_frozen_month_counts_to_the_same_again_and_says_so_by_its_exit_code(
    world: WorkWorld, monkeypatch: pytest.MonkeyPatch
):
    assert isinstance(run(world, "freeze", month(world), role=Role.ACCOUNT_MANAGER)[1], BaseException)
    code, said = run(world, "freeze", month(world), role=KEEPER)
    assert (code, said["again"]) == (0, False)
    assert run(world, "freeze", month(world), role=KEEPER)[1]["again"]
    code, said = run(world, "check", role=Role.AUDITOR)
    assert (code, [one["same"] for one in said]) == (0, [True])
    real = frozen.freezing.recompute
    monkeypatch.setattr(frozen.freezing, "recompute", lambda month: real(month).head(-1))
    code, said = run(world, "check", month(world), role=Role.AUDITOR)
    assert (code, said[0]["same"], len(said[0]["wrong"])) == (1, False, 1)


@pytest.mark.req("S4-40")
def test_the_rows_behind_a_figure_are_numbers_only(world: WorkWorld):
    code, said = run(world, "drill", "contact", "--month", month(world))
    assert code == 0
    assert {row["key"]: row["numerator"] for row in said["rows"]} == {
        f"C00000{n}": int(n == 0) for n in range(4)
    }
    failure = run(world, "show", "nonsense")[1]
    assert isinstance(failure, ReportsRefused) or failure is not None
