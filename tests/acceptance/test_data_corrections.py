"""Customers' data corrected in the pages: return visits by a script, amendments, the signed list applied by hash, checks."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction

from cast import Cast
from exported import granted, taken
from listed_world import MANAGER, OTHER, PLACES, STRANGER, customer_rows, import_rows, policy_rows
from tuogu.accesslog import queries as accesslog
from tuogu.accesslog.queries import LogFilter
from tuogu.books import queries as books
from tuogu.books.models import Coordinate, ImportRun
from tuogu.core.draw import drawn, list_digest
from tuogu.corrections import actions
from tuogu.corrections import queries as corrections
from tuogu.corrections.failures import CorrectionRefused
from tuogu.corrections.models import Batch, ReturnVisit, Target
from tuogu.exports import queries as exports
from tuogu.exports.models import Export
from tuogu.ledger import actions as ledger
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.regions import actions as regions

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
EVERYTHING = Scope.everything()
ANA, BEN, CIN, DAN = "C000000", "C000001", "C000002", "C000003"
CLERK, LEAD, IT = Role.RESOURCE_CLERK, Role.TEAM_LEAD, Role.IT_OFFICER


@pytest.fixture
def site(cast: Cast) -> Cast:
    """Ten customers of the manager in team 1, three of team 2, two of another branch."""
    import_rows(
        cast,
        [
            *policy_rows(10, agent=MANAGER),
            *policy_rows(3, agent=OTHER, first=200),
            *policy_rows(2, agent=STRANGER, institution="X", first=300),
        ],
    )
    return cast


def text(answer: Any) -> str:
    return str(answer.content.decode())


def a_script(site: Cast) -> int:
    """An approved script, written and approved in the pages."""
    clerk = site.client(CLERK)
    said = {
        "name": "完善资料", "effective_date": site.today.isoformat(), "opening": "您好，我是保险公司的服务人员。",
        "closing": "谢谢，再见。", "ask.phone": "这个号码是您本人的吗？", "ask.employer": "您在哪里工作？",
        "ask.contact_time": "什么时候方便？",
        **{f"ask.address.{part}": f"{part}？" for part in ("city", "district", "street", "community", "building", "room")},
    }  # fmt: skip
    made = clerk.post("/corrections/scripts/new/", said)
    assert made.status_code == 302
    script = int(made.headers["Location"].split("/")[-2])
    site.client(LEAD).post(f"/corrections/scripts/{script}/approve/")
    return script


def a_programme(site: Cast, *, hold: str = "", **chosen: Any) -> int:
    said = {
        "name": "十一月回访", "purpose": "补全地址和电话", "script": a_script(site), "institution": "B",
        "first": site.today.isoformat(), "until": (site.today + timedelta(days=9)).isoformat(), "hold": hold, **chosen,
    }  # fmt: skip
    made = site.client(CLERK).post("/corrections/programmes/new/", said)
    assert made.status_code == 302, text(made)
    return int(made.headers["Location"].split("/")[-2])


def visit(site: Cast, programme: int, customer: str, role: Role = Role.CALL_CENTRE, **said: str) -> Any:
    form = {"customer": customer, "channel": "phone", "outcome": "confirmed", **said}
    return site.client(role).post(f"/corrections/programmes/{programme}/desk/", form)


@pytest.mark.req("S0-06")
def test_a_refused_visit_keeps_what_was_chosen_and_nothing_new_stands_beside_the_same(site: Cast):
    programme = a_programme(site, below="100")
    said = {"state.phone": "same", "new.phone": "13900001234", "channel": "home", "note": "下午在家"}
    refused = visit(site, programme, ANA, **said)
    assert refused.status_code == 400
    assert not ReturnVisit.objects.exists(), "same and yet new is not one answer"
    form = text(refused)
    assert "有变化须写明新的内容，其他情形不写；没有写入" in form
    for kept in (
        'value="confirmed" selected',
        'value="home" selected',
        'value="same" checked',
        "13900001234",
        "下午在家",
    ):
        assert kept in form, kept
    assert visit(site, programme, ANA, **{**said, "state.phone": "new"}).status_code == 302


def clear(number: str) -> Any:
    return books.shown_customers([number], clear=True)[number]


def test_counting_whom_a_programme_would_take_writes_nothing_and_is_posted(site: Cast):
    clerk = site.client(CLERK)
    page = text(clerk.get("/corrections/programmes/new/"))
    assert 'formmethod="get"' not in page  # the form's token and a list of customers belong in no address
    counted = clerk.post("/corrections/programmes/new/", {"check": "1", "institution": "B", "below": "100"})
    assert counted.status_code == 200
    assert "13 位" in text(counted)
    assert not corrections.programmes(EVERYTHING)


# --- S0-06: the programme --------------------------------------------------------------------------------------


@pytest.mark.req("S0-06")
def test_every_visit_has_script_version_and_outcome_and_totals_are_the_rows(site: Cast) -> None:
    programme = a_programme(site, below="100")
    head = corrections.programme(EVERYTHING, programme)
    assert head is not None
    assert (head.size, head.completeness_bp) == (13, 8333), "five of six fields of every customer are known"
    assert visit(site, programme, ANA, **{"state.phone": "same"}).status_code == 302
    assert visit(site, programme, BEN, outcome="no_answer").status_code == 302
    assert visit(site, programme, CIN, Role.RENEWAL_ADMINISTRATOR, outcome="empty_number").status_code == 302
    assert visit(site, programme, BEN, **{"new.employer": "宁波港集团"}).status_code == 302
    filed = list(ReturnVisit.objects.values_list("script__name", "script__version", "outcome"))
    assert [row[:2] for row in filed] == [("完善资料", 1)] * 4
    page = text(site.client(LEAD).get(f"/corrections/programmes/{programme}/"))
    total = corrections.summary(EVERYTHING, programme, org_rulebook(site))
    assert dict(total.by_outcome) == {"confirmed": 2, "no_answer": 1, "empty_number": 1}
    for part in (total.by_outcome, total.by_caller, total.by_day):
        assert sum(n for _key, n in part) == total.counted == total.rows == 4 == len(filed)
    rows = text(
        site.client(LEAD).get(f"/corrections/programmes/{programme}/visits/?outcome=confirmed&counted=1")
    )
    assert len(re.findall(r"/corrections/visits/\d+/", rows)) == 2
    assert "outcome=confirmed&amp;counted=1" in page
    sheet = taken(site.client(CLERK), f"/corrections/programmes/{programme}/summary.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(sheet))
    listed = [
        row for row in book["回访登记"].iter_rows(min_row=4, values_only=True) if isinstance(row[0], int)
    ]
    assert len(listed) == 4
    assert {row[4] for row in listed} == {"完善资料 第 1 版"}
    assert "张三" not in {row[3] for row in listed}, "customers leave masked"
    sums = [row[1] for row in book["按结果"].iter_rows(min_row=4, values_only=True) if row[1] is not None]
    last = list(book["按结果"].iter_rows(values_only=True))[-1]
    assert str(last[0]).startswith("水印 · ")
    assert sums[-1] == sum(sums[:-1]) == 4


@pytest.mark.req("N-13")
def test_a_signed_list_leaves_unmarked_and_a_copy_is_traced_by_its_digest(site: Cast, tmp_path: Path) -> None:
    assert registered(site, ANA, phone="139 1111 2222").status_code == 302
    batch, it, manager = a_list(site), site.client(IT), site.client(Role.BRANCH_MANAGER)
    sign(site, batch)
    road = f"/corrections/batches/{batch}/"
    assert it.get(f"{road}list.xlsx").status_code == 403, "nothing leaves by a link"
    assert it.post(f"{road}list.xlsx", {"reason": ""}, follow=True).redirect_chain[-1][0] == road
    assert not Export.objects.exists(), "no reason, no file"
    assert "导出清单" in text(it.get(road))
    file = granted(it, manager, f"{road}list.xlsx")
    whole = "".join(
        str(c)
        for row in openpyxl.load_workbook(io.BytesIO(file)).active.iter_rows(values_only=True)
        for c in row
    )
    assert "水印" not in whole
    assert Export.objects.get().code not in whole
    leaked = tmp_path / "leaked.xlsx"
    leaked.write_bytes(file)
    (found,) = exports.trace_file(leaked, now=site.now).exports
    assert (found.export.by, found.digest, found.marked) == (site.people[IT], True, False)
    book = openpyxl.load_workbook(io.BytesIO(file))
    book.save(leaked)
    assert leaked.read_bytes() != file
    assert [hit.digest for hit in exports.trace_file(leaked, now=site.now).exports] == [True], (
        "the digest is printed in it"
    )
    inspector = site.client(Role.INSPECTOR)
    shown = inspector.post("/exports/trace/", {"file": SimpleUploadedFile("x.xlsx", leaked.read_bytes())})
    assert "签名件的摘要" in text(shown)
    other = tmp_path / "other.txt"
    other.write_text("0" * 64)
    assert exports.trace_file(other, now=site.now).exports == []


def org_rulebook(site: Cast) -> Any:
    from tuogu.rules import queries as rules

    return rules.applicable(site.today)


@pytest.mark.req("S0-06")
def test_a_script_needs_a_second_person_and_never_changes(site: Cast) -> None:
    clerk = site.client(CLERK)
    script = a_script(site)
    fresh = actions.write_script(
        "完善资料", effective_date=site.today, opening="好", questions=[("phone", "号码？")], closing="谢谢",
        by=site.people[Role.BRANCH_MANAGER], at=site.now,
    )  # fmt: skip
    assert [s.version for s in corrections.scripts()] == [2, 1]
    with pytest.raises(CorrectionRefused, match="另一人核准"):
        actions.approve_script(fresh, by=site.people[Role.BRANCH_MANAGER], at=site.now)
    assert clerk.post(f"/corrections/scripts/{fresh}/approve/").status_code == 403
    with pytest.raises(CorrectionRefused, match="已经核准的话术"):
        a_programme_with(site, fresh)
    assert refused_by_the_database("UPDATE corrections_script SET opening = 'x' WHERE id = %s", [script])
    said = text(clerk.get(f"/corrections/scripts/{script}/"))
    assert "您好，我是保险公司的服务人员。" in said


def a_programme_with(site: Cast, script: int) -> int:
    return actions.make_programme(
        EVERYTHING, actions.Selection("B"), name="甲", purpose="乙", script_id=script, first_date=site.today,
        until_date=site.today + timedelta(days=3), by=site.people[CLERK], at=site.now,
    )  # fmt: skip


def refused_by_the_database(sql: str, params: list[Any]) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
    except DatabaseError:
        return True
    return False


def zones_of(site: Cast) -> dict[str, str]:
    """西区 holds 白沙社区, 东区 百合社区; 江厦社区 lies in neither. Ids by name, as a form says them."""
    run, found = ImportRun.objects.earliest("pk"), {}
    for code, longitude in zip(PLACES, (121.50, 121.60, 121.70), strict=True):
        Coordinate.objects.create(
            region_code=code,
            longitude=longitude,
            latitude=29.8,
            datum="WGS-84",
            source="survey",
            import_run=run,
        )
    for name, west in (("西区", 121.45), ("东区", 121.55), ("外区", 120.0)):
        ring = [(west, 29.7), (west + 0.1, 29.7), (west + 0.1, 29.9), (west, 29.9)]
        drawn_zone = regions.draw_zone(
            name, ring, datum="WGS-84", from_date=site.today, by=site.people[CLERK], at=site.now
        )
        found[name] = str(drawn_zone)
    return found


@pytest.mark.req("S0-06")
def test_a_programme_is_chosen_by_zones_of_the_map_and_keeps_which_version(site: Cast) -> None:
    zones, clerk = zones_of(site), site.client(CLERK)
    lives = dict(books.communities_of().iter_rows())

    def expected(*places: str) -> list[str]:
        return [n for n in corrections.select(EVERYTHING, actions.Selection("B"), org_rulebook(site), on=site.today)
                if lives[n] in places]  # fmt: skip

    west, both = expected(PLACES[0]), expected(*PLACES[:2])
    assert 0 < len(west) < len(both) < 13
    assert "地图区域（任一）" in text(clerk.get("/corrections/programmes/new/"))
    form = {"institution": "B", "check": "1"}
    counted = clerk.post("/corrections/programmes/new/", {**form, "zones": [zones["西区"], zones["东区"]]})
    assert f"会选出 {len(both)} 位客户" in text(counted)
    assert "里没有已知位置的社区" in text(
        clerk.post("/corrections/programmes/new/", {**form, "zones": zones["外区"]})
    )
    assert "1 个地图区域不存在或已结束" in text(
        clerk.post("/corrections/programmes/new/", {**form, "zones": "999999"})
    )
    programme = a_programme(site, zones=[zones["西区"]])
    assert [
        t.customer_number for t in Target.objects.filter(programme_id=programme).order_by("place")
    ] == west
    shown = text(clerk.get(f"/corrections/programmes/{programme}/"))
    assert "西区" in shown
    assert "第 1 版" in shown
    regions.end_zone(int(zones["西区"]), from_date=site.today, by=site.people[CLERK], at=site.now)
    assert "西区" in text(clerk.get(f"/corrections/programmes/{programme}/")), (
        "the list says what it was chosen by"
    )


@pytest.mark.req("S0-06")
def test_the_worklist_follows_outcomes_and_shows_each_caller_the_own_scope(site: Cast) -> None:
    programme, rulebook = a_programme(site), org_rulebook(site)
    desk = f"/corrections/programmes/{programme}/desk/"
    manager = site.client(Role.ACCOUNT_MANAGER)
    assert "待办 10 位" in text(manager.get(desk)), "an account manager calls the own customers"
    assert "待办 13 位" in text(site.client(Role.CALL_CENTRE).get(desk))
    assert manager.get(f"{desk}?customer=C000200").status_code == 404
    later = (site.now + timedelta(hours=2)).isoformat()
    visit(site, programme, ANA, outcome="appointment", next_at=later)
    visit(site, programme, BEN, outcome="no_answer")
    visit(site, programme, CIN, outcome="declined")
    work = corrections.worklist(EVERYTHING, programme, rulebook, at=site.now + timedelta(hours=1))
    states = dict(work.select("customer_number", "state").iter_rows())
    assert (states[ANA], states[BEN], states[CIN], states[DAN]) == ("later", "later", "done", "new")
    work = corrections.worklist(EVERYTHING, programme, rulebook, at=site.now + timedelta(days=2))
    assert work["customer_number"][0] == ANA, "an appointment that is due comes first"
    assert dict(work.select("customer_number", "state").iter_rows())[BEN] == "again"
    refused = visit(site, programme, DAN, outcome="appointment")
    assert refused.status_code == 400
    assert "约定时间" in text(refused)


def test_a_caller_sees_a_number_only_after_a_counted_look(site: Cast) -> None:
    programme = a_programme(site)
    caller = site.client(Role.CALL_CENTRE)
    desk = text(caller.get(f"/corrections/programmes/{programme}/desk/?customer={ANA}"))
    assert "13800000000" not in desk
    assert "138****0000" in desk
    before = len(accesslog.log_page(EVERYTHING, LogFilter(kind="reveal")).rows)
    shown = text(caller.post(f"/corrections/programmes/{programme}/desk/{ANA}/reveal/"))
    assert 'href="tel:13800000000"' in shown
    looks = accesslog.log_page(EVERYTHING, LogFilter(kind="reveal")).rows
    assert len(looks) == before + 1
    assert (looks[0].subject_kind, looks[0].subject) == ("customer", ANA)


# --- L-04: filed is filed ---------------------------------------------------------------------------------------


@pytest.mark.req("L-04")
def test_a_filed_visit_is_not_editable_and_its_correction_keeps_both(site: Cast) -> None:
    programme = a_programme(site)
    visit(site, programme, ANA, **{"new.phone": "13911112222"})
    first = ReturnVisit.objects.get()
    for sql in (
        "UPDATE corrections_returnvisit SET outcome = 'declined' WHERE id = %s",
        "DELETE FROM corrections_returnvisit WHERE id = %s",
    ):
        assert refused_by_the_database(sql, [first.pk]), sql
    with pytest.raises(DatabaseError), transaction.atomic():
        ReturnVisit.objects.filter(pk=first.pk).update(channel="home")
    page = site.client(Role.CALL_CENTRE)
    without = page.post(f"/corrections/visits/{first.pk}/", {"channel": "phone", "outcome": "declined"})
    assert without.status_code == 400, "a correction says why"
    made = page.post(
        f"/corrections/visits/{first.pk}/",
        {"channel": "phone", "outcome": "declined", "why": "听错了，客户没有答应"},
    )
    assert made.status_code == 302
    kept = {row.pk: (row.outcome, row.corrects_id) for row in ReturnVisit.objects.all()}
    second = max(kept)
    assert kept == {first.pk: ("confirmed", None), second: ("declined", first.pk)}
    total = corrections.summary(EVERYTHING, programme, org_rulebook(site))
    assert (total.rows, total.corrected, total.counted) == (2, 1, 1)
    assert dict(total.by_outcome) == {"declined": 1}
    assert [line.state for line in corrections.field_history(ANA)] == ["withdrawn"], (
        "what it proposed goes with it"
    )
    again = page.post(
        f"/corrections/visits/{first.pk}/", {"channel": "phone", "outcome": "declined", "why": "再改"}
    )
    assert again.status_code == 400
    assert ReturnVisit.objects.count() == 2
    assert append_only.missing_in("corrections") == []


# --- S0-07: the register and the signed list --------------------------------------------------------------------


def registered(site: Cast, customer: str, **values: str) -> Any:
    form = {"customer": customer, "source": "customer", "evidence": "本人持证件到柜面", **values}
    return site.client(CLERK).post("/corrections/register/new/", form)


def a_list(site: Cast, manager: str = "", of: str = "T1") -> int:
    """Collected and frozen by the clerk, waiting for a signature."""
    clerk = site.client(CLERK)
    said = {
        "institution": of,
        "first": site.today.isoformat(),
        "until": site.today.isoformat(),
        "manager": manager,
    }
    made = clerk.post("/corrections/batches/new/", said)
    assert made.status_code == 302, text(made)
    batch = int(made.headers["Location"].split("/")[-2])
    clerk.post(f"/corrections/batches/{batch}/freeze/")
    return batch


def sign(site: Cast, batch: int, role: Role = LEAD, name: str | None = None) -> Any:
    head = Batch.objects.get(pk=batch)
    own = org.names([site.people[role]])[site.people[role]] if name is None else name
    return site.client(role).post(
        f"/corrections/batches/{batch}/sign/", {"name": own, "digest": head.content_digest or ""}, follow=True
    )


def state(batch: int) -> str:
    return Batch.objects.get(pk=batch).state


@pytest.mark.req("S0-07")
def test_the_list_is_signed_applied_by_hash_and_filed_byte_for_byte(site: Cast) -> None:
    assert registered(site, ANA, phone="139 1111 2222", employer="宁波港集团").status_code == 302
    assert registered(site, BEN, name="李四").status_code == 302
    batch, it = a_list(site), site.client(IT)
    road = f"/corrections/batches/{batch}/"
    assert state(batch) == "awaiting"
    assert "还没有签名" in text(it.post(f"{road}receive/", follow=True))
    assert "还没有签名" in text(
        it.post(f"{road}apply/", {"digest": Batch.objects.get().file_digest}, follow=True)
    )
    assert clear(ANA).phone == "13800000000", "an unsigned list changes nothing"
    assert "须写本人全名" in text(sign(site, batch, name="别人"))
    sign(site, batch)
    assert state(batch) == "signed"
    it.post(f"{road}receive/")
    file = granted(it, site.client(Role.BRANCH_MANAGER), f"{road}list.xlsx")
    head = Batch.objects.get()
    assert sha256(file).hexdigest() == head.file_digest
    taken_out = Export.objects.get()
    assert (taken_out.kind, taken_out.clear, taken_out.rows) == ("amendment_list", True, 3)
    assert accesslog.log_page(EVERYTHING, LogFilter(kind="export")).rows[0].subject == taken_out.code
    tampered = SimpleUploadedFile("list.xlsx", file[:-1] + bytes([file[-1] ^ 1]))
    assert "内容不同；没有更改" in text(it.post(f"{road}apply/", {"file": tampered}, follow=True))
    assert "内容不同；没有更改" in text(it.post(f"{road}apply/", {"digest": "0" * 64}, follow=True))
    assert (state(batch), clear(ANA).phone) == ("with_it", "13800000000")
    assert "已更改 3 项" in text(
        it.post(f"{road}apply/", {"file": SimpleUploadedFile("list.xlsx", file)}, follow=True)
    )
    assert (clear(ANA).phone, clear(BEN).name) == ("13911112222", "李四")
    filed = granted(site.client(CLERK), site.client(Role.BRANCH_MANAGER), f"{road}filed.xlsx")
    assert filed == file, "the filed copy is byte for byte what was applied"
    page = text(site.client(CLERK).get(road))
    assert page.count(sha256(filed).hexdigest()) == 2, "the hash stands on the page for both"
    assert head.content_digest in page
    sheet = openpyxl.load_workbook(io.BytesIO(filed)).active
    cells = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
    assert "13911112222" in cells
    assert any(head.content_digest in cell for cell in cells), "the digest stands on the paper"
    assert any("不得转发" in cell for cell in cells), "and whose list it is"
    site.client(CLERK).post(f"{road}file/")
    assert state(batch) == "filed"
    history = text(site.client(CLERK).get(f"/corrections/customers/{ANA}/"))
    assert f"第 {batch} 号" in history
    assert "13911112222" not in history, "pages stay masked"
    found = books.policy_page(
        EVERYTHING, books.PolicyFilter(view="all"), as_of=site.today, sort="due", size=5
    )
    assert found.rows, "the lists stand"


@pytest.mark.req("S0-07")
def test_the_database_itself_refuses_to_apply_an_unsigned_list(site: Cast) -> None:
    registered(site, ANA, phone="13911112222")
    batch = a_list(site)
    head = Batch.objects.get()
    applied = {
        "state": "applied",
        "applied_by": site.people[IT],
        "applied_at": site.now,
        "applied_digest": head.file_digest,
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Batch.objects.filter(pk=batch).update(**applied)
    sign(site, batch)
    for wrong in (
        {"applied_by": site.people[LEAD]},  # who signed
        {"applied_digest": "0" * 64},  # another file
        {"signed_digest": "0" * 64},  # signed for another content
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Batch.objects.filter(pk=batch).update(**(applied | wrong))
    with pytest.raises(IntegrityError), transaction.atomic():
        Batch.objects.filter(pk=batch).update(signed_by=site.people[CLERK])
    Batch.objects.filter(pk=batch).update(**applied)


@pytest.mark.req("S0-07")
def test_a_changed_line_or_file_in_the_store_is_noticed_before_anything_is_applied(site: Cast) -> None:
    registered(site, ANA, phone="13911112222")
    batch = a_list(site)
    sign(site, batch)
    site.client(IT).post(f"/corrections/batches/{batch}/receive/")
    head = Batch.objects.get()
    Batch.objects.filter(pk=batch).update(content_digest="1" * 64, signed_digest="1" * 64)
    with pytest.raises(CorrectionRefused, match="与签名时不符"):
        actions.apply(batch, digest=head.file_digest or "", by=site.people[IT], at=site.now)
    assert clear(ANA).phone == "13800000000"


@pytest.mark.req("S0-07")
def test_who_wrote_it_down_cannot_sign_and_who_signs_holds_the_customers(site: Cast) -> None:
    programme = a_programme(site)
    visit(site, programme, ANA, Role.ACCOUNT_MANAGER, **{"new.phone": "13911112222"})
    registered(site, "C000200", phone="13933334444")
    batch = a_list(site, of="B")
    assert sign(site, batch, LEAD).status_code == 404, "a list of the branch is not team 1's"
    mine = Scope(custodian_ids=frozenset({site.people[Role.ACCOUNT_MANAGER]}))
    name, digest = (
        org.names([site.people[LEAD]])[site.people[LEAD]] or "",
        Batch.objects.get().content_digest or "",
    )
    with pytest.raises(CorrectionRefused, match="不由您负责"):
        actions.sign(mine, batch, name=name, digest=digest, by=site.people[LEAD], at=site.now)
    site.client(CLERK).post(f"/corrections/batches/{batch}/return/", {"reason": "分开归集"})
    assert state(batch) == "returned"
    own = a_list(site, MANAGER, "B")
    lines = corrections.batch_lines(own)
    assert [line.customer_number for line in lines] == [ANA], "only the customers that this manager holds"
    manager = site.client(Role.ACCOUNT_MANAGER)
    assert manager.get(f"/corrections/batches/{own}/").status_code == 200
    assert "须由另一人签名" in text(sign(site, own, Role.ACCOUNT_MANAGER)), "the manager made the call"
    sign(site, own, LEAD)
    assert state(own) == "signed"


@pytest.mark.req("S0-07")
def test_an_account_manager_signs_for_the_own_customers_and_sees_no_other_list(site: Cast) -> None:
    registered(site, BEN, phone="13911112222")
    own = a_list(site, MANAGER, "B")
    registered(site, "C000200", phone="13933334444")
    other = a_list(site, of="T2")
    manager = site.client(Role.ACCOUNT_MANAGER)
    assert manager.get(f"/corrections/batches/{other}/").status_code == 404
    sign(site, own, Role.ACCOUNT_MANAGER)
    assert state(own) == "signed"
    assert Batch.objects.get(pk=own).signed_by_id == site.people[Role.ACCOUNT_MANAGER]


@pytest.mark.req("S0-07")
def test_a_value_that_changed_meanwhile_is_a_conflict_and_an_undo_goes_the_same_road(site: Cast) -> None:
    registered(site, ANA, phone="13911112222")
    registered(site, BEN, phone="13955556666")
    first = a_list(site)
    sign(site, first)
    import_rows(
        site, policy_rows(1, agent=MANAGER), [{"customer_number": ANA, "phone": "13799998888"}], days_ago=0
    )
    done = carried_out(site, first)
    assert (done.applied, done.conflicts) == (1, 1)
    assert (clear(ANA).phone, clear(BEN).phone) == ("13799998888", "13955556666")
    page = text(site.client(CLERK).get(f"/corrections/batches/{first}/"))
    assert "有冲突，未更改" in page
    site.client(CLERK).post(f"/corrections/batches/{first}/undo/", {"reason": "客户来电否认"})
    back = Batch.objects.get(undoes=first)
    assert clear(BEN).phone == "13955556666", "nothing changes before the signature"
    site.client(CLERK).post(f"/corrections/batches/{back.pk}/freeze/")
    sign(site, back.pk)
    carried_out(site, back.pk)
    assert clear(BEN).phone == "13800000001"
    assert [line.state for line in corrections.field_history(BEN)] == ["applied", "applied"]


def carried_out(site: Cast, batch: int) -> actions.Applied:
    actions.receive(batch, by=site.people[IT], at=site.now)
    digest = Batch.objects.get(pk=batch).file_digest
    return actions.apply(batch, digest=digest or "", by=site.people[IT], at=site.now)


@pytest.mark.req("S0-07")
def test_a_new_address_goes_back_to_coding(site: Cast) -> None:
    parts = {
        "city": "宁波",
        "district": "海曙区",
        "street": "白云街道",
        "community": "白云庄社区",
        "building": "9",
        "room": "301",
    }
    made = registered(site, ANA, **{f"address.{part}": value for part, value in parts.items()})
    assert made.status_code == 302, text(made)
    batch = a_list(site)
    sign(site, batch)
    before = books.communities_of([ANA])["community_code"][0]
    carried_out(site, batch)
    assert clear(ANA).address == "宁波市海曙区白云街道白云庄社区9幢301室"
    after = books.communities_of([ANA])["community_code"][0]
    assert after != before
    assert after is None or after.startswith("3302")
    listed = books.policy_page(
        EVERYTHING, books.PolicyFilter(view="", numbers=("P00000000",)), as_of=site.today, sort="due", size=1
    )
    assert listed.rows[0].community_code == after, "the list follows"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"phone": "1391111"}, "不是手机号"),
        ({"id_number": "330203198001011235"}, "校验位不符"),
        ({"name": "123"}, "不像姓名"),
        ({"birth_date": "1980-02-30"}, "没有这一天"),
        ({"phone": "13800000000"}, "与现有的值相同"),
        ({"address.city": "宁波", "address.street": "白云街道"}, "地址至少要写到社区"),
        ({}, "没有填写新的内容"),
    ],
)
def test_a_value_that_intake_would_refuse_is_refused_with_its_reason(
    site: Cast, values: dict[str, str], why: str
) -> None:
    answer = registered(site, ANA, **values)
    assert answer.status_code == 400
    assert why in text(answer)
    assert "没有登记" in text(answer)
    assert corrections.field_history(ANA) == []


def test_pages_of_other_peoples_customers_do_not_exist(site: Cast) -> None:
    assert registered(site, "C000300", phone="13911112222").status_code == 400
    clerk = site.client(CLERK)
    assert clerk.get("/corrections/customers/C000300/").status_code == 404
    assert site.client(LEAD).get("/corrections/customers/C000200/").status_code == 404
    assert clerk.get(f"/corrections/customers/{ANA}/").status_code == 200


def test_the_newer_amendment_takes_the_place_of_the_older_and_a_list_may_leave_one_out(site: Cast) -> None:
    registered(site, ANA, phone="13911112222")
    registered(site, ANA, phone="13922223333", employer="宁波港集团")
    lines = corrections.field_history(ANA)
    assert [(line.field, line.state) for line in lines].count(("phone", "withdrawn")) == 1
    kept = {line.field: line.id for line in lines if line.state == "open"}
    clerk = site.client(CLERK)
    said = {"institution": "B", "first": site.today.isoformat(), "until": site.today.isoformat()}
    batch = int(clerk.post("/corrections/batches/new/", said).headers["Location"].split("/")[-2])
    clerk.post(f"/corrections/batches/{batch}/freeze/", {"leave_out": [str(kept["employer"])]})
    assert [line.id for line in corrections.batch_lines(batch)] == [kept["phone"]]
    assert corrections.open_count(EVERYTHING) == 1
    page = text(clerk.get("/corrections/register/?state=open"))
    assert f'href="/corrections/customers/{ANA}/"' in page
    clear_text = clerk.post(f"/corrections/register/{kept['phone']}/reveal/", {"reason": "核对签名件"})
    assert "13922223333" in text(clear_text)


# --- L-09: truthfulness -----------------------------------------------------------------------------------------


@pytest.fixture
def doubtful(cast: Cast) -> Cast:
    """Five good customers, three with one phone, one with the agent's own phone, one whose birth date is not the ID's."""
    policies = policy_rows(10, agent=MANAGER)
    customers = {row["customer_number"]: row for row in customer_rows(policies)}
    for n, row in enumerate(customers.values()):
        row |= {"id_number": f"33020319800101{n:03d}"[:17], "birth_date": date(1980, 1, 1)}
        row["id_number"] += check_digit(row["id_number"])
        row["phone"] = f"139{37 + n}{5_120_973 - 7919 * n:06d}"[:11]
    for n in (1, 2, 3):
        customers[f"C00000{n}"]["phone"] = "13700135790"
    customers["C000004"]["phone"] = f"1390000{MANAGER}"
    customers["C000005"]["birth_date"] = date(1981, 1, 1)
    import_rows(cast, policies, list(customers.values()))
    return cast


def check_digit(body: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


@pytest.mark.req("L-09")
@pytest.mark.req("S3-01")
def test_implausible_data_is_found_and_counted_for_whoever_entered_and_sold_it(doubtful: Cast) -> None:
    clerk = doubtful.client(CLERK)
    clerk.post("/corrections/truth/check/")
    found = corrections.finding_rows(EVERYTHING)
    by_kind = {kind: sorted(part["customer_number"]) for (kind,), part in found.group_by("kind")}
    assert by_kind["phone_repeated"] == ["C000001", "C000002", "C000003"]
    assert by_kind["phone_of_staff"] == ["C000004"]
    assert by_kind["birth_id_mismatch"] == ["C000005"]
    wrong = found["customer_number"].n_unique()
    entrant = corrections.rates_by_entrant(EVERYTHING, found)
    assert [(r.who, r.customers, r.wrong) for r in entrant] == [
        (doubtful.numbers[doubtful.people[CLERK]], 10, wrong)
    ]
    agent = corrections.rates_by_agent(EVERYTHING, found)
    assert [(r.who, r.customers, r.wrong) for r in agent] == [(MANAGER, 10, wrong)]
    page = text(clerk.get("/corrections/truth/"))
    assert "同一电话登记给多位客户" in page
    listed = text(clerk.get("/corrections/truth/findings/?kind=phone_repeated"))
    assert "C000002" in listed
    assert "13700135790" not in listed


@pytest.mark.req("L-09")
def test_a_campaign_marks_customers_until_they_are_corrected(doubtful: Cast) -> None:
    clerk = doubtful.client(CLERK)
    clerk.post("/corrections/truth/check/")
    programme = a_programme(
        doubtful, hold="电话可疑，核实前不再分配", kinds=["phone_repeated", "phone_of_staff"]
    )
    head = corrections.programme(EVERYTHING, programme)
    assert head is not None
    assert head.size == 4
    held = corrections.held(["C000001", "C000004", "C000006"])
    assert sorted(held) == ["C000001", "C000004"]
    assert held["C000004"][0].reason == "电话可疑，核实前不再分配"
    assert "电话可疑，核实前不再分配" in text(clerk.get("/corrections/customers/C000004/"))
    registered(doubtful, "C000004", phone="13655554321")
    batch = a_list(doubtful)
    sign(doubtful, batch)
    carried_out(doubtful, batch)
    actions.check_truth(by=doubtful.people[CLERK], at=doubtful.now + timedelta(minutes=1))
    clerk.post("/corrections/truth/holds/corrected/")
    assert sorted(corrections.held(["C000001", "C000004"])) == ["C000001"], "the others are not corrected yet"
    hold = corrections.held(["C000001"])["C000001"][0]
    assert refused_by_the_database("DELETE FROM corrections_hold WHERE id = %s", [hold.id])
    clerk.post(f"/corrections/truth/holds/{hold.id}/close/", {"reason": "三人同住，已核实"})
    assert corrections.held(["C000001"]) == {}


@pytest.mark.req("L-09")
def test_a_sample_is_drawn_by_a_public_seed_and_checked_by_hand(doubtful: Cast) -> None:
    ledger.seal_pending(by=org.machine(), recorded_at=doubtful.now)
    clerk = doubtful.client(CLERK)
    made = clerk.post("/corrections/truth/samples/draw/", {"institution": "B"})
    sample = corrections.samples(EVERYTHING)[0]
    assert made.headers["Location"] == f"/corrections/truth/samples/{sample.id}/"
    numbers = sorted(books.reached(EVERYTHING)["customer_number"])
    assert (sample.listed, sample.size) == (10, 10), "fewer than the least size: all of them"
    assert sample.list_digest == list_digest(numbers)
    again = drawn(numbers, sample.size, seed=bytes.fromhex(sample.seed_hex), draw_id=sample.code)
    items = corrections.drawn_items(sample.id)
    assert [item.customer_number for item in items] == again, "whoever has list and seed draws the same"
    clerk.post("/corrections/truth/samples/draw/", {"institution": "B"})
    assert len(corrections.samples(EVERYTHING)) == 1, "nobody draws until the lot pleases"
    clerk.post(f"/corrections/truth/samples/items/{items[0].id}/", {"verdict": "wrong", "wrong": ["phone"]})
    clerk.post(f"/corrections/truth/samples/items/{items[1].id}/", {"verdict": "true"})
    clerk.post(f"/corrections/truth/samples/items/{items[2].id}/", {"verdict": "wrong"})
    checked = corrections.samples(EVERYTHING)[0]
    assert (checked.checked, checked.wrong) == (2, 1), "a verdict of wrong says what is wrong"
    assert [(r.who, r.customers, r.wrong) for r in corrections.sample_rates(EVERYTHING, sample.id)] == [
        (MANAGER, 2, 1)
    ]
    assert clerk.get(f"/corrections/truth/samples/{sample.id}/").status_code == 200


def test_pages_ask_no_more_queries_for_more_rows(site: Cast, django_assert_max_num_queries: Any) -> None:
    for number in (ANA, BEN, CIN, DAN):
        registered(site, number, phone=f"1391111{number[2:]}"[:11])
    clerk = site.client(CLERK)
    with django_assert_max_num_queries(45):
        assert clerk.get("/corrections/register/").status_code == 200


def test_auditors_get_what_happened_by_numbers(site: Cast) -> None:
    registered(site, ANA, phone="13911112222")
    batch = a_list(site)
    sign(site, batch)
    carried_out(site, batch)
    tables = corrections.audit_tables(site.today, site.today)
    assert tables["更改清单"]["执行人"].to_list() == [site.people[IT]]
    assert tables["更改清单步骤"].height == 5
    written = "".join(frame.write_csv() for frame in tables.values())
    assert "13911112222" not in written
    assert isinstance(tables["回访记录"], pl.DataFrame)


@pytest.mark.req("S0-06", "S0-07")
def test_home_says_whom_to_call_and_which_list_waits_for_whom(site: Cast) -> None:
    programme = a_programme(site, numbers=f"{ANA} {BEN}")
    call = f"/corrections/programmes/{programme}/desk/"
    phone = site.client(Role.ACCOUNT_MANAGER)
    assert call in text(site.client(Role.CALL_CENTRE).get("/"))
    assert call in text(phone.get("/m/")), "the phone leads to the own customers' visits"
    for customer in (ANA, BEN):
        assert visit(site, programme, customer, outcome="wrong_number").status_code == 302
    assert call not in text(site.client(Role.CALL_CENTRE).get("/")), "everybody was called"
    registered(site, BEN, phone="13911112222")
    batch = a_list(site, MANAGER, "B")
    waits = f"/corrections/batches/{batch}/"
    assert waits in text(phone.get("/m/"))
    assert waits in text(site.client(LEAD).get("/"))
    assert waits not in text(site.client(CLERK).get("/")), "who collected it does not sign"
    assert waits not in text(site.client(IT).get("/")), "unsigned: nothing for IT yet"
    sign(site, batch, Role.ACCOUNT_MANAGER)
    assert waits not in text(phone.get("/m/"))
    assert waits in text(site.client(IT).get("/"))
    assert call not in text(site.client(Role.AUDITOR).get("/")), "auditors call nobody"


def test_an_account_manager_is_not_led_to_the_register(site: Cast) -> None:
    programme = a_programme(site, numbers=ANA)
    register = "/corrections/register/"
    page = f"/corrections/programmes/{programme}/"
    assert register not in text(site.client(Role.ACCOUNT_MANAGER).get(page))
    assert register in text(site.client(CLERK).get(page))
