"""`tuogu privacy` and `tuogu keys`: what an operator sees and does at the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import databases
from cast import Cast, make_cast
from listed_world import GONE, import_rows, policy_rows
from tuogu.org.roles import Role
from tuogu.privacy import actions, queries

pytestmark = pytest.mark.database


@dataclass(frozen=True)
class Terminal:
    """The command line inside this process, and the cast's tokens by post."""

    url: str
    cast: Cast
    tokens: dict[Role, str]

    def run(self, role: Role, *words: str, code: int = 0) -> str:
        from tuogu.cli import app

        result = CliRunner().invoke(app, [*words, "--db", self.url, "--token", self.tokens[role]])
        refused = result.exception is not None and not isinstance(result.exception, SystemExit)
        said = result.output + (str(result.exception) if refused else "")
        assert result.exit_code == code or (refused and code == 2), said
        return said


@pytest.fixture
def terminal(
    tmp_path: Path, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Iterator[Terminal]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with databases.copied(tmp_path) as database, django_db_blocker.unblock(), databases.connected(database):
        from tuogu.org import actions as org
        from tuogu.vault import create_key_file

        create_key_file(tmp_path / "keys")
        monkeypatch.setenv("TUOGU_DATABASE_URL", database.url)
        cast = make_cast()
        import_rows(cast, policy_rows(3, agent=GONE))
        posts = (Role.RESOURCE_CLERK, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR, Role.INSPECTOR)
        tokens = {
            role: org.issue_token(cast.people[role], by=cast.people[role], at=cast.now) for role in posts
        }
        yield Terminal(database.url, cast, tokens)


@pytest.mark.req("L-03")
def test_a_refusal_at_the_terminal_counts_at_once(terminal: Terminal) -> None:
    clerk = Role.RESOURCE_CLERK
    assert "已登记" in terminal.run(clerk, "privacy", "say", "C000001")
    assert not queries.may_contact("C000001", "marketing", "any").allowed
    lines = json.loads(terminal.run(clerk, "privacy", "state", "C000001", "--json"))
    assert {line["purpose"]: line["allowed"] for line in lines} == {
        "marketing": False, "event": False, "survey": True, "location": False, "photo": False, "signature": False,
    }  # fmt: skip
    assert "没有这位客户" in terminal.run(clerk, "privacy", "say", "C999999", code=2)
    assert "没有这项权限" in terminal.run(Role.ADMINISTRATOR, "privacy", "say", "C000001", code=2)


@pytest.mark.req("L-07", "L-06")
def test_open_requests_and_the_registers_are_listed(terminal: Terminal) -> None:
    officer = terminal.cast.people[Role.PRIVACY_OFFICER]
    assert json.loads(terminal.run(Role.PRIVACY_OFFICER, "privacy", "requests", "--json")) == []
    long_ago = terminal.cast.today.replace(year=terminal.cast.today.year - 1)
    actions.receive("C000001", kind="copy", asked_date=long_ago, by=officer, at=terminal.cast.now)
    rows = json.loads(terminal.run(Role.PRIVACY_OFFICER, "privacy", "requests", "--json", code=1))
    assert [(row["customer"], row["kind"]) for row in rows] == [("C000001", "copy")]
    assert json.loads(terminal.run(Role.INSPECTOR, "privacy", "sharing", "--json")) == []
    kinds = json.loads(terminal.run(Role.INSPECTOR, "privacy", "periods", "--json"))
    assert {"copies", "consents", "accesslog"} <= {line["kind"] for line in kinds}
    assert "没有这项权限" in terminal.run(Role.RESOURCE_CLERK, "privacy", "sharing", code=2)


@pytest.mark.req("L-05")
def test_keys_are_rotated_and_retired_by_two_people(terminal: Terminal) -> None:
    admin = Role.ADMINISTRATOR
    assert "没有这项权限" in terminal.run(Role.PRIVACY_OFFICER, "keys", "rotate", code=2)
    done = json.loads(terminal.run(admin, "keys", "rotate", "--json"))
    assert done["added"] == 2
    assert done["may_retire"] == [1]
    assert done["resealed"] > 0
    assert "另一人" in terminal.run(admin, "keys", "retire", "1", code=2)
    again = json.loads(terminal.run(admin, "keys", "rotate", "--resume", "--json"))
    assert (again["added"], again["resealed"]) == (None, 0)
    status = CliRunner()
    from tuogu.cli import app

    shown = json.loads(status.invoke(app, ["keys", "status", "--db", terminal.url, "--json"]).output)
    assert shown["current"] == 2
    assert shown["keys"]["1"] == {}
    assert shown["keys"]["2"]["books_customer.name_sealed"] == 3
