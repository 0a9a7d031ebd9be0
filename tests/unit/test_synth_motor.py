"""The synthetic motor book through the intake: accepted, rejected and skipped rows are those of the truth."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tuogu import files, synth
from tuogu.core.intake import standardise
from tuogu.data.codebook import load

SIZE = 300


@pytest.fixture(scope="module")
def city() -> synth.City:
    return synth.make_city("330200", 300, 7, load(["330200"]))


@pytest.mark.req("S3-01")
def test_the_motor_sheet_is_accepted_and_refused_as_the_truth_says(city: synth.City, tmp_path: Path) -> None:
    path = synth.write_motor(city, SIZE, tmp_path, dirty=True, parquet=False)
    raw = files.read_workbook(path)
    intake = standardise(raw, city.data_date, stored=city.books)
    counts = intake.counts.row(0, named=True)
    skipped = counts["skipped_blank"] + counts["skipped_total"] + counts["skipped_header"]
    assert counts["accepted"] + counts["rejected"] + skipped == counts["read"]
    assert counts["accepted"] == SIZE
    assert intake.motor.equals(pl.read_parquet(tmp_path / "truth" / "motor.parquet"))
    known = pl.read_parquet(tmp_path / "truth" / "rows_motor.parquet").filter(expected="rejected")
    found = intake.rejects.select("row", "reason").unique()
    assert set(found.iter_rows()) == set(known.select("row", "reason").iter_rows())
    personal = intake.rejects.filter(pl.col("reason").is_in(["bad_plate", "bad_frame"]))["detail"].to_list()
    assert not [line for line in personal if "LSV123" in line or "“12345”" in line]  # masked in the sentence
    assert intake.books.policies.is_empty()


def test_the_same_city_gives_the_same_book_of_the_size_asked_for(city: synth.City) -> None:
    book, again = synth.motor_book(city, SIZE), synth.motor_book(city, SIZE)
    assert book.rows.equals(again.rows)
    assert book.truth.equals(again.truth)
    assert book.rows.height == book.truth.height == SIZE
    assert book.rows["frame_number"].n_unique() < SIZE  # some cars were renewed
    assert book.truth["renewed_by"].drop_nulls().len() > 0
    assert book.rows["agent_number"].null_count() > 0
