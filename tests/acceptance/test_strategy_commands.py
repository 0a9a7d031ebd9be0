"""The command line on plans of every strategy: what it would change, why somebody received a customer, what it refuses."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest
from test_strategy_pages import Site

from branch_site import appoint_desks, opened_branch
from filed import file_departments
from tuogu import clock
from tuogu.cli import main, plan, preview, release
from tuogu.org.roles import Role
from tuogu.plans import queries as plans

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    with opened_branch(tmp_path_factory.mktemp("commands"), django_db_blocker) as branch:
        yield Site(branch, branch.result["plan"], appoint_desks(lead_of_one_team=False))


def command(*words: object) -> tuple[int, str, str]:
    """Exit code, output and errors of `tuogu WORDS…` in this very process, on the database that is open."""
    out, err = io.StringIO(), io.StringIO()
    argv = patch.object(sys, "argv", ["tuogu", *map(str, words)])
    connected = [
        patch.object(module, "open_database", lambda url: None) for module in (plan, preview, release)
    ]
    with (
        argv, connected[0], connected[1], connected[2], redirect_stdout(out), redirect_stderr(err),
        pytest.raises(SystemExit) as left,
    ):  # fmt: skip
        main()
    return int(left.value.code or 0), out.getvalue(), err.getvalue()


@pytest.mark.req("P-03", "N-03", "N-04")
def test_a_campaign_s_preview_says_what_its_release_does(site: Site) -> None:
    number = site.plan_by("campaign", on=clock.business_today().isoformat())
    rows = plans.table_of(number, "placements")
    first, later = rows.filter(instalment=1).height, rows.filter(pl.col("instalment") > 1).height
    told = json.loads(command("preview", number, "--db", "x", "--json")[1])
    assert (told["relation"], len(told["changes"])) == ("development", first + later)
    assert {row["old_custodian"] for row in told["changes"]} == {None}
    clerk = site.people[Role.RESOURCE_CLERK]
    file_departments(number, person=clerk, by=clerk)
    site.release(number)
    told = json.loads(command("preview", number, "--db", "x", "--json")[1])
    assert (len(told["changes"]), told["left"]) == (later, {"receiver_gone": 0, "moved_since": 0})
    own = rows.filter(instalment=1, lever="own_agent")["number"][0]
    code, said, _ = command("explain", own, "--db", "x")
    assert code == 0
    assert f"{number}（二次投保活动，由它下发）" in said
    assert "S2-03" in said
    assert "S2-05" not in said
    code, _, refused = command("explain", "没有的号", "--db", "x")
    assert (code, "没有方案提到 没有的号" in refused) == (2, True)
    policy = plans.table_of(site.plan, "placements")["number"][0]  # of an older draft, by another strategy
    assert f"{site.plan}（区域规划，最新提到它的方案" in command("explain", policy, "--db", "x")[1]
    same = json.loads(command("compare", number, number, "--db", "x", "--json")[1])
    assert (same["strategy"], same["moved"]) == ("campaign", 0)
    code, _, refused = command("compare", site.plan, number, "--db", "x")
    assert (code, "只能对照同一分配方式" in refused) == (2, True)
    assert "二次投保活动" in command("plans", "--db", "x")[1]


def test_options_are_given_once_and_refusals_say_how() -> None:
    code, _, refused = command(
        "plan", "--strategy", "centre", "-o", "pieces=1", "-o", "pieces=2", "--db", "x"
    )
    assert (code, "pieces 给了两次" in refused) == (2, True)
    code, _, refused = command("plan", "--strategy", "reclaim", "--db", "x")
    assert (code, "-o stage=q2" in refused) == (2, True)
    assert "每行 代码=工号" in command("plan", "--list")[1].replace("\n", "")


def test_the_variable_alone_does_not_stand_against_a_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUOGU_DATABASE_URL", "sqlite:///x")
    code, _, refused = command("plan", "none.xlsx")
    assert (code, "找不到文件 none.xlsx" in refused) == (2, True)
    code, _, refused = command("plan", "none.xlsx", "--db", "x")
    assert (code, "给了工作簿就不读数据库" in refused) == (2, True)
