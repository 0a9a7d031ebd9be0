"""`tuogu address parse` and `tuogu codebook`: JSON lines in and out, bad lines reported, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tuogu.cli import address, codebook
from tuogu.data.codebook import FOLDER, load

LINES = [
    '{"id": "a", "text": "宁波市江东区白鹤街道白鹤社区35幢608室"}',
    "not json",
    "",
    '{"id": 2, "text": null}',
    '{"id": "b"}',
    '{"id": "c", "text": 5}',
    '{"id": "d", "text": "\\ud800"}',
    "[" * 100_000,
    '{"id": "e", "text": "北京市东城区东华门街道"}',
]


@pytest.fixture
def two_cities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load 宁波市 and 北京市 only: the whole country takes seconds a command."""
    monkeypatch.setattr(address, "load", lambda: load(["3302", "1101"]))


def parse(lines: list[str], *options: str) -> tuple[int, list[dict[str, object]], str]:
    result = CliRunner().invoke(address.app, ["parse", *options], input="\n".join(lines))
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


@pytest.mark.req("S0-04")
def test_lines_in_lines_out() -> None:
    code, rows, errors = parse([LINES[0], LINES[8]])
    assert (code, errors) == (0, "")
    assert rows[0] == {
        "id": "a",
        "province": "浙江省",
        "city": "宁波市",
        "district": "鄞州区",
        "street": "白鹤街道",
        "community": "白鹤社区",
        "building": "35",
        "unit": None,
        "room": "608",
        "province_surface": None,
        "city_surface": "宁波市",
        "district_surface": "江东区",
        "street_surface": "白鹤街道",
        "community_surface": "白鹤社区",
        "code": "330212011004",
        "confidence": 0.95,
        "missing": "",
    }
    assert rows[1]["code"] == "110101001"


@pytest.mark.usefixtures("two_cities")
def test_bad_lines_are_numbered_and_the_others_come_out() -> None:
    code, rows, errors = parse(LINES)
    assert code == 1
    assert [row["id"] for row in rows] == ["a", "2", "e"]
    assert [line.split(":")[0] for line in errors.splitlines()] == [f"第 {n} 行" for n in (2, 5, 6, 7, 8)]


@pytest.mark.usefixtures("two_cities")
def test_bytes_that_are_not_utf8_are_a_bad_line() -> None:
    result = CliRunner().invoke(address.app, ["parse"], input=b'{"id":"a","text":"\xc4\xfe"}\n')
    assert (result.exit_code, result.stdout) == (1, "")
    assert "第 1 行:不是 UTF-8 文字" in result.stderr


@pytest.mark.usefixtures("two_cities")
def test_no_input_no_output() -> None:
    assert parse([]) == (0, [], "")


@pytest.mark.usefixtures("two_cities")
def test_many_chunks_keep_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "CHUNK_LINES", 3)
    lines = [json.dumps({"id": n, "text": f"宁波市鄞州区白鹤街道{n}幢"}) for n in range(10)]
    _, rows, _ = parse(lines)
    assert [(row["id"], row["building"]) for row in rows] == [
        (str(n), str(n) if n else "0") for n in range(10)
    ]


@pytest.mark.usefixtures("two_cities")
def test_the_home_city_is_an_option() -> None:
    lines = ['{"id": 1, "text": "江北区文教街道12号"}']
    assert parse(lines, "--home-city", "330200")[1][0]["code"] == "330205004"
    assert CliRunner().invoke(address.app, ["parse", "--home-city", "9999"]).exit_code == 2


@pytest.mark.req("N-12")
def test_show_a_retired_code() -> None:
    result = CliRunner().invoke(codebook.app, ["show", "330204", "--json"])
    shown = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (shown["in_force"], [row["code"] for row in shown["today"]]) == (False, ["330212"])
    assert "江东区" in {event["old_name"] for event in shown["events"]}
    assert CliRunner().invoke(codebook.app, ["show", "00"]).exit_code == 2
    text = CliRunner().invoke(codebook.app, ["show", "330212011004"])
    assert text.exit_code == 0
    assert "浙江省/宁波市/鄞州区/白鹤街道/白鹤社区" in text.stdout


@pytest.mark.req("S0-03")
def test_counts_of_a_city() -> None:
    counted = json.loads(CliRunner().invoke(codebook.app, ["counts", "--city", "330200", "--json"]).stdout)
    assert counted["counts"]["district"] == 10
    children = {row["code"]: row["children"] for row in counted["register"]}
    assert children["3302"] == 10
    assert sum(n for code, n in children.items() if len(code) == 9) == counted["counts"]["community"]
    assert CliRunner().invoke(codebook.app, ["counts", "--city", "9999"]).exit_code == 2


def test_diff_of_equal_books_is_empty_and_a_wrong_folder_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(codebook.app, ["diff", str(FOLDER), str(FOLDER), "--json"])
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert CliRunner().invoke(codebook.app, ["diff", str(FOLDER), str(tmp_path)]).exit_code == 2


def test_rebuild_refuses_missing_sources(tmp_path: Path) -> None:
    options = [f"--{name}={tmp_path}" for name in ("civil", "statistics", "names", "history", "out")]
    result = CliRunner().invoke(codebook.app, ["rebuild", *options])
    assert result.exit_code == 2
    assert "缺少来源文件" in result.stderr
    assert list(tmp_path.iterdir()) == []
