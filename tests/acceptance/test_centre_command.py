"""The resource centre from a branch's workbook: `tuogu synth`, `tuogu plan --strategy centre`."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from command import Command

AS_OF = "2026-11-02"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Command, Path]:
    folder = tmp_path_factory.mktemp("centre")
    command = Command("", folder)
    command.run("synth", "--out", folder / "city", "--customers", 1500, "--clean")
    return command, folder / "city" / "workbook.xlsx"


@pytest.mark.req("S1-08", "S1-09", "S1-17")
def test_a_workbook_becomes_a_plan_of_the_centre(asked: tuple[Command, Path], tmp_path: Path) -> None:
    command, workbook = asked
    words = ("plan", workbook, "--strategy", "centre", "--as-of", AS_OF)
    said = command.json(*words, "--out", tmp_path / "out")
    figures = dict(said["certificate"]["figures"])
    assert (said["certificate"]["violations"], said["certificate"]["gap"]) == (0, 0.0)
    assert (said["placed"], figures["pool"], figures["wef1_violations"]) == (figures["stock"], 0, 0)
    plan = tmp_path / "out" / "plan"
    quotas, cards = (pl.read_parquet(plan / f"own.{name}.parquet") for name in ("quotas", "score_cards"))
    assert said["by_receiver"] == dict(
        quotas.filter(pl.col("pieces") > 0).select("staff_number", "pieces").iter_rows()
    )
    parts = [name for name in cards.columns if name.endswith("_points")]
    assert cards.select(pl.sum_horizontal(parts)).to_series().to_list() == cards["score"].to_list()
    assert (quotas.filter(pl.col("weight") == 0)["pieces"] == 0).all()
    assert (tmp_path / "out" / "客户资源分配预分登记表.xlsx").exists()
    part = command.json(*words, "--option", "pieces=100", "--out", tmp_path / "part")
    assert (part["placed"], part["left"]["pool"]) == (100, said["placed"] - 100)


def test_what_cannot_be_read_as_a_count_is_refused(asked: tuple[Command, Path], tmp_path: Path) -> None:
    command, workbook = asked
    early = command.try_run(
        "plan", workbook, "--strategy", "centre", "--as-of", AS_OF, "--option", "pieces=x"
    )
    assert early.returncode != 0
    assert "pieces" in early.stdout + early.stderr
    assert "Traceback" not in early.stderr
