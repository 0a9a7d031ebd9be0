"""A list turned up: by its mark, and without it by its invented rows, it leads to who took it (N-13)."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cast import Cast
from listed_world import GONE, MANAGER, import_rows, policy_rows
from tuogu.books import queries as books
from tuogu.core.intake_tables import RawWorkbook, plain_sheet
from tuogu.exports import queries
from tuogu.exports.canaries import invented
from tuogu.exports.kinds import Column, Table
from tuogu.exports.models import Canary, Export
from tuogu.jobs.canaries import without_canaries
from tuogu.org.roles import Role

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
REASON = "二组周会分发应收名单"


@pytest.fixture
def site(cast: Cast) -> Cast:
    import_rows(cast, [*policy_rows(60, agent=MANAGER), *policy_rows(20, agent=GONE, first=100)])
    return cast


def taken(client: Client, **more: Any) -> list[list[Any]]:
    answer = client.post("/policies/export/", {"all": "1", "query": "", "reason": REASON} | more)
    sheet = openpyxl.load_workbook(io.BytesIO(bytes(answer.content))).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def leaked(rows: list[list[Any]], *, properties: bool = False) -> SimpleUploadedFile:
    """The rows typed into another workbook: nothing of ours is left but what stands in cells."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return SimpleUploadedFile("名单.xlsx", content.getvalue())


def found(client: Client, file: SimpleUploadedFile) -> str:
    return str(client.post("/exports/trace/", {"file": file}).content.decode())


@pytest.mark.req("N-13")
def test_a_copy_leads_to_its_export_by_the_mark_and_without_it_by_an_invented_row(site: Cast) -> None:
    clerk, lead, auditor = (site.client(r) for r in (Role.RESOURCE_CLERK, Role.TEAM_LEAD, Role.AUDITOR))
    first, second = taken(clerk), taken(lead)
    one, two = Export.objects.order_by("pk")
    for rows, export in ((first, one), (second, two)):
        page = found(auditor, leaked(rows))
        assert export.code in page
        assert "水印、虚构行 3 行" in page
        assert REASON in page
    other = {one.code: two.code, two.code: one.code}
    for rows, export in ((first, one), (second, two)):
        bare = found(auditor, leaked(rows[1:-1]))
        assert export.code in bare
        assert other[export.code] not in bare, "each copy has its own"
        assert "虚构行 3 行" in bare
        assert "水印、" not in bare
    numbers = set(Canary.objects.filter(export=one).values_list("number", flat=True))
    (only, *_others) = sorted(numbers)
    assert [t.export.code for t in queries.trace([only], now=site.now).exports] == [one.code], (
        "one row is enough"
    )
    real = [row[0] for row in first[1:-1] if row[0] not in numbers]
    assert not queries.trace(real, now=site.now).exports
    assert one.code in str(auditor.post("/exports/trace/", {"code": one.code}).content.decode())
    text = SimpleUploadedFile("mail.txt", f"转发：……{two.code}……".encode())
    assert two.code in found(auditor, text), "a mail, a web page"
    assert clerk.post("/exports/trace/", {"code": one.code}).status_code == 403


@pytest.mark.req("N-13")
def test_the_command_finds_it_as_well(site: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from tuogu import cli
    from tuogu.cli import export as command

    monkeypatch.setattr(command, "open_database", lambda _db: None)
    rows = taken(site.client(Role.RESOURCE_CLERK))
    code = Export.objects.get().code
    file = tmp_path / "leak.xlsx"
    file.write_bytes(leaked(rows[1:-1]).read())
    run = CliRunner().invoke(cli.app, ["export", "trace", "--db", "sqlite://", "--json", str(file)])
    assert run.exit_code == 0
    (hit,) = json.loads(run.stdout)["exports"]
    assert (hit["code"], hit["watermark"], hit["canaries"], hit["staff_number"]) == (code, False, 3, "9003")
    clean = tmp_path / "clean.xlsx"
    clean.write_bytes(leaked([["保单号"], ["P00000001"]]).read())
    assert CliRunner().invoke(cli.app, ["export", "trace", "--db", "sqlite://", str(clean)]).exit_code == 1
    listed = CliRunner().invoke(cli.app, ["export", "list", "--db", "sqlite://", "--json"])
    assert [row["code"] for row in json.loads(listed.stdout)] == [code]


@pytest.mark.req("N-13")
def test_invented_rows_count_nowhere_and_are_dropped_when_they_come_back(site: Cast) -> None:
    rows = taken(site.client(Role.RESOURCE_CLERK))
    export, numbers = Export.objects.get(), set(Canary.objects.values_list("number", flat=True))
    assert len(numbers) == 3
    assert export.rows == 80
    (row,) = queries.export_page(queries_scope(), queries.ExportFilter(), now=site.now, before=None, size=5)
    assert row.rows == 80, "invented rows are counted nowhere"
    assert not books.known_numbers(numbers), "nobody's"
    frame = pl.DataFrame({"policy_number": [row[0] for row in rows[1:-1]]})
    raw = RawWorkbook({"policies": plain_sheet("policies", frame, "保单")})
    back = without_canaries(raw)
    assert back.sheets["policies"].frame.height == 80
    assert not set(back.sheets["policies"].frame["policy_number"]) & numbers
    assert "有 3 行是本系统导出时加入的虚构行，已剔除" in back.notes[-1]
    same = RawWorkbook(
        {"policies": plain_sheet("policies", frame.filter(~pl.col("policy_number").is_in(numbers)))}
    )
    assert without_canaries(same) is same


def queries_scope() -> Any:
    from tuogu.org.scope import Scope

    return Scope.everything()


@pytest.mark.req("N-13")
def test_an_invented_row_looks_like_the_others_and_can_be_nobodys(site: Cast) -> None:
    count = 200
    table = Table(
        "清单",
        (
            Column("保单号", [f"330200{i:09d}" for i in range(count)], "number"),
            Column("投保人", ["张三丰"] * count, "name"),
            Column("手机", [f"138{i:08d}" for i in range(count)], "phone"),
            Column("证件号", ["33020319800101123X"] * count, "id"),
            Column("脱敏手机", ["138****1234"] * count, "phone"),
            Column("年缴保费", list(range(count))),
        ),
    )
    longer, numbers = invented(table, "E20261122-AAAAAAAA", 20, 99)
    assert longer.rows == count + 20
    by_number = {row[0]: row for row in zip(*(c.values for c in longer.columns), strict=True)}
    for number in numbers:
        _n, name, phone, identity, masked, premium = by_number[number]
        assert number.startswith("33020099")
        assert len(number) == 15
        assert str(name)[1:] == "三丰"
        assert str(phone).startswith("142"), "a series that no telephone has"
        assert not valid_id(str(identity)), "its check digit is wrong"
        assert str(masked).startswith("142****")
        assert premium in range(count)
    places = [i for i, number in enumerate(longer.columns[0].values) if number in numbers]
    assert places != list(range(count, count + 20)), "not all at the end"
    again, same = invented(table, "E20261122-AAAAAAAA", 20, 99)
    assert same == numbers
    assert again == longer, "derived from the export's code, not drawn"
    _other, others = invented(table, "E20261122-BBBBBBBB", 20, 99)
    assert not set(others) & set(numbers)
    full = Table("清单", table.columns, taken=lambda asked: [n for n in asked if n in set(numbers[:5])])
    _table, fresh = invented(full, "E20261122-AAAAAAAA", 20, 99)
    assert not set(fresh) & set(numbers[:5]), "a real number is never invented"
    assert len(set(fresh)) == 20


def valid_id(text: str) -> bool:
    """GB 11643: ISO 7064 mod 11-2."""
    weights = [pow(2, 17 - i, 11) for i in range(17)]
    return "10X98765432"[sum(int(d) * w for d, w in zip(text, weights, strict=False)) % 11] == text[17]


def test_valid_id_knows_a_valid_one() -> None:
    assert valid_id("11010519491231002X")


def test_short_lists_and_signed_papers_hold_no_invented_row(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    rows = taken(clerk, all="", pick=[f"P{i:08d}" for i in range(40)])
    assert len(rows) == 1 + 40 + 1
    assert not Canary.objects.exists()
    kinds = {kind.name: kind.canaries for kind in queries.all_kinds()}
    assert [name for name, on in kinds.items() if on] == ["policies"] or set(kinds) > {
        "policies",
        "plan_register",
    }
    for paper in ("plan_register", "plan_changes", "rejects", "draw_numbers"):
        assert not kinds[paper], "signed, counted or corrected: nothing invented in it"
