"""`tuogu account`, `tuogu appoint` and `tuogu demo`: the first doors, opened from the command line."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import branch as tiny
import databases
from command import Command
from tuogu import clock
from tuogu.org.roles import Role


@dataclass(frozen=True)
class Here:
    """The command line inside this process, on the database that it is connected to."""

    url: str

    def run(self, *words: str, stdin: str = "") -> str:
        """What the command printed, or the sentence with which a room refused."""
        from tuogu.cli import app

        result = CliRunner().invoke(app, [*words, "--db", self.url], input=stdin)
        return result.output + (f"refused: {result.exception}" if result.exception else "")


@pytest.fixture
def here(tmp_path: Path, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    """A database with two people and no post."""
    with databases.copied(tmp_path) as database, django_db_blocker.unblock(), databases.connected(database):
        from tuogu.org import actions
        from tuogu.org import queries as org
        from tuogu.vault import create_key_file

        create_key_file(tmp_path / "keys")
        monkeypatch.setenv("TUOGU_DATABASE_URL", database.url)
        machine, now = org.machine(), clock.now()
        actions.sync_institutions(tiny.institutions(), by=machine, at=now)
        actions.sync_people(
            tiny.people({"staff_number": "1001"}, {"staff_number": "1002"}), by=machine, at=now
        )
        yield Here(database.url)


@pytest.mark.req("L-10")
def test_the_first_administrator_comes_from_the_command_line_and_then_signs(here: Here):
    from tuogu.accounts import queries
    from tuogu.org import queries as org

    assert "没有岗位" in here.run("appoint", "1001", "king")
    assert "refused: 请写明机构、区域或全公司" in here.run("appoint", "1001", "administrator")
    assert "任系统管理员" in here.run("appoint", "1001", "administrator", "--institution", "B")
    assert "refused: 密码不合要求" in here.run("account", "1001", stdin="1234\n")
    assert "已为 1001 开立账号" in here.run("account", "1001", stdin="ein-langes-Wort-7\n")
    admin = here.run("token", "1001").strip()
    assert "签名" in here.run("token", "1002"), "once somebody keeps accounts, tokens are theirs to give"
    other = here.run("token", "1002", "--token", admin).strip()
    assert "签名" in here.run("account", "1002", stdin="noch-ein-Wort-8\n")
    refused = here.run("account", "1002", "--token", other, stdin="noch-ein-Wort-8\n")
    assert "没有这项权限；有权限的岗位：系统管理员" in refused
    assert "已为 1002 开立账号" in here.run("account", "1002", "--token", admin, stdin="noch-ein-Wort-8\n")
    assert "密码已重设" in here.run("account", "1002", "--token", admin, stdin="drittes-Wort-99\n")
    reset = here.run("account", "1002", "--reset-second-factor", "--reason", "换手机", "--token", admin)
    assert "动态口令已重置" in reset
    own = here.run("appoint", "1001", "auditor", "--everywhere", "--token", admin)
    assert "refused: 不能任命自己" in own, "while nobody appoints, whoever signs may, but never oneself"
    appointed = here.run("appoint", "1002", "security_administrator", "--everywhere", "--token", admin)
    assert "任安全管理员" in appointed
    again = here.run("appoint", "1002", "auditor", "--everywhere", "--token", admin)
    assert "有权限的岗位：安全管理员" in again, "from now on the system administrator appoints nobody"
    assert "任审计" in here.run("appoint", "1001", "auditor", "--everywhere", "--token", other)
    person = int(org.staff_ids(["1002"])["custodian_id"][0])
    assert [event.kind for event in queries.events_of(person)] == ["factor_reset", "password_set", "made"]


@pytest.mark.exhaustive  # a whole demo: ten seconds and more
def test_the_demo_appoints_one_person_for_each_post(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'demo' / 'tuogu.sqlite3'}"
    Command(url, tmp_path).run("demo", "--out", tmp_path / "demo", "--customers", 3_000)
    file = tmp_path / "demo" / "people.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
    assert {label for label, *_ in lines} == {str(role.label) for role in Role}
    assert len({number for _, _, number, *_ in lines}) == len(Role)
    assert all(len(password) >= 12 and len(token) > 40 for *_, password, token in lines)
