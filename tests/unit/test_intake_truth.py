"""A dirty workbook of a synthetic city against its truth: every row judged alike, books equal to the cell."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tuogu import files, synth
from tuogu.core.intake import Intake, standardise
from tuogu.data.codebook import load

_CUSTOMERS = 1500


@pytest.fixture(scope="module")
def read_city(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, files.RawWorkbook, Intake]:
    folder = tmp_path_factory.mktemp("city")
    synth.write_workbook(synth.make_city("330200", _CUSTOMERS, 11, load(["330200"])), folder)
    raw = files.read_workbook(folder / "workbook.xlsx", required=("policies", "customers", "people"))
    return folder, raw, standardise(raw, synth.DATA_DATE)


@pytest.mark.parametrize("kind", ["policies", "customers", "people", "institutions", "coordinates", "facts"])
def test_every_row_is_judged_as_the_truth_says(
    kind: str, read_city: tuple[Path, files.RawWorkbook, Intake]
) -> None:
    folder, raw, intake = read_city
    truth = pl.read_parquet(folder / "truth" / f"rows_{kind}.parquet")
    sheet = raw.sheets[kind]
    told = intake.rejects.filter(pl.col("sheet") == sheet.name)
    assert set(told["row"]) == set(truth.filter(pl.col("expected") == "rejected")["row"])
    bad = truth.filter(pl.col("expected") == "rejected").select("row", "reason")
    assert bad.join(told, on=["row", "reason"], how="anti").is_empty()
    counts = intake.counts.filter(pl.col("kind") == kind).row(0, named=True)
    assert counts["read"] == truth.height == sheet.frame.height
    for expected, count in (("accepted", "accepted"), ("blank", "skipped_blank"), ("total", "skipped_total")):
        assert counts[count] == truth.filter(pl.col("expected") == expected).height


@pytest.mark.req("S1-22")
def test_facts_equal_the_truth_to_the_figure(read_city: tuple[Path, files.RawWorkbook, Intake]) -> None:
    folder, _, intake = read_city
    truth = pl.read_parquet(folder / "truth" / "facts.parquet")
    assert intake.facts.equals(truth)
    assert truth["key"].n_unique() == 11
    assert truth["source_ref"].null_count() == 0


@pytest.mark.parametrize("kind", ["policies", "customers", "people"])
def test_accepted_rows_equal_the_truth_to_the_cell(
    kind: str, read_city: tuple[Path, files.RawWorkbook, Intake]
) -> None:
    folder, _, intake = read_city
    got: pl.DataFrame = getattr(intake.books, kind)
    truth = pl.read_parquet(folder / "truth" / f"{kind}.parquet").select(got.columns)
    assert got.equals(truth.sort(got.columns[0]))
