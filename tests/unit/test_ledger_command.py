"""`tuogu ledger verify | history | seal | rebuild`: what they print and with which code they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from click.testing import Result
from django.conf import settings
from django.db import connection
from typer.testing import CliRunner

import databases
from ledger_world import RULE, World, asked, make_world, moment, open_policies
from tuogu.cli.ledger import app
from tuogu.ledger import actions
from tuogu.vault import create_key_file

pytestmark = pytest.mark.database
committed_database = databases.committed_database
MARCH = date(2026, 3, 1)
Command = Callable[..., Result]


@pytest.fixture
def command(committed_database: Any, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs `tuogu ledger WORDS…` on a committed database of its own."""
    monkeypatch.setenv("TUOGU_DATABASE_URL", committed_database.url)
    monkeypatch.setenv("COLUMNS", "200")
    create_key_file(settings.TUOGU_KEY_FILE)
    return lambda *words: CliRunner().invoke(app, list(words), catch_exceptions=False)


@pytest.fixture
def released(command: Command) -> World:
    """Three policies, opened for the first person, released to the second."""
    world = make_world()
    subjects = open_policies(world, 3, world.people[0])
    rows = asked(subjects, world.people[1])
    actions.post_batch(rows, key="plan-1/1/1", effective_date=MARCH, **world.signed(MARCH))
    return world


def test_verify_ends_well_and_says_what_it_read(command: Command, released: World) -> None:
    result = command("verify", "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (report["ok"], report["entries"], report["seals"], report["pending"]) == (True, 6, 1, 0)
    assert "无误" in command("verify").stdout


def test_verify_ends_with_one_when_something_is_wrong_and_names_it(command: Command, released: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_holding SET custodian_id = 1")
    result = command("verify", "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert {problem["code"] for problem in report["problems"]} == {"holding_differs"}
    assert "rebuild" in command("verify").stdout
    assert json.loads(command("rebuild", "--json").stdout) == {"rows": 3}
    assert command("verify").exit_code == 0


@pytest.mark.req("P-18")
def test_history_prints_every_assignment_with_labels(command: Command, released: World) -> None:
    rows = json.loads(command("history", "P00000001", "--json").stdout)
    assert [row["kind"] for row in rows] == ["open", "release"]
    assert (rows[1]["old_custodian_id_label"], rows[1]["new_custodian_id_label"]) == ("T00002", "T00003")
    assert (rows[1]["by_label"], rows[1]["approved_by_label"]) == ("T00000", "T00001")
    shown = command("history", "P00000001").stdout
    for word in ("责任", "建档", "下发", "T00003", "2026-03-01", "plan-1/1/1", RULE):
        assert word in shown


def test_history_of_an_unknown_number_is_refused(command: Command, released: World) -> None:
    result = command("history", "nothing")
    assert result.exit_code == 2
    assert "台账中没有号码 nothing" in result.stderr


def test_seal_takes_what_is_pending_and_then_nothing(command: Command, released: World) -> None:
    act = {"by": released.clerk, "recorded_at": moment(MARCH), "rule": RULE, "reason_code": "difficult"}
    actions.return_to_pool(1, **act)
    first = json.loads(command("seal", "--json").stdout)
    assert (first["number"], first["entries"]) == (2, 1)
    assert json.loads(command("seal", "--json").stdout) == {**first, "entries": 0}
    assert "没有待封存" in command("seal").stdout


def test_seal_is_refused_while_a_guard_is_missing(command: Command, released: World) -> None:
    on_table = " ON ledger_entry" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER ledger_entry_order{on_table}")
    result = command("seal")
    assert result.exit_code == 2
    assert "ledger_entry_order" in result.stderr
