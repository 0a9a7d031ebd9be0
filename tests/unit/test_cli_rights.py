"""The command line asks the same table of rights as the pages: a token signs what its person's posts allow, no more."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import branch as tiny
import databases
from tuogu import clock
from tuogu.org.roles import Role

CLI = Path(__file__).parents[2] / "src/tuogu/cli"
pytestmark = pytest.mark.database


@pytest.fixture
def url(tmp_path: Path, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database with one person for each post, at institution B, and a stranger elsewhere."""
    with databases.copied(tmp_path) as database, django_db_blocker.unblock(), databases.connected(database):
        from cast import make_cast
        from tuogu.vault import create_key_file

        create_key_file(tmp_path / "keys")
        monkeypatch.setenv("TUOGU_DATABASE_URL", database.url)
        make_cast()
        yield database.url


def run(*words: object) -> str:
    from tuogu.cli import app

    done = CliRunner().invoke(app, list(map(str, words)))
    return done.output + (f"refused: {done.exception}" if done.exception else "")


def token(role: Role) -> str:
    from cast import staff_number
    from tuogu.org import actions
    from tuogu.org import queries as org

    person = int(org.staff_ids([staff_number(role)])["custodian_id"][0])
    return actions.issue_token(person, by=org.machine(), at=clock.now())


COMMANDS: dict[str, tuple[tuple[object, ...], str]] = {  # words before --token → who may not
    "approve": (("approve", 1), "resource_clerk"),
    "reject": (("reject", 1, "--note", "否"), "auditor"),
    "release": (("release",), "branch_manager"),
    "cancel": (("cancel", 1, "--reason", "否"), "auditor"),
    "reschedule": (("reschedule", 1, "--day", "2030-01-01"), "inspector"),
    "leave": (("leave", "9101"), "account_manager"),
    "duty": (("duty", "9101"), "security_administrator"),
    "appoint": (("appoint", "9101", "auditor", "--everywhere"), "administrator"),
    "account": (("account", "9101"), "security_administrator"),
    "token": (("token", "9101"), "resource_clerk"),
    "absence": (("absence", "9101", "--to", "2030-01-01"), "auditor"),
    "substitute": (("substitute", "9101", "--by", "9000", "--to", "2030-01-01"), "account_manager"),
    "ledger seal": (("ledger", "seal"), "account_manager"),
}


@pytest.mark.req("L-10")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_token_without_the_right_is_refused_and_the_posts_are_named(url: str, name: str):
    words, role = COMMANDS[name]
    answer = run(*words, "--db", url, "--token", token(Role(role)))
    assert "没有这项权限；有权限的岗位：" in answer, answer
    assert "没有写入任何数据" in answer


@pytest.mark.req("P-12")
def test_an_act_on_somebody_out_of_scope_finds_nobody(url: str):
    from tuogu.org import queries as org

    signed = ("--db", url, "--token", token(Role.RESOURCE_CLERK))
    assert "没有工号 9201" in run("leave", "9201", *signed)
    assert "没有工号 9201" in run("absence", "9201", "--to", "2030-01-01", *signed)
    assert org.may_receive(int(org.staff_ids(["9201"])["custodian_id"][0]), clock.business_today())


@pytest.mark.req("P-06", "P-05")
def test_absences_and_substitutes_by_the_command_line(url: str):
    from tuogu.org import queries as org

    signed, today = ("--db", url, "--token", token(Role.RESOURCE_CLERK)), clock.business_today()
    person = int(org.staff_ids(["9101"])["custodian_id"][0])
    assert "其间不接收新分配" in run("absence", "9101", "--to", today, "--kind", "training", *signed)
    assert org.absent(today) == {person}
    assert '"staff_number": "9101"' in run("absence", "--json", *signed)
    assert "起回岗" in run("absence", "9101", "--back", *signed)
    assert org.absent(today) == frozenset()
    assert "写明最后一天" in run("substitute", "9101", "--by", "9000", *signed)
    said = run("substitute", "9101", "--by", "9101", "--to", today, "--reason", "休假", *signed)
    assert "不能由本人代管自己" in said
    assert "提醒发给 9000" in run(
        "substitute", "9101", "--by", "9000", "--to", today, "--reason", "休假", *signed
    )
    assert org.substitute_of(person, today) is not None
    assert "的代管自" in run("substitute", "9101", "--end", *signed)
    assert org.substitute_of(person, today) is None


def test_every_command_that_signs_says_by_which_right():
    unnamed = [
        f"{file.name}:{call.lineno}"
        for file in sorted(CLI.glob("*.py"))
        if file.name not in {"database.py"}
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in {"signer", "keeper"}
        and len(call.args) < 2 and not any(isinstance(a, ast.Starred) for a in call.args)
    ]  # fmt: skip
    assert unnamed == [f"people.py:{line}" for line in _first_doors()], "only the first tokens need no right"


def _first_doors() -> list[int]:
    """Where `tuogu token` lets anybody sign, because nobody keeps accounts yet."""
    lines = (CLI / "people.py").read_text(encoding="utf-8").splitlines()
    return [i for i, line in enumerate(lines, 1) if "return signer(sign) if sign else org.machine()" in line]


def test_a_database_without_a_token_lets_the_machine_sign(
    tmp_path: Path, django_db_blocker: Any, monkeypatch: Any
):
    with databases.copied(tmp_path) as database, django_db_blocker.unblock(), databases.connected(database):
        from tuogu.cli.database import signer
        from tuogu.org import actions
        from tuogu.org import queries as org
        from tuogu.org.rights import Right
        from tuogu.vault import create_key_file

        create_key_file(tmp_path / "keys")
        monkeypatch.setenv("TUOGU_DATABASE_URL", database.url)
        assert signer("", Right.IMPORT) == org.machine()
        machine, now = org.machine(), clock.now()
        actions.sync_institutions(tiny.institutions(), by=machine, at=now)
        actions.sync_people(tiny.people({"staff_number": "1001"}), by=machine, at=now)
        assert len(run("token", "1001", "--db", database.url).strip()) > 40, "nobody keeps accounts yet"
        assert "签名" in run("leave", "1001", "--db", database.url, "--token", "")
