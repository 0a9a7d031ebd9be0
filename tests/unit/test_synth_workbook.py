"""The workbook of the synthetic city: what an import makes of it is exactly what the truth says.

The import is the product's own reader and intake; the truth comes from the generator. Each checks the other.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import polars as pl
import pytest

from tuogu.core.intake import standardise
from tuogu.core.intake_tables import Intake, RawWorkbook
from tuogu.data.codebook import load
from tuogu.files import read_workbook
from tuogu.synth import City, make_city, write_parquet, write_workbook
from tuogu.synth import parquet as parquet_module
from tuogu.synth.drafts import draft_sheets

KINDS = ("policies", "customers", "people", "institutions", "coordinates")


@pytest.fixture(scope="module")
def city() -> City:
    return make_city("330200", 2_500, 5, load(["330200"]))


@pytest.fixture(scope="module")
def folder(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("synth")
    write_workbook(city, out)
    return out


@pytest.fixture(scope="module")
def raw(folder: Path) -> RawWorkbook:
    return read_workbook(folder / "workbook.xlsx")


@pytest.fixture(scope="module")
def intake(city: City, raw: RawWorkbook) -> Intake:
    return standardise(raw, city.data_date)


def known_rows(folder: Path, kind: str) -> pl.DataFrame:
    return pl.read_parquet(folder / "truth" / f"rows_{kind}.parquet")


@pytest.mark.req("N-19")
@pytest.mark.parametrize("kind", KINDS)
def test_the_accepted_rows_are_the_books_of_the_truth(city: City, intake: Intake, kind: str) -> None:
    accepted, truth = getattr(intake.books, kind), getattr(city.books, kind)
    assert accepted.equals(truth)


@pytest.mark.req("N-19")
@pytest.mark.parametrize("kind", KINDS)
def test_every_row_gets_the_verdict_that_was_foretold(folder: Path, intake: Intake, kind: str) -> None:
    known = known_rows(folder, kind)
    told = intake.rejects.filter(pl.col("sheet") == known["sheet"][0])
    found = told.group_by("row").agg(reasons=pl.col("reason"))
    joined = known.join(found, on="row", how="full", coalesce=True)
    rejected = joined["reasons"].is_not_null()
    assert (rejected == (joined["expected"] == "rejected")).all()
    assert joined.filter(rejected & ~pl.col("reason").is_in(pl.col("reasons"))).is_empty()


def test_read_is_accepted_and_rejected_and_skipped(folder: Path, intake: Intake) -> None:
    for kind in KINDS:
        counts = intake.counts.row(by_predicate=pl.col("kind") == kind, named=True)
        known = dict(known_rows(folder, kind)["expected"].value_counts().iter_rows())
        assert counts["read"] == sum(known.values())
        assert counts["accepted"] == known["accepted"]
        assert counts["rejected"] == known.get("rejected", 0)
        assert counts["skipped_blank"] == known.get("blank", 0)
        assert counts["skipped_total"] == known.get("total", 0)


def test_three_percent_are_bad_in_many_ways(folder: Path) -> None:
    reasons: set[str] = set()
    for kind in ("policies", "customers"):
        known = known_rows(folder, kind)
        bad = known.filter(pl.col("expected") == "rejected")
        assert 0.025 < len(bad) / len(known) < 0.035
        reasons |= set(bad["reason"])
    assert len(reasons) >= 22
    assert {
        "rounded_number",
        "duplicate_row",
        "duplicate_key",
        "holder_rejected",
        "birth_id_mismatch",
    } <= reasons


def test_the_sheets_look_like_a_branch_wrote_them(raw: RawWorkbook) -> None:
    policies, customers = raw.sheets["policies"], raw.sheets["customers"]
    assert policies.header_row == 4  # title, note and a blank row stand above
    assert customers.header_row == 4  # title, note and merged group headings
    assert policies.mapping["保险单号"] == "policy_number"
    assert customers.mapping["身份证号"] == "id_number"
    assert "备注" not in policies.mapping
    days = policies.frame["生效日"].drop_nulls()
    for form in (r"^\d{4}年\d+月\d+日$", r"^\d{8}$", r"^\d{5}$", r"^\d{4}/\d\d/\d\d$", r"^\d{4}\.\d+\.\d+$"):
        assert days.str.contains(form).sum() > 20
    assert customers.frame["手机"].drop_nulls().str.contains("[０-９]").sum() > 20
    money = policies.frame["保费（元）"].drop_nulls()
    assert money.str.contains("¥|元|,").sum() > 100


def test_no_formula_and_the_same_cells_again(
    folder: Path, city: City, tmp_path: Path, raw: RawWorkbook
) -> None:
    with zipfile.ZipFile(folder / "workbook.xlsx") as file:
        for name in file.namelist():
            assert b"<f>" not in file.read(name)
    again = make_city("330200", 2_500, 5, load(["330200"]))
    first, second = draft_sheets(city), draft_sheets(again)
    assert first == second
    path = write_workbook(again, tmp_path)
    for kind, sheet in read_workbook(path).sheets.items():
        assert sheet.frame.equals(raw.sheets[kind].frame)


def test_campaign_file_and_truth_tables_stand_beside(folder: Path) -> None:
    told = json.loads((folder / "truth/campaign.json").read_text(encoding="utf-8"))
    assert told["customers"] == 2_500
    assert told["screened"] == 1_901  # each of four quotas of 2,500 rounded by largest remainder
    assert told["data_date"] == "2026-10-31"
    assert told["collection_managers"] == 2
    assert told["planned_policies"] == 529  # three quarters of 706 screened orphans: fewer than 2 × 295
    names = {path.name for path in (folder / "truth").iterdir()}
    assert {"policies.parquet", "customers.parquet", "known_policies.parquet", "planted.parquet"} <= names


def test_clean_workbook_has_nothing_to_reject(tmp_path: Path) -> None:
    city = make_city("330200", 300, 2, load(["330200"]))
    intake = standardise(read_workbook(write_workbook(city, tmp_path, dirty=False)), city.data_date)
    assert intake.rejects.is_empty()
    assert intake.books.policies.equals(city.books.policies)


@pytest.mark.req("N-19")
def test_parquet_in_pieces_imports_without_a_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_module, "PIECE_ROWS", 250)
    city = make_city("330200", 800, 2, load(["330200"]))
    write_parquet(city, tmp_path)
    intake = standardise(read_workbook(tmp_path), city.data_date)
    assert intake.rejects.is_empty()
    for kind in KINDS:
        assert getattr(intake.books, kind).equals(getattr(city.books, kind))
        stored = pl.read_parquet(tmp_path / "truth" / f"{kind}.parquet")
        assert stored.sort(stored.columns[0]).equals(getattr(city.books, kind))
    assert len(pl.read_parquet(tmp_path / "truth/known_policies.parquet")) == len(city.books.policies)


def test_a_city_too_large_for_excel_is_refused(
    city: City, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tuogu.synth.workbook.SHEET_ROWS_MAX", 2_000)
    with pytest.raises(ValueError, match="--parquet"):
        write_workbook(city, tmp_path)
