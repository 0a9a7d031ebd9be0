"""Matching from a branch's workbook: `tuogu synth`, `tuogu plan --strategy match`."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from command import Command

AS_OF = "2026-11-02"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Command, Path]:
    folder = tmp_path_factory.mktemp("match")
    command = Command("", folder)
    command.run("synth", "--out", folder / "city", "--customers", 1_500, "--clean")
    return command, folder / "city" / "workbook.xlsx"


@pytest.mark.req("S4-07", "S4-09", "S4-12")
def test_a_workbook_becomes_a_matching(asked: tuple[Command, Path], tmp_path: Path) -> None:
    command, workbook = asked
    words = ("plan", workbook, "--strategy", "match", "--as-of", AS_OF)
    said = command.json(*words, "--out", tmp_path / "out")
    proof = said["certificate"]
    assert (proof["metric"], proof["violations"]) == ("tier_cost", 0)
    assert proof["lower_bound"] <= proof["objective"] <= 1.005 * proof["lower_bound"]
    plan = {
        path.stem.removeprefix("own."): pl.read_parquet(path)
        for path in (tmp_path / "out" / "plan").glob("*.parquet")
    }
    able = plan["eligibility"].filter("eligible")
    assert set(said["by_receiver"]) <= set(able["staff_number"])
    assert plan["people"]["held_after"].max() <= 200
    funnel = dict(plan["funnel"].select("step", "policies").iter_rows())
    assert funnel["本次分配"] == said["placed"] + said["left"].get("no_receiver", 0)
    assert funnel["有效孤儿保单"] == said["placed"] + said["unplaced"]
    assert (
        plan["placements"].group_by("holder_number").agg(pl.col("receiver").n_unique())["receiver"].max() == 1
    )
    chosen = plan["candidates"].filter(pl.col("verdict") == "chosen")
    assert len(chosen) == said["placed"]
    near = command.json(*words, "--option", "surplus=own_team", "--out", tmp_path / "near")
    assert "other_team" not in near["by_lever"]
    assert near["placed"] == said["placed"] - said["by_lever"].get("other_team", 0) - said["by_lever"].get(
        "near_team", 0
    )


@pytest.mark.req("S4-11")
@pytest.mark.exhaustive
def test_the_same_orphans_for_the_collection_team(asked: tuple[Command, Path], tmp_path: Path) -> None:
    command, workbook = asked
    words = ("plan", workbook, "--strategy", "match", "--as-of", AS_OF, "--option", "to=collection")
    said = command.json(*words, "--out", tmp_path / "out")
    assert said["certificate"]["violations"] == 0
    assert set(said["by_lever"]) <= {"own_area", "nearest"}
    people = pl.read_parquet(tmp_path / "out" / "plan" / "own.people.parquet")
    assert people["people_class"].unique().to_list() == ["收展"]
