"""The campaign on the synthetic city: it finds exactly the customers that the city was drawn with."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from command import Command
from territory_books import standard_rules
from tuogu.core.address import Gazetteer
from tuogu.core.plan import make_plan
from tuogu.core.prepare import prepare
from tuogu.data.codebook import load
from tuogu.synth import campaign, make_city, write_workbook
from tuogu.synth.truth import truth_of_customers

AREAS = {"市区": "city", "县区": "county"}
SIDES = {"在职": "in_post", "孤儿": "orphans"}


@pytest.mark.req("S2-01", "S2-02", "S2-03", "S2-04")
def test_the_city_is_screened_and_split_as_it_was_drawn() -> None:
    codebook = load(["330200"])
    city = make_city("330200", 3_000, 7, codebook)
    gazetteer = Gazetteer.build(codebook.regions, codebook.events, traditional=codebook.traditional)
    day = date(2026, 11, 1)
    book = prepare(city.books, codebook.regions, gazetteer, standard_rules(), day, home_city="330200")
    plan = make_plan(book, standard_rules(), day, 1, 1, strategy="campaign")
    truth = campaign(city)
    for row in plan.tables["split"].iter_rows(named=True):
        true = truth[SIDES[row["side"]]][AREAS[row["area"]]]
        assert (row["customers"], row["premium_fen"]) == (true["customers"], true["premium_fen"])
    assert plan.tables["split"]["customers"].sum() == truth["screened"] == len(plan.placements)
    assert plan.certificate.violations == 0
    drawn = truth_of_customers(city).filter(group="screened_orphan").select("customer_number", "area")
    given = plan.placements.filter(lever="quota").join(
        drawn, left_on="number", right_on="customer_number", how="left"
    )
    assert given["area"].null_count() == 0
    by_area = given.group_by("receiver").agg(pl.col("area").n_unique())
    assert by_area["area"].to_list() == [1] * len(by_area)


@pytest.mark.req("S2-05", "S2-06", "S2-08")
@pytest.mark.exhaustive
def test_the_command_line_plans_the_campaign_of_a_workbook(tmp_path: Path) -> None:
    """The city's workbook files the premium shares of the notice; quotas and waves add up to the orphans of each area."""
    city = make_city("330200", 1_500, 3, load(["330200"]))
    write_workbook(city, tmp_path, dirty=False)
    command = Command("", tmp_path)
    (book,) = tmp_path.glob("*.xlsx")
    told = command.json(
        "plan", book, "--strategy", "campaign", "--as-of", "2026-11-01", "--out", tmp_path / "out"
    )
    assert told["certificate"]["violations"] == 0
    assert told["certificate"]["objective"] == told["certificate"]["lower_bound"]
    truth = campaign(city)
    orphans = {area: truth["orphans"][area]["customers"] for area in AREAS.values()}
    assert told["by_lever"]["quota"] == sum(orphans.values())
    shares = pl.read_parquet(tmp_path / "out/plan/own.shares.parquet")
    assert len(shares) == 8
    assert (shares["wave_1"] + shares["wave_2"] == shares["quota"]).all()
    by_area = dict(shares.group_by("area").agg(pl.col("quota").sum()).iter_rows())
    assert {AREAS[word]: count for word, count in by_area.items()} == orphans
    refused = command.try_run("plan", book, "--strategy", "reclaim", "--option", "stage=q2")
    assert refused.returncode == 2
    assert "请先下发活动方案" in refused.stdout + refused.stderr
