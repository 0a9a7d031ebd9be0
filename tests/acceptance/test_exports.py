"""What leaves the house: a reason, a second person where one is due, a mark in every sheet, an end."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client

from cast import Cast
from listed_world import GONE, MANAGER, import_rows, policy_rows
from tuogu import clock
from tuogu.accesslog import queries as seen
from tuogu.accesslog.models import Sighting
from tuogu.accesslog.queries import LogFilter
from tuogu.exports import actions, queries
from tuogu.exports.models import Act, Canary, Export
from tuogu.jobs import running
from tuogu.jobs.models import JobRun
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
EVERYTHING = Scope.everything()
REASON = "二组周会分发应收名单"
ALL = {"all": "1", "query": "?view=all", "reason": REASON}


@pytest.fixture
def site(cast: Cast) -> Cast:
    """60 policies of team 1, 20 of a leaver."""
    import_rows(cast, [*policy_rows(60, agent=MANAGER), *policy_rows(20, agent=GONE, first=100)])
    return cast


@pytest.fixture
def limits(site: Cast, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A rulebook of the test: `limits(exports__approve_above_rows=50)`."""

    def put(**values: int) -> None:
        changed = rules.applicable(site.today).replace(**values)
        monkeypatch.setattr(rules, "applicable", lambda _day: changed)

    return put


def sheet_of(answer: Any) -> Any:
    return openpyxl.load_workbook(io.BytesIO(bytes(answer.content)), read_only=False).worksheets[0]


def rows_of(answer: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet_of(answer).iter_rows()]


def take(client: Client, **more: str) -> Any:
    return client.post("/policies/export/", ALL | more)


def said(answer: Any) -> str:
    return str(answer.content.decode())


def work_off() -> list[str | None]:
    """Run every job that waits, as the worker does."""
    return [running.run(job.pk, clock=clock.now) for job in JobRun.objects.filter(state=JobRun.State.QUEUED)]


@pytest.mark.req("S2-14")
@pytest.mark.req("L-05")
def test_a_file_needs_a_right_a_reason_and_leaves_a_line(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    for short in ("", "  ", "名单", "核对名单", "2026-11-22", "，。！？……——", "名单 20261122！", "长" * 201):
        refused = clerk.post("/policies/export/", ALL | {"reason": short}, follow=True)
        assert "请用一句话写明导出原因（至少 5 个字，数字和标点不算；至多 200 个字）" in said(refused)
        assert "没有导出任何数据" in said(refused)
    assert not Export.objects.exists()
    assert take(site.client(Role.AUDITOR)).status_code == 403, "reads everything, takes nothing"
    assert take(site.client(Role.ADMINISTRATOR)).status_code == 403
    file = take(clerk)
    assert file.status_code == 200
    assert len(rows_of(file)) == 1 + 80 + 3 + 1, "head, rows, invented rows, mark"
    log = seen.log_page(EVERYTHING, LogFilter(kind="export")).rows
    assert [(row.person, row.rows, row.reason) for row in log] == [
        (site.people[Role.RESOURCE_CLERK], 80, REASON)
    ]
    assert log[0].subject == file.headers["X-Export-Code"]


@pytest.mark.req("S2-14")
def test_complaint_15_hidden_columns_and_other_peoples_rows_are_not_in_the_file(site: Cast) -> None:
    """product.md §2.15: exports not tied to a permission; hidden fields exported."""
    from tuogu.lists import actions as lists

    clerk = site.client(Role.RESOURCE_CLERK)
    every = [str(h) for h in rows_of(take(clerk))[0]]
    assert "手机" in every
    assert "状态" not in every, "hidden on the page until somebody chooses it"
    lists.choose_columns("policies", ["number", "holder"], by=site.people[Role.RESOURCE_CLERK], at=site.now)
    assert rows_of(take(clerk))[0] == ["保单号", "投保人"]
    lead = rows_of(take(site.client(Role.TEAM_LEAD)))
    numbers = {row[0] for row in lead[1:-1]} - set(Canary.objects.values_list("number", flat=True))
    assert numbers == {f"P{i:08d}" for i in range(60)}, "the list as the person sees it, nothing of others"
    text = " ".join(str(cell) for row in lead for cell in row)
    assert "张**" in text
    assert not re.search(r"\b138\d{8}\b|\b33020319800101\d{4}\b", text), "masked as on the page"


@pytest.mark.req("N-13")
def test_every_sheet_says_whose_copy_it_is(site: Cast) -> None:
    file = take(site.client(Role.RESOURCE_CLERK))
    code = file.headers["X-Export-Code"]
    sheet = sheet_of(file)
    last = str(sheet.cell(sheet.max_row, 1).value)
    name = org.known_as([site.people[Role.RESOURCE_CLERK]])[site.people[Role.RESOURCE_CLERK]]
    for part in (
        name.name,
        name.staff_number,
        code,
        f"{site.now.astimezone(clock.BUSINESS_ZONE):%Y-%m-%d %H:}",
    ):
        assert part in last
    assert code in str(sheet.oddHeader.right.text), "on every printed page"
    with zipfile.ZipFile(io.BytesIO(bytes(file.content))) as archive:
        assert code in archive.read("docProps/custom.xml").decode()
        assert code in archive.read("docProps/core.xml").decode()


@pytest.mark.req("S2-14")
def test_a_long_list_waits_for_a_second_person_and_is_built_by_the_worker(site: Cast, limits: Any) -> None:
    limits(exports__approve_above_rows=50)
    lead, clerk = site.client(Role.TEAM_LEAD), site.client(Role.RESOURCE_CLERK)
    answer = take(lead, outside="")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/exports/"
    wish = Export.objects.get()
    assert "已提交审批" in said(lead.get("/exports/"))
    assert not work_off(), "nothing is built before somebody agreed"
    # not oneself, not without the right, not out of scope
    lead.post(f"/exports/{wish.pk}/decide/", {"agree": "1"})
    assert clerk.post(f"/exports/{wish.pk}/decide/", {"agree": "1"}).status_code == 403
    assert not Act.objects.exists()
    assert lead.post(f"/exports/{wish.pk}/fetch/").status_code == 404
    manager = site.client(Role.BRANCH_MANAGER)
    assert REASON in said(manager.get("/exports/"))
    manager.post(f"/exports/{wish.pk}/decide/", {"agree": "1"})
    assert work_off() == ["done"]
    row = queries.export(wish.pk, EVERYTHING, now=clock.now())
    assert row is not None
    assert (row.state, row.rows, row.decided_by) == ("ready", 60, site.people[Role.BRANCH_MANAGER])
    assert manager.post(f"/exports/{wish.pk}/fetch/").status_code == 404, "only who asked may fetch"
    assert lead.post(f"/exports/{wish.pk}/fetch/").status_code == 200
    assert lead.post(f"/exports/{wish.pk}/fetch/").status_code == 200
    row = queries.export(wish.pk, EVERYTHING, now=clock.now())
    assert row is not None
    assert row.fetched == 2, "each download is counted"
    assert Sighting.objects.filter(kind="export", subject=wish.code).count() == 2
    assert "2 次" in said(lead.get("/exports/"))


def test_no_is_said_with_a_reason_and_ends_it(site: Cast, limits: Any) -> None:
    limits(exports__approve_above_rows=50)
    lead, manager = site.client(Role.TEAM_LEAD), site.client(Role.BRANCH_MANAGER)
    take(lead)
    wish = Export.objects.get()
    manager.post(f"/exports/{wish.pk}/decide/", {"agree": "0", "reason": ""})
    assert not Act.objects.exists(), "no without a reason is no decision"
    manager.post(f"/exports/{wish.pk}/decide/", {"agree": "0", "reason": "名单上月已经发过"})
    assert "名单上月已经发过" in said(lead.get("/exports/"))
    manager.post(f"/exports/{wish.pk}/decide/", {"agree": "1"})
    assert not work_off()
    assert lead.post(f"/exports/{wish.pk}/fetch/").status_code == 404
    take(lead)
    second = Export.objects.order_by("-pk")[0]
    lead.post(f"/exports/{second.pk}/withdraw/")
    manager.post(f"/exports/{second.pk}/decide/", {"agree": "1"})
    assert [act.kind for act in second.acts.all()] == ["withdrawn"]


def test_two_decisions_on_one_wish_cannot_both_stand(site: Cast, limits: Any) -> None:
    limits(exports__approve_above_rows=50)
    take(site.client(Role.TEAM_LEAD))
    wish = Export.objects.get()
    boss, other = site.people[Role.BRANCH_MANAGER], site.people[Role.DEPARTMENT_MANAGER]
    actions.approve(wish.pk, by=boss, at=site.now)
    with pytest.raises(actions.ExportRefused, match="已有决定（同意导出）"):
        actions.decline(wish.pk, reason="不要再发", by=other, at=site.now)


@pytest.mark.req("L-05")
def test_the_file_lies_sealed_and_is_gone_after_its_days(site: Cast, settings: Any, limits: Any) -> None:
    limits(exports__kept_days=7)
    clerk = site.client(Role.RESOURCE_CLERK)
    take(clerk)
    wish = Export.objects.get()
    (kept,) = (Path(settings.TUOGU_FILES) / "exports").iterdir()
    assert not kept.read_bytes().startswith(b"PK"), "ciphertext, no workbook"
    assert oct(kept.stat().st_mode)[-3:] == "600"
    machine, later = org.machine(), site.now + timedelta(days=7)
    assert actions.tick(by=machine, at=later - timedelta(seconds=1)) == 0
    assert kept.exists()
    assert actions.tick(by=machine, at=later + timedelta(minutes=1)) == 1
    assert actions.tick(by=machine, at=later + timedelta(minutes=1)) == 0, "again changes nothing"
    assert not kept.exists()
    gone = clerk.post(f"/exports/{wish.pk}/fetch/")
    assert gone.status_code == 410
    assert "文件已到期删除" in said(gone)


def test_a_right_that_was_lost_takes_the_file_with_it(site: Cast) -> None:
    from tuogu.org import actions as org_actions
    from tuogu.org.models import Post

    take(site.client(Role.RENEWAL_ADMINISTRATOR))
    wish, person = Export.objects.get(), site.people[Role.RENEWAL_ADMINISTRATOR]
    for post in Post.objects.filter(person_id=person):
        org_actions.end_post(post.pk, until_date=site.today, by=org.machine(), at=site.now)
    with pytest.raises(actions.ExportRefused, match="已没有导出"):
        actions.fetch(wish.pk, by=person, at=site.now)


@pytest.mark.req("N-13")
def test_rows_of_a_day_have_a_limit_and_one_more_is_refused(site: Cast, limits: Any) -> None:
    limits(exports__rows_per_day=160)
    clerk = site.client(Role.RESOURCE_CLERK)
    assert take(clerk).status_code == 200
    assert take(clerk).status_code == 200
    one = {"pick": ["P00000001"], "query": "", "reason": REASON}
    refused = clerk.post("/policies/export/", one, follow=True)
    assert "今天已导出 160 行" in said(refused)
    assert Export.objects.count() == 2
    assert site.client(Role.TEAM_LEAD).post("/policies/export/", one).status_code == 200, (
        "another person has their own"
    )


def test_a_search_for_a_person_is_not_written_down(site: Cast) -> None:
    """What it found is kept as policy numbers; a search that found nobody takes nothing, and never everything."""
    clerk = site.client(Role.RESOURCE_CLERK)
    found = clerk.post("/policies/find/", {"q": "13800000005", "view": "all"}).headers["Location"]
    file = clerk.post("/policies/export/", {"all": "1", "query": found.partition("?")[2], "reason": REASON})
    assert [row[0] for row in rows_of(file)[1:-1]] == ["P00000005"]
    assert Export.objects.get().query["pick"] == ["P00000005"]
    nobody = clerk.post("/policies/find/", {"q": "13899999999", "view": "all"}).headers["Location"]
    none = clerk.post(
        "/policies/export/", {"all": "1", "query": nobody.partition("?")[2], "reason": REASON}, follow=True
    )
    assert "没有导出任何数据" in said(none)
    assert Export.objects.count() == 1


def test_what_goes_outside_needs_a_registered_party_and_fills_the_register(site: Cast) -> None:
    """L-06: a record of each sharing."""
    from tuogu.privacy import actions as privacy
    from tuogu.privacy import queries as parties

    lead = site.client(Role.TEAM_LEAD)
    refused = take(lead, outside="printer")
    assert refused.status_code == 302
    assert not Export.objects.exists()
    privacy.register_party(
        "printer", name="华印快印", purpose="印制通知信", ground="contract", assessed_date=site.today,
        assessment_ref="PIA-7", by=site.people[Role.PRIVACY_OFFICER], at=site.now,
    )  # fmt: skip
    assert "华印快印" in said(lead.get("/exports/parties/"))
    take(lead, outside="printer")
    wish = Export.objects.get()
    assert wish.needs_approval, "however few rows"
    site.client(Role.BRANCH_MANAGER).post(f"/exports/{wish.pk}/decide/", {"agree": "1"})
    assert work_off() == ["done"]
    (line,) = parties.sharing_page(party="printer").rows
    assert (line.reference, line.rows) == (wish.code, 60)
    log = site.client(Role.AUDITOR).get("/exports/all/?outside=1")
    assert wish.code in said(log)


def test_the_wish_and_its_acts_cannot_be_changed(site: Cast) -> None:
    from django.db import DatabaseError, transaction

    take(site.client(Role.RESOURCE_CLERK))
    assert append_only.missing_in("exports") == []
    for rows in (Export.objects.all(), Act.objects.all(), Canary.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Export.objects.update(reason="别的原因")


def test_control_sees_everything_and_no_content(site: Cast) -> None:
    take(site.client(Role.RESOURCE_CLERK))
    wish = Export.objects.get()
    auditor = site.client(Role.AUDITOR)
    page = said(auditor.get("/exports/all/"))
    assert wish.code in page
    assert REASON in page
    record = said(auditor.get(f"/exports/{wish.pk}/"))
    assert Act.objects.get(kind="built").digest in record
    assert "虚构" in record
    assert auditor.post(f"/exports/{wish.pk}/fetch/").status_code == 404
    tables = queries.audit_tables(site.today, site.today)
    assert tables["导出"]["导出号"].to_list() == [wish.code]
    assert tables["导出经过"]["动作"].to_list() == ["文件已生成", "下载"]
