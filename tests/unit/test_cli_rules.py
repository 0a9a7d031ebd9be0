"""`tuogu rules`: show, cite, check, diff on files; adopt and versions on a database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import branch as tiny
import databases
import signers
from territory_books import standard_rules
from tuogu import clock
from tuogu.data.rulebooks import part_titles

GOOD = """
[rulebook]
base = "standard"
version = "2030.1"
effective_date = 2030-01-01
source = "分公司〔2029〕9号"

[territory]
month_load_max = 55
"""


def tuogu(*words: object) -> Result:
    from tuogu.cli import app

    return CliRunner().invoke(app, ["rules", *map(str, words)])


def told(*words: object, code: int = 0) -> str:
    result = tuogu(*words)
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "三月.toml"
    path.write_text(GOOD, encoding="utf-8")
    return path


@pytest.mark.req("N-09")
def test_cite_prints_requirement_document_and_line_of_every_number():
    found = json.loads(told("cite", "--json"))["parameters"]
    assert [p["key"] for p in found] == list(standard_rules().parameters)
    assert all(p["document"] or p["why"] for p in found)
    by_key = {p["key"]: p for p in found}
    load = by_key["territory.month_load_max"]
    assert (load["value"], load["req"], load["document"], load["lines"]) == (
        60,
        "S0-21",
        "区域规划运作办法",
        "L44",
    )
    claim = by_key["renewal.claim_days"]
    assert (claim["value"], claim["req"], claim["lines"]) == (5, "S3-04", "L17")
    hours = by_key["renewal.second_claim_hours"]
    assert (hours["value"], hours["document"], hours["readings"]) == (24, "", ["A-44"])
    text = told("cite", "renewal.claim_days")
    assert "汽车保险续保的流程管理" in text
    assert "S3-04" in text
    assert "L17" in text
    assert "5天" in text


@pytest.mark.req("N-09")
def test_show_lists_by_part_and_takes_a_key_a_group_or_a_part():
    text = told("show")
    assert all(title in text for title in part_titles().values())
    assert [p["key"] for p in json.loads(told("show", "visits.per_policy_year", "--json"))["parameters"]] == [
        "visits.per_policy_year"
    ]
    group = json.loads(told("show", "allowance", "--json"))["parameters"]
    assert {p["key"].partition(".")[0] for p in group} == {"allowance"}
    assert {p["shown"] for p in group if p["key"] == "allowance.visit_steps"} == {
        "0%起 0.2；30%起 0.25；50%起 未设定"
    }
    part = json.loads(told("show", "motor_renewal", "--json"))["parameters"]
    assert {p["key"].partition(".")[0] for p in part} == {"renewal"}
    assert "是否指 visits.per_policy_year" in told("show", "visits.per_policy_yaer", code=2)


@pytest.mark.req("S1-02")
def test_check_says_all_that_is_wrong_at_once_and_leaves_with_2(tmp_path: Path):
    path = tmp_path / "wrong.toml"
    path.write_text(GOOD.replace("55", "-5") + "[visits]\nper_policy_yaer = 5\n", encoding="utf-8")
    text = told("check", path, code=2)
    assert "wrong.toml 有 2 处问题" in text
    assert "territory.month_load_max：-5 不可用；可填：1 至 1,000 的整数" in text
    assert "visits.per_policy_yaer：没有这个参数，是否指 visits.per_policy_year" in text
    found = json.loads(told("check", path, "--json", code=2))["problems"]
    assert {problem["key"] for problem in found} == {"territory.month_load_max", "visits.per_policy_yaer"}


def test_check_of_a_good_file_prints_what_changes(file: Path):
    text = told("check", file)
    assert "制度 standard 2030.1，2030-01-01 起生效，改动 1 项" in text
    assert "月度服务件上限" in text
    found = json.loads(told("check", file, "--json"))
    assert found["changes"] == [
        {"key": "territory.month_load_max", "title": "月度服务件上限", "old": 60, "new": 55}
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[rulebook", "不是有效的 TOML"),
        ("[territory]\nmonth_load_max = 55\n", "rulebook.base：缺少底本"),
        (GOOD.replace('"standard"', '"standard 2029.1"'), "请加 --db"),
    ],
)
def test_a_file_that_is_no_overlay_is_refused(tmp_path: Path, content: str, said: str):
    path = tmp_path / "x.toml"
    path.write_text(content, encoding="utf-8")
    result = tuogu("check", path)
    assert said in result.output + str(result.exception)


def test_a_folder_is_checked_as_a_whole_book(tmp_path: Path):
    shipped = Path(__file__).parents[2] / "src/tuogu/data/rulebooks"
    for part in shipped.glob("*.toml"):
        (tmp_path / part.name).write_text(part.read_text("utf-8"), encoding="utf-8")
    assert "改动 0 项" in told("check", tmp_path)
    house = tmp_path / "house.toml"
    house.write_text(
        house.read_text("utf-8").replace("kept_days = { value = 7", "kept_days = { value = 9"), "utf-8"
    )
    text = told("check", tmp_path, code=2)
    assert "rulebook.version" in text
    assert "rulebook.effective_date" in text
    house.unlink()
    assert "house" in str(tuogu("check", tmp_path).exception)


@pytest.mark.req("N-09")
def test_diff_shows_old_and_new_with_their_days(file: Path):
    text = told("diff", "standard", file)
    assert "2026.1（2026-01-01 起）→ 2030.1（2030-01-01 起）：1 项不同" in text
    back = json.loads(told("diff", file, "standard", "--json"))
    assert back["changes"][0]["old"] == 55
    assert back["new"] == {"name": "standard", "version": "2026.1", "effective_date": "2026-01-01"}
    assert json.loads(told("diff", "standard", "2026.1", "--json"))["changes"] == []


@pytest.fixture
def here(tmp_path: Path, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database with a person who has a token; the token stands in the environment."""
    with databases.copied(tmp_path) as database, django_db_blocker.unblock(), databases.connected(database):
        from tuogu.org import actions
        from tuogu.org import queries as org
        from tuogu.vault import create_key_file

        create_key_file(tmp_path / "keys")
        monkeypatch.setenv("TUOGU_DATABASE_URL", database.url)
        machine, now = org.machine(), clock.now()
        actions.sync_institutions(tiny.institutions(), by=machine, at=now)
        actions.sync_people(tiny.people({"staff_number": "1001"}), by=machine, at=now)
        monkeypatch.setenv("TUOGU_TOKEN", signers.token_of("1001"))
        yield database.url


@pytest.mark.database
@pytest.mark.req("N-09", "S1-02")
def test_adopt_puts_a_file_in_force_from_its_day(here: str, file: Path, monkeypatch: pytest.MonkeyPatch):
    text = told("adopt", file)
    assert "已启用制度 standard 2030.1，2030-01-01 起生效" in text
    assert "注意" not in text
    rows = json.loads(told("versions", "--json"))
    assert [(row["version"], row["effective_date"]) for row in rows] == [("2030.1", "2030-01-01")]
    assert "1001" in told("versions")
    for day, most in (("2029-12-31", 60), ("2030-01-01", 55)):
        (load,) = json.loads(told("show", "territory.month_load_max", "--on", day, "--json"))["parameters"]
        assert load["value"] == most
    assert "分公司〔2029〕9号" in told("cite", "territory.month_load_max", "--on", "2030-01-01")
    assert json.loads(told("diff", "standard", "2030.1", "--json"))["changes"][0]["new"] == 55
    earlier = file.with_name("b.toml")
    earlier.write_text(GOOD.replace("2030.1", "2026.2").replace("2030-01-01", "2026-02-01"), encoding="utf-8")
    text = told("adopt", earlier)
    assert "生效日早于今天" in text
    assert "已有更晚生效的版本 2030.1，其中不含本次改动" in text
    monkeypatch.setenv("TUOGU_TOKEN", "nobody")
    assert "令牌无效" in told("adopt", file, code=2)
