"""The import pages: dry run, mapping, commit, bad rows back as a file, and taking an import back."""

from __future__ import annotations

import io
import stat
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import polars as pl
import pytest
from django.conf import settings as django_settings
from django.db import connection, connections
from django.urls import reverse

import uploads as sent
from cast import Cast
from exported import taken
from tuogu import files
from tuogu.accesslog import queries as accesslog
from tuogu.books import queries as books
from tuogu.clock import now
from tuogu.jobs import actions
from tuogu.jobs import queries as jobs
from tuogu.jobs.models import Upload
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
OWN = ("jobs_", "django_tasks", "django_session")  # tables that a dry run may write to


@pytest.fixture(autouse=True)
def _whole_house(cast):
    sent.for_the_whole_house(cast)


def rows_of_every_table() -> dict[str, int]:
    """Table → rows, of all databases, without the jobs' own."""
    found = {}
    for alias in django_settings.DATABASES:
        with connections[alias].cursor() as cursor:
            for table in connections[alias].introspection.table_names(cursor):
                if not table.startswith(OWN):
                    cursor.execute(f'SELECT COUNT(*) FROM "{table}"')
                    found[f"{alias}.{table}"] = cursor.fetchone()[0]
    return found


def page_of(client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content.decode()


@pytest.mark.req("P-13", "N-04")
def test_a_dry_run_writes_nothing_and_foretells_exactly_what_the_import_does(cast: Cast):
    client = cast.client(Role.RESOURCE_CLERK)
    before = rows_of_every_table()
    key = sent.send(client, ("2026-10 承保明细.xlsx", sent.workbook()))
    trial = sent.preview(key)
    assert trial.state == "done", trial.failure
    assert rows_of_every_table() == before
    counts = trial.result["counts"]
    assert counts["customers"] == 400
    assert counts["opened"] == counts["policies"] > 400
    assert "还没有写入任何数据" in page_of(client, f"/imports/{key}/")
    run = books.import_run(sent.imported(client, key))
    assert run.counts == counts
    assert (
        run.accepted
        + run.rejected
        + sum(s["skipped_blank"] + s["skipped_total"] + s["skipped_header"] for s in run.sheets)
        == run.read
    )
    assert ledger.holdings(Scope.everything(), kind="policy").height == counts["opened"] - counts["closed"]


@pytest.mark.req("P-13")
def test_the_forecast_of_a_second_month_is_what_happens(cast: Cast):
    """Leavers, ended and revived policies, new rows and stale ones: every count in advance."""
    client = cast.client(Role.RESOURCE_CLERK)
    first = sent.imported(client, _tried(client))
    later = _second_month(sent.workbook())
    key = sent.send(client, ("2026-11.xlsx", later), data_date=sent.DATA_DATE.replace(month=11, day=20))
    trial = sent.preview(key)
    assert trial.state == "done", trial.failure
    counts = trial.result["counts"]
    assert counts["people_left"] == 1
    assert counts["moved_by_leaving"] > 0
    assert counts["closed"] >= 2
    assert counts["missing_from_full"] >= 3
    run = sent.imported(client, key)
    assert run != first
    assert books.import_run(run).counts == counts


def _tried(client) -> str:
    key = sent.send(client, ("2026-10.xlsx", sent.workbook()))
    assert sent.preview(key).state == "done"
    return key


def _places(content: bytes, kind: str) -> tuple[str, int, dict[str, int]]:
    """Sheet name, header row, and canonical column → place of a sheet of ours."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "branch.xlsx"
        file.write_bytes(content)
        sheet = files.read_workbook(file).sheets[kind]
    headers = {canonical: sheet.headers[column] for column, canonical in sheet.mapping.items()}
    row = next(
        iter(
            openpyxl.load_workbook(io.BytesIO(content))[sheet.name].iter_rows(
                sheet.header_row, sheet.header_row
            )
        )
    )
    places = {str(cell.value).strip(): cell.column for cell in row if cell.value}
    return sheet.name, sheet.header_row, {c: places[h] for c, h in headers.items() if h in places}


def _second_month(content: bytes) -> bytes:
    """One agent with pieces leaves, two policies end, three rows are missing."""
    held = ledger.loads(Scope.everything(), kind="policy")
    people = org.staff_ids().filter(pl.col("left_date").is_null())
    agent = people.join(held, on="custodian_id").sort("held", descending=True)["staff_number"][0]
    book = openpyxl.load_workbook(io.BytesIO(content))
    name, head, place = _places(content, "people")
    staff = book[name]
    for row in range(head + 1, staff.max_row + 1):
        if str(staff.cell(row, place["staff_number"]).value).strip() == agent:
            staff.cell(row, place["left_date"]).value = "2026-11-10"
    name, head, place = _places(content, "policies")
    policies, ended, gone = book[name], 0, []
    stored = set(books.stored_policies().filter(kind="main", state="in_force")["policy_number"])
    for row in range(head + 1, policies.max_row + 1):
        if str(policies.cell(row, place["policy_number"]).value).strip() not in stored:
            continue
        if ended < 2:
            policies.cell(row, place["state"]).value, ended = "退保", ended + 1
        elif len(gone) < 3:
            gone.append(row)
    for row in reversed(gone):
        policies.delete_rows(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _stored_rows() -> dict[str, list[tuple]]:
    """Every column of the stored policies, riders, customers and staff records, by number."""
    found = {}
    for table in ("books_policy", "books_rider", "books_customer", "org_staffrecord"):
        key = "staff_number" if table.startswith("org") else "number"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {key}, t.* FROM {table} t ORDER BY {key}")
            found[table] = cursor.fetchall()
    return found


@pytest.mark.req("P-13")
def test_rejected_rows_sent_back_unchanged_change_nothing_and_a_corrected_one_comes_in(cast: Cast):
    client = cast.client(Role.RESOURCE_CLERK)
    run = sent.imported(client, _tried(client))
    given = taken(client, f"/imports/runs/{run}/rejects/")
    before = _stored_rows()
    later = sent.DATA_DATE + timedelta(days=9)
    key = sent.send(client, ("拒收行.xlsx", given), data_date=later)
    trial = sent.preview(key)
    assert trial.state == "done", trial.failure
    upload = jobs.upload(key)
    assert (upload.data_date, upload.coverage) == (sent.DATA_DATE, "partial")
    assert {n for name, n in trial.result["counts"].items() if name.endswith("_updated")} == {0}
    text = page_of(client, f"/imports/{key}/")
    assert "在库的保单、客户、人员一行也不改。" in text
    assert f"数据日期取自文件，为 {sent.DATA_DATE}" in text
    again = sent.imported(client, key)
    assert books.import_run(again).counts == trial.result["counts"]
    after = _stored_rows()
    for table, rows in before.items():
        assert set(rows) <= set(after[table]), table

    corrected, number = _with_a_new_phone(given)
    assert number not in {row[0] for row in after["books_customer"]}
    key = sent.send(client, ("改正.xlsx", corrected), data_date=later)
    assert sent.preview(key).result["counts"]["customers"] >= 1
    sent.imported(client, key)
    last = _stored_rows()
    assert number in {row[0] for row in last["books_customer"]}
    for table, rows in after.items():
        assert set(rows) <= set(last[table]), table


def _with_a_new_phone(content: bytes) -> tuple[bytes, str]:
    """The rejected rows with one customer of a number of its own put right."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    name, head, place = _places(content, "customers")
    page, why = book[name], book[name].max_column
    stored = set(books.stored_customers(personal=False)["customer_number"])
    for row in range(head + 1, page.max_row + 1):
        number = page.cell(row, place["customer_number"]).value
        reason = str(page.cell(row, why).value)
        if number and number not in stored and "“手机”" in reason and "；" not in reason:
            page.cell(row, place["phone"]).value = "13800138000"
            break
    else:
        raise AssertionError("no customer was rejected for the phone alone")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue(), number


@pytest.mark.req("P-13")
def test_what_a_full_file_held_in_a_rejected_row_is_not_missing_from_it(cast: Cast):
    client = cast.client(Role.RESOURCE_CLERK)
    sent.imported(client, _tried(client))
    book = openpyxl.load_workbook(io.BytesIO(sent.workbook()))
    name, head, place = _places(sent.workbook(), "policies")
    stored = set(books.stored_policies().filter(kind="main", state="in_force")["policy_number"])
    page, seen = book[name], []
    for row in range(head + 1, page.max_row + 1):
        if str(page.cell(row, place["policy_number"]).value).strip() in stored and len(seen) < 3:
            seen.append(row)
    for row in seen[:2]:
        page.cell(row, place["state"]).value = "说不清"
    page.delete_rows(seen[2])
    target = io.BytesIO()
    book.save(target)
    key = sent.send(client, ("11月.xlsx", target.getvalue()), data_date=sent.DATA_DATE + timedelta(days=9))
    trial = sent.preview(key)
    assert trial.result["counts"]["missing_from_full"] == 1
    updated = sum(n for name, n in trial.result["counts"].items() if name.endswith("_updated"))
    assert updated > 400
    assert f"更新在库 {updated:,} 行" in page_of(client, f"/imports/{key}/")


def test_a_returned_row_of_a_person_does_not_undo_the_row_that_was_accepted(cast: Cast):
    client = cast.client(Role.RESOURCE_CLERK)
    sent.imported(client, _tried(client))
    known = org.people(Scope.everything(), sent.DATA_DATE).filter(series="service")["staff_number"][0]
    updated = []
    for returned in (["原行号", "数据日期", "原因"], ["备注一", "备注二", "备注三"]):
        book = openpyxl.Workbook()
        book.active.title = "人员"
        book.active.append(["工号", "姓名", "系列", *returned])
        book.active.append([known, "另一名", "service", "9", sent.DATA_DATE.isoformat(), "号码重复"])
        target = io.BytesIO()
        book.save(target)
        trial = sent.preview(sent.send(client, ("人员.xlsx", target.getvalue()), coverage="partial"))
        updated.append(trial.result["counts"]["people_updated"])
    assert updated == [0, 1]


def test_another_branchs_institutions_are_refused_by_the_dry_run(cast: Cast):
    client = cast.client(Role.RESOURCE_CLERK)
    run = sent.imported(client, _tried(client))
    book = openpyxl.Workbook()
    book.active.title = "机构"
    book.active.append(["机构代码", "机构名称", "级别", "上级机构", "服务区划"])
    book.active.append(["X-9", "别处营业部", "部门", "X-1", "330200"])
    target = io.BytesIO()
    book.save(target)
    trial = sent.preview(sent.send(client, ("别处.xlsx", target.getvalue()), coverage="partial"))
    assert trial.state == "refused"
    assert trial.failure == "机构的上级不存在或互为上级：X-9；文件可能是另一个网点的，或少了这些机构的行"

    Upload.objects.filter(import_run=run).update(purged_at=now())
    assert "已按期删除" in page_of(client, f"/imports/runs/{run}/")
    Upload.objects.filter(import_run=run).delete()
    text = page_of(client, f"/imports/runs/{run}/")
    assert "由命令行完成" in text
    assert "原值" not in text


@pytest.mark.req("P-13")
def test_bad_rows_come_back_as_a_file_with_a_reason_column_and_are_counted(cast: Cast):
    client = cast.client(Role.RESOURCE_CLERK)
    key = _tried(client)
    rejected = jobs.job(jobs.upload(key).preview_job).result["rejected"]
    text = page_of(client, f"/imports/{key}/")
    assert "原表＋原因列" in text
    assert "330" not in "".join(
        line.value
        for line in jobs.rejected_cells(key, start=0, size=999)[0]
        if line.column == "证件号码" and len(line.value) > 12
    )
    run = sent.imported(client, key)
    book = openpyxl.load_workbook(io.BytesIO(taken(client, f"/imports/runs/{run}/rejects/")))
    found = 0
    for sheet in book:
        titles = [cell.value for cell in sheet[1]]
        assert titles[-1] == "原因"
        found += sheet.max_row - 2
        assert all(cell.value for cell in list(sheet.columns)[-1][1:-1])
        assert str(sheet.cell(sheet.max_row, 1).value).startswith("水印 · "), "whose copy it is"
    assert found == rejected
    assert [
        (row.rows, row.fields)
        for row in accesslog.log_page(Scope.everything(), accesslog.LogFilter(kind="export")).rows
    ] == [(jobs.rejected_cells(key, start=0, size=1)[1], "as_sent")]
    inspector = cast.client(Role.INSPECTOR)
    assert inspector.post(f"/imports/runs/{run}/rejects/").status_code == 403
    assert "2026-10.xlsx" in page_of(inspector, reverse("imports:list"))
    assert "原表＋原因列" not in page_of(inspector, reverse("imports:run", args=[run]))


def test_uploads_lie_in_a_closed_folder_and_go_once_imported(cast: Cast, settings):
    client = cast.client(Role.RESOURCE_CLERK)
    key = sent.send(client, ("../../etc/名单 (1).xlsx", sent.workbook()))
    folder = settings.TUOGU_FILES / "uploads" / key
    (source,) = (folder / "source").iterdir()
    assert source.name == "名单 (1).xlsx"
    assert stat.S_IMODE(source.stat().st_mode) == 0o600
    for directory in (settings.TUOGU_FILES, folder.parent, folder, folder / "source"):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700, directory
    assert sent.preview(key).state == "done"
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in folder.iterdir() if file.is_file())
    sent.imported(client, key)
    assert not (folder / "source").exists()
    assert jobs.reject_files(key)


@pytest.mark.req("P-13")
def test_unknown_headers_are_mapped_once_and_remembered(cast: Cast):
    client = cast.client(Role.RESOURCE_CLERK)
    strange = _renamed(sent.workbook(), "policies", {"policy_number": "凭证流水", "premium_mode": "怎么交"})
    key = sent.send(client, ("外来.xlsx", strange))
    trial = sent.preview(key)
    assert trial.state == "refused"
    assert "缺少" in trial.failure
    text = page_of(client, f"/imports/{key}/mapping/")
    assert "凭证流水" in text
    sheets = jobs.sketches(key)
    i = next(i for i, s in enumerate(sheets) if s.kind == "policies")
    assert set(sheets[i].missing) == {"policy_number", "premium_mode"}
    number = next(j for j, c in enumerate(sheets[i].columns) if c.header == "凭证流水")
    mode = next(j for j, c in enumerate(sheets[i].columns) if c.header == "怎么交")
    numbers = set(sheets[i].columns[number].samples)
    assert numbers
    assert all("*" in sample for sample in numbers), "samples of unknown columns are masked"
    answer = client.post(
        f"/imports/{key}/mapping/", {f"c{i}-{number}": "policy_number", f"c{i}-{mode}": "premium_mode"}
    )
    assert answer.status_code == 302
    trial = sent.preview(key)
    assert trial.state == "done", trial.failure
    assert trial.result["counts"]["policies"] > 400
    sent.imported(client, key)
    again = sent.send(client, ("外来二.xlsx", strange), coverage="partial")
    trial = sent.preview(again)
    assert trial.state == "done", "the same headers are understood without asking"
    assert jobs.mapping_remembered(again)


def _renamed(content: bytes, kind: str, headers: dict[str, str]) -> bytes:
    name, head, place = _places(content, kind)
    book = openpyxl.load_workbook(io.BytesIO(content))
    for column, header in headers.items():
        book[name].cell(head, place[column]).value = header
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.req("P-13")
def test_an_import_is_taken_back_by_two_people_and_what_was_touched_stays(cast: Cast):
    clerk, lead = cast.client(Role.RESOURCE_CLERK), cast.client(Role.TEAM_LEAD)
    run = sent.imported(clerk, _tried(clerk))
    opened = books.import_run(run).counts["opened"]
    held = ledger.holdings(Scope.everything(), kind="policy")
    touched = _touch(held, cast)
    text = page_of(clerk, f"/imports/runs/{run}/revert/")
    assert f"提交撤回 {opened - len(touched):,} 件" in text
    assert clerk.post(f"/imports/runs/{run}/revert/ask/", {"reason": "数据日期填错"}).status_code == 302
    assert clerk.post(f"/imports/runs/{run}/revert/confirm/").status_code == 403
    assert ledger.holdings(Scope.everything(), kind="policy").height == held.height, (
        "nothing before the second person"
    )
    assert lead.post(f"/imports/runs/{run}/revert/confirm/").status_code == 302
    after = ledger.holdings(Scope.everything(), kind="policy")
    assert set(after["number"]) == touched
    assert set(books.stored_policies().filter(kind="main")["policy_number"]) == touched
    record = books.import_run(run)
    assert record.reverted_at is not None
    assert record.revert.outcome["conflicts"] == len(touched)
    assert record.revert.outcome["policies"] == opened - len(touched)
    closed = ledger.history(next(iter(set(held["number"]) - touched)), relation="custody")
    assert closed["kind"].to_list() == ["open", "close"]
    assert closed["reason_code"].to_list()[-1] == "import_reverted"
    assert closed["approved_by"].to_list()[-1] == cast.people[Role.TEAM_LEAD]
    assert ledger.verify().ok
    lead.post(f"/imports/runs/{run}/revert/confirm/")
    assert books.import_run(run).revert.outcome == record.revert.outcome, "again changes nothing"
    again = sent.imported(clerk, _tried(clerk))
    assert again != run, "the same content may come in again"
    assert ledger.holdings(Scope.everything(), kind="policy").height == held.height


def _touch(held: pl.DataFrame, cast: Cast) -> set[str]:
    """Give two policies to somebody else."""
    from tuogu.ledger import actions

    some = held.filter(pl.col("head_kind") == "open").head(2)
    actions.post_batch(
        some.select("subject_id", custodian_id=pl.lit(cast.people[Role.ACCOUNT_MANAGER], pl.Int64), expected_head="head"),
        kind="transfer", key="test transfer", by=cast.people[Role.RESOURCE_CLERK], approved_by=cast.people[Role.TEAM_LEAD],
        effective_date=cast.today, recorded_at=cast.now, rule="P-04", reason_code="test",
    )  # fmt: skip
    return set(some["number"])


def test_the_asker_cannot_confirm_and_a_declined_revert_changes_nothing(cast: Cast):
    from tuogu.books import actions
    from tuogu.books.failures import ImportRefused

    clerk, lead = cast.client(Role.RESOURCE_CLERK), cast.client(Role.TEAM_LEAD)
    run = sent.imported(clerk, _tried(clerk))
    me = cast.people[Role.RESOURCE_CLERK]
    actions.ask_revert(run, reason="试试", by=me, at=cast.now)
    with pytest.raises(ImportRefused, match="另一人"):
        actions.confirm_revert(run, by=me, at=cast.now)
    assert lead.post(f"/imports/runs/{run}/revert/decline/").status_code == 302
    assert books.import_run(run).reverted_at is None
    assert books.import_run(run).revert.state == "declined"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("名单.pdf", b"%PDF-1.4", "只收 Excel"),
        ("空.xlsx", b"", "空"),
    ],
)
def test_a_file_that_cannot_be_ours_is_refused_by_name_and_reason(
    cast: Cast, name: str, content: bytes, said: str
):
    client = cast.client(Role.RESOURCE_CLERK)
    from django.core.files.uploadedfile import SimpleUploadedFile

    posted = {
        "files": [SimpleUploadedFile(name, content)],
        "data_date": "2026-10-31",
        "coverage": "full",
        "city": "",
    }
    answer = client.post("/imports/new/", posted)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert jobs.open_uploads() == []


def test_a_broken_workbook_is_refused_by_the_job_with_the_files_name(cast: Cast):
    client = cast.client(Role.RESOURCE_CLERK)
    key = sent.send(client, ("坏.xlsx", b"PK\x03\x04 not a workbook"))
    trial = sent.preview(key)
    assert trial.state == "refused"
    assert trial.failure.startswith("坏.xlsx：")
    text = page_of(client, f"/imports/{key}/")
    assert "没有写入任何数据" in text
    assert client.post(f"/imports/{key}/commit/", follow=True).status_code == 200
    assert books.import_count() == 0
    assert client.post(f"/imports/{key}/discard/").status_code == 302
    assert client.get(f"/imports/{key}/").status_code == 404


@pytest.mark.req("P-02", "N-04")
def test_a_plan_is_made_by_a_job_and_changes_nothing_that_is_live(cast: Cast):
    clerk = cast.client(Role.RESOURCE_CLERK)
    sent.imported(clerk, _tried(clerk))
    held = ledger.holdings(Scope.everything(), kind="policy")
    arguments = {"as_of": cast.today.isoformat(), "seed": 7, "effort": 20_000, "afresh": False, "city": ""}
    me = cast.people[Role.RESOURCE_CLERK]
    job = actions.ask(kind="plan", title="方案", arguments=arguments, by=me, at=cast.now)
    assert sent.run_jobs() == ["done"]
    found = jobs.job(job, by=me)
    assert found is not None
    assert found.result["placed"] + found.result["unplaced"] > 50
    assert ledger.holdings(Scope.everything(), kind="policy").equals(held)
    text = page_of(clerk, reverse("jobs:list"))
    assert reverse("plans:plan", args=[found.result["plan"]]) in text
    again = actions.ask(kind="plan", title="方案", arguments=arguments, by=me, at=cast.now)
    assert sent.run_jobs() == ["done"]
    assert jobs.job(again).result["plan"] == found.result["plan"], "the same wish again is the same draft"
