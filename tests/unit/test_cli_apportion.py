"""`tuogu apportion`: one document or tables, exact decimals, and a sentence in Chinese for every bad number."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tuogu.cli import app

CITY = ("--total", "3936", "--shares", "35.93,25.52,26.28,3.60,8.67")
NAMES = ("--names", "营销一部,营销二部,营销三部,营销四部,市收展部")

Command = Callable[..., Result]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command in this process; the worked example in tests/spec runs it in one of its own."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: object) -> Result:
        return CliRunner().invoke(app, ["apportion", *map(str, words)])

    return run


def document(done: Result) -> Any:
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.req("N-11", "S2-06")
def test_tables_and_the_difference_from_the_paper(command: Command) -> None:
    shown = command(*CITY, *NAMES, "--waves", "60,40", "--wave-rounding", "table").stdout
    assert "尾数分配证明" in shown
    assert "得尾数最后 1 件：余数 0.4672 居第 2 位" in shown
    assert "各自四舍五入合计 3935 件，比总数少 1 件；最大余数法：营销二部 1004 → 1005，合计 3936 件" in shown
    assert "总数 3936 件，已分 3936 件，池中剩余 0 件" in shown
    waves = [line for line in shown.splitlines() if "合计" in line and "│" in line]
    assert [cell.strip() for cell in waves[0].split("│")[1:-1]] == ["合计", "3,936", "2,362", "1,574"]


@pytest.mark.req("S2-06", "N-11")
def test_as_printed_reproduces_the_paper(command: Command) -> None:
    found = document(command(*CITY, "--method", "as-printed", "--json"))
    assert found["quotas"] == [1414, 1004, 1034, 142, 341]
    assert found["left"] == 1
    assert found["waves"] == []
    shown = command(*CITY, "--method", "as-printed").stdout
    assert "总数 3936 件，已分 3935 件，池中剩余 1 件" in shown


@pytest.mark.req("S2-08")
def test_waves_by_table_and_three_waves(command: Command) -> None:
    found = document(command(*CITY, "--waves", "60,40", "--wave-rounding", "table", "--json"))
    assert found["waves"] == [[848, 603, 621, 85, 205], [566, 402, 413, 57, 136]]
    three = document(command("--total", 7, "--shares", "1", "--waves", "50,30,20", "--json"))["waves"]
    assert three == [[4], [2], [1]]


def test_shares_are_exact_and_keep_their_order(command: Command) -> None:
    found = document(command("--total", 3, "--shares", "0.1%，0.2%,0.3%", "--names", "丙,甲,乙", "--json"))
    assert [row["key"] for row in found["certificate"]] == ["丙", "甲", "乙"]
    assert [row["quota"] for row in found["certificate"]] == ["0.5", "1", "1.5"]
    assert sum(found["quotas"]) == 3
    assert found["certificate"][0]["tie"] is True


def test_shares_that_do_not_add_up_to_a_hundred_are_said(command: Command) -> None:
    done = command("--total", 10, "--shares", "30,30", "--json")
    assert done.exit_code == 0
    assert "占比合计 60，不是 100" in done.stderr
    assert "不是 100" not in command("--total", 10, "--shares", "0.5,0.5").stderr


@pytest.mark.req("N-11")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--total", "5", "--shares", "50,50", "--method", "as-printed"), "比总数 5 件多 1 件，不能照此分配"),
        (("--total", "5", "--shares", "-1,101"), "占比不能为负：-1"),
        (("--total", "5", "--shares", "0,0"), "占比全部为零"),
        (("--total", "5", "--shares", "甲,2"), "占比“甲”不是数字"),
        (("--total", "5", "--shares", "nan,2"), "占比“nan”不是数字"),
        (("--total", "5", "--shares", "1e3,2"), "占比“1e3”不是数字"),
        (("--total", "5", "--shares", "50,,50"), "占比“”不是数字"),
        (("--total", "5", "--shares", "[/],50"), "占比“[/]”不是数字"),
        (("--total", "5.5", "--shares", "1"), "总数“5.5”不是不小于零的整数"),
        (("--total", "-5", "--shares", "1"), "总数“-5”不是不小于零的整数"),
        (("--total", "九", "--shares", "1"), "总数“九”不是不小于零的整数"),
        (("--total", "5", "--shares", "1", "--waves", "60,30"), "各批次比例合计应为 100，现为 90"),
        (("--total", "5", "--shares", "1", "--waves", "120,-20"), "批次比例不能为负：-20"),
        (("--total", "5", "--shares", "1", "--waves", "甲"), "批次比例“甲”不是数字"),
        (("--total", "5", "--shares", "1,2", "--names", "甲"), "名称有 1 个，占比有 2 个"),
        (("--total", "5", "--shares", "1,2", "--names", "甲,甲"), "名称重复：甲"),
        (("--total", "5", "--shares", "1,2", "--names", "甲,"), "名称不能为空"),
        (
            ("--total", "5", "--shares", "1", "--method", "[/x]"),
            "--method 只能是 largest-remainder、as-printed",
        ),
        (("--total", "5", "--shares", "1", "--wave-rounding", "up"), "--wave-rounding 只能是 half-up、table"),
    ],
)
def test_what_is_refused(command: Command, words: tuple[str, ...], said: str) -> None:
    done = command(*words)
    assert done.exit_code == 2
    assert done.stderr.startswith("未执行：")
    assert said in done.stderr
    assert done.stdout == ""
