"""`tuogu synth` writes files, refuses to overwrite, and says what it made."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from tuogu.cli.synth import synth

app = typer.Typer()
app.command()(synth)
run = CliRunner().invoke


def test_synth_writes_a_workbook_and_reports_as_json(tmp_path: Path) -> None:
    out = tmp_path / "city"
    result = run(app, ["--out", str(out), "--customers", "300", "--seed", "9", "--json"])
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["customers"] == 300
    assert told["seed"] == 9
    assert (out / "workbook.xlsx").stat().st_size > 20_000
    assert (out / "truth/campaign.json").exists()
    again = run(app, ["--out", str(out), "--customers", "300"])
    assert again.exit_code == 2
    assert run(app, ["--out", str(out), "--customers", "300", "--force", "--clean"]).exit_code == 0


def test_synth_writes_parquet(tmp_path: Path) -> None:
    result = run(app, ["--out", str(tmp_path / "p"), "--customers", "100", "--parquet"])
    assert result.exit_code == 0
    assert (tmp_path / "p" / "保单.parquet").exists()
    assert "合成" in result.stdout


def test_synth_refuses_what_cannot_be(tmp_path: Path) -> None:
    for wrong in (["--customers", "3"], ["--city", "999900"], ["--data-date", "昨天"]):
        result = run(app, ["--out", str(tmp_path / "x"), *wrong])
        assert result.exit_code == 2
        assert not (tmp_path / "x" / "truth").exists()
