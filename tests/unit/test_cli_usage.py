"""Whoever mistypes a command is told in Chinese what is wrong, and that nothing was done; never in the library's English."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tuogu import cli

Say = Callable[..., tuple[int, str]]


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """`say("plans", "--nosuch")` → exit code and all that was printed, in this process: importing takes two seconds."""
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("TUOGU_DATABASE_URL", "TUOGU_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    def said(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["tuogu", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return code, " ".join((printed.out + printed.err).split())

    return said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nosuch",), "没有命令 nosuch"),
        (("approve", "3"), "缺少 --db"),
        (("release", "--db", "sqlite:///x"), "缺少 --token（或环境变量 TUOGU_TOKEN）"),
        (("plans", "--nosuch"), "没有选项 --nosuch"),
        (("check", "abc", "--db", "sqlite:///x"), "须是整数"),
        (("audit", "verify", "nosuch.zip"), "“nosuch.zip”不存在"),
        (("absence", "1", "--from", "abc", "--db", "sqlite:///x"), "“abc”不是日期，请写成 2026-01-31"),
        (("substitute", "1", "2", "--db", "sqlite:///x"), "多出了 2"),
    ],
)
def test_a_mistyped_command_is_answered_in_chinese(say: Say, words: tuple[str, ...], told: str):
    code, text = say(*words)
    assert code == 2, text
    assert told in text
    assert "没有做任何事" in text
    assert "Usage" not in text


def test_help_and_a_bare_group_are_help(say: Say):
    assert say("--help")[0] == 0
    for words, told in ((("ledger",), "核验整本台账"), ((), "托孤")):
        code, text = say(*words)
        assert code == 2
        assert told in text
        assert "未执行" not in text


def test_a_command_that_ends_well_ends_with_nought(say: Say):
    assert say("apportion", "--total", "10", "--shares", "1,1")[0] == 0


def test_the_command_of_the_shell_ends_with_the_same_code():
    done = subprocess.run(
        [Path(sys.executable).with_name("tuogu"), "plans", "--nosuch"],
        capture_output=True, text=True, check=False, timeout=60, env={"COLUMNS": "200", "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 2
    assert "没有选项 --nosuch" in done.stderr
