"""`tuogu import --map`, `tuogu imports` and `tuogu revert-import`, called in this process on a database of their own."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

import databases
import signers
import uploads as sent
from tuogu.books import queries as books
from tuogu.books.failures import ImportRefused
from tuogu.cli import app
from tuogu.files.refusal import FileRefused
from tuogu.jobs import queries as jobs
from tuogu.jobs.flow import FlowRefused
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.vault import create_key_file

committed_database = databases.committed_database
pytestmark = pytest.mark.database
HEADER = "流水,险种类别,怎么交,缴费频次,保费,生效日期,保单状态,投保人客户号,被保险人客户号,管理机构"


class Refused(AssertionError):
    """Exit code 2."""


def run(database: databases.Database, *words: object, codes: tuple[int, ...] = (0,)) -> Any:
    """The JSON of `tuogu WORDS… --json`."""
    done = CliRunner().invoke(app, [*map(str, words), "--db", database.url, "--json"])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    if done.exit_code == 2:
        raise Refused(done.output)
    assert done.exit_code in codes, done.output
    return json.loads(done.stdout[done.stdout.index("{") if "{" in done.stdout else 0 :])


@pytest.mark.req("P-13")
def test_mapped_columns_come_in_and_the_import_is_taken_back_by_two_tokens(committed_database, tmp_path):
    create_key_file(committed_database.directory / "keys")
    workbook = tmp_path / "branch.xlsx"
    workbook.write_bytes(sent.workbook())
    run(
        committed_database,
        "import",
        workbook,
        "--data-date",
        sent.DATA_DATE,
        "--coverage",
        "full",
        codes=(0, 1),
    )
    first = books.import_page(before=None, size=1)[0]
    kept = jobs.upload_of_run(first.id)
    assert kept is not None
    assert kept.data_date == sent.DATA_DATE
    lines, total = jobs.rejected_cells(kept.key, start=0, size=999)
    assert total >= first.rejected > 0
    assert any(line.value for line in lines)
    (again,) = jobs.reject_files(kept.key)
    found = run(committed_database, "import", again, codes=(0, 1))
    changed = {name: n for name, n in found["import"].items() if name.endswith("_updated")}
    assert set(changed.values()) == {0}, changed
    newest = books.import_page(before=None, size=1)[0]
    assert (newest.data_date, newest.coverage) == (sent.DATA_DATE, "partial")
    with pytest.raises(FlowRefused, match="不能改成 2026-11-01"):
        run(committed_database, "import", again, "--data-date", "2026-11-01")
    stored = ledger.holdings(Scope.everything(), kind="policy").height
    extra = tmp_path / "保单.csv"
    customers = books.stored_customers(personal=False)["customer_number"]
    code = books.stored_policies()["institution_code"].drop_nulls()[0]
    rows = [
        f"PX{i:04d},主险,期交,年交,1200,2015-03-05,有效,{customers[i]},{customers[i]},{code}"
        for i in range(5)
    ]
    extra.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    with pytest.raises(FlowRefused, match="保单号码"):
        run(committed_database, "import", extra, "--data-date", sent.DATA_DATE)
    with pytest.raises(FileRefused, match="没有叫"):
        run(committed_database, "import", extra, "--map", "流水=不存在的列")
    mapped = ["--map", "流水=保单号码", "--map", "保单.怎么交=缴费方式"]
    found = run(committed_database, "import", extra, "--data-date", sent.DATA_DATE, *mapped)
    assert found["import"]["opened"] == 5
    assert ledger.holdings(Scope.everything(), kind="policy").height == stored + 5

    newest = books.import_page(before=None, size=1)[0]
    assert (newest.file_name, newest.read, newest.accepted, newest.rejected) == ("保单.csv", 5, 5, 0)
    one, two = (_token(place) for place in (0, 1))
    words = ["revert-import", newest.id, "--reason", "试验", "--token", one]
    preview = run(committed_database, *words, "--dry-run")
    assert (preview["policies"], preview["conflicts"]) == (5, 0)
    with pytest.raises(Refused, match="--second"):
        run(committed_database, *words)
    with pytest.raises(ImportRefused, match="另一人"):
        run(committed_database, *words, "--second", one)
    assert ledger.holdings(Scope.everything(), kind="policy").height == stored + 5
    done = run(committed_database, *words, "--second", two)
    assert (done["already"], done["policies"], done["closed"]) == (False, 5, 5)
    assert ledger.holdings(Scope.everything(), kind="policy").height == stored
    assert not books.stored_policies().filter(pl.col("policy_number").str.starts_with("PX")).height
    again = run(committed_database, *words, "--second", two)
    assert (again["already"], again["policies"]) == (True, 5)
    assert ledger.verify().ok
    back = run(committed_database, "import", extra, "--data-date", sent.DATA_DATE, "--token", one, *mapped)
    assert (back["imported_before"], back["import"]["reopened"]) == (False, 5)


def _token(place: int) -> str:
    people = org.people(Scope.everything(), sent.DATA_DATE).sort("staff_number")
    return signers.token_of(people["staff_number"][place])
