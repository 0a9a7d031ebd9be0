"""Whoever mistypes a command is told in Chinese what is wrong, and that nothing was done; never in the library's English."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def said(*words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", "from tuogu.cli import main; main()", *words],
        capture_output=True, text=True, check=False, timeout=60, env={"COLUMNS": "200", "PATH": ""},
    )  # fmt: skip
    return done.returncode, " ".join((done.stdout + done.stderr).split())


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
def test_a_mistyped_command_is_answered_in_chinese(words: tuple[str, ...], told: str):
    code, text = said(*words)
    assert code == 2, text
    assert told in text
    assert "没有做任何事" in text
    assert "Usage" not in text


def test_help_and_a_bare_group_are_help():
    assert said("--help")[0] == 0
    code, text = said("ledger")
    assert code == 2
    assert "核验整本台账" in text


def test_a_command_that_ends_well_ends_with_nought(tmp_path: Path):
    assert said("apportion", "--total", "10", "--shares", "1,1")[0] == 0
