"""One person through every room that stores something: panels of the page, the copy for the person, the deletion."""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from test_data_corrections import a_list, a_programme, carried_out, registered, sign, visit
from test_notices_pages import sheet

from cast import Cast
from exported import granted
from listed_world import MANAGER, customer_rows, import_rows, policy_rows
from notices_world import opened
from tuogu.corrections import actions as corrections
from tuogu.corrections import queries as reads
from tuogu.corrections.batches import waiting as lines_waiting
from tuogu.corrections.models import Batch, BatchPaper, Programme, ReturnVisit, SampleItem, Target
from tuogu.exports.kinds import Order, Table
from tuogu.ledger.verifying import verify
from tuogu.notices import actions as notices
from tuogu.notices.models import ContactLink, Message, NoticeCase
from tuogu.org import append_only
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.pools import actions as pools
from tuogu.privacy import actions
from tuogu.regions import queries as regions
from tuogu.rules import queries as rules
from tuogu.vault.blobs import open_bytes
from tuogu.vault.columns import SealedColumn, sealed_columns
from tuogu.vault.seal import open_text
from tuogu.web.notices.relations import RELATIONS

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
ONE, TWO = "C000000", "C000001"
NAME, OTHER_NAME = "欧阳独一", "司马旁人"
MARKS = (
    NAME, "13800000000", "330203198001010000", "13977770000", "独一集团", "只在独处接电话", "独一本人到柜面", "听错独一",
    "独一说知道了", "wm-C000000", "客户独一想起来了",
)  # fmt: skip


@pytest.fixture
def told(cast: Cast) -> Cast:
    """Two customers of whom every room stores something; the lists of corrections are filed, and another is on its road."""
    rows = policy_rows(2, agent=MANAGER)
    people = customer_rows(rows)
    people[0]["name"], people[1]["name"] = NAME, OTHER_NAME
    import_rows(cast, rows, people)
    programme = a_programme(cast)
    visit(cast, programme, ONE, note="只在独处接电话", **{"new.employer": "独一集团"})
    first = ReturnVisit.objects.get()
    again = {"channel": "phone", "outcome": "confirmed", "why": "听错独一", "new.employer": "独一集团"}
    assert cast.client(Role.CALL_CENTRE).post(f"/corrections/visits/{first.pk}/", again).status_code == 302
    registered(cast, ONE, phone="13977770000", evidence="独一本人到柜面")
    registered(cast, TWO, employer="旁人公司")
    batch = a_list(cast)
    sign(cast, batch)
    carried_out(cast, batch)
    scan = SimpleUploadedFile("scan.pdf", b"%PDF-1.4 " + NAME.encode())
    cast.client(Role.RESOURCE_CLERK).post(f"/corrections/batches/{batch}/scan/", {"scan": scan})
    registered(cast, ONE, name=NAME + "二")
    registered(cast, TWO, name=OTHER_NAME + "二")
    a_list(cast)
    by = cast.people[Role.RESOURCE_CLERK]
    pools.contacted(ONE, person=cast.people[Role.ACCOUNT_MANAGER], channel="phone", outcome="reached",
                    note="客户独一想起来了", by=by, at=cast.now)  # fmt: skip
    cases = opened(cast)
    notices.prepare(cases, channel="letter", by=by, at=cast.now)
    mine = NoticeCase.objects.get(holder_number=ONE)
    notices.prove([mine.pk], kind="in_person", on_date=cast.today, note="独一说知道了",
                  evidence=b"%PDF-1.4 scan of " + NAME.encode(), by=by, at=cast.now)  # fmt: skip
    link = sheet(
        **{
            "客户号": [ONE],
            "企微员工工号": [MANAGER],
            "外部联系人ID": [f"wm-{ONE}"],
            "添加日期": ["2026-01-05"],
        }
    )
    cast.client(Role.RESOURCE_CLERK).post("/notices/contacts/import/", {"sheet": link})
    return cast


def ends(cast: Cast, number: str) -> None:
    """The contract of that customer has ended eleven years ago after all."""
    rows = [row for row in policy_rows(2, agent=MANAGER) if row["holder_number"] == number]
    rows[0] |= {"state": "matured", "end_date": cast.today - timedelta(days=11 * 366)}
    rows[0] |= {"inception_date": date(2000, 1, 1)}
    people = customer_rows(rows)
    people[0]["name"] = NAME
    import_rows(cast, rows, people, days_ago=0)


def who(cast: Cast, role: Role = Role.PRIVACY_OFFICER) -> dict[str, Any]:
    return {"by": cast.people[role], "at": cast.now}


def asked(cast: Cast, kind: str) -> int:
    request = actions.receive(ONE, kind=kind, wish="请处理，独一本人到柜面", **who(cast))
    actions.check_identity(request, how="document", **who(cast))
    return request


def opened_values(column: SealedColumn) -> list[str]:
    """Everything that this column's ciphertext opens to; a workbook as the text inside."""
    connection = connections[column.alias]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column.column} FROM {column.table} WHERE {column.column} IS NOT NULL")
        return [readable(bytes(value)) for (value,) in cursor.fetchall()]


def readable(sealed: bytes) -> str:
    if sealed[:1] == b"\x01":
        text = open_text(sealed) or ""
        return text + " ".join(re.findall(r"[^\s]+", decoded(text)))
    content = open_bytes(sealed)
    if not content.startswith(b"PK"):
        return content.decode(errors="ignore")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return " ".join(archive.read(name).decode(errors="ignore") for name in archive.namelist())


def decoded(text: str) -> str:
    """A scan is kept as base64."""
    try:
        return base64.b64decode(text, validate=True).decode(errors="ignore")
    except (binascii.Error, ValueError):
        return ""


def columns_with(marks: tuple[str, ...]) -> dict[str, set[str]]:
    """Column → the marks that one of its values opens to."""
    found = {}
    for column in sealed_columns():
        seen = {mark for value in opened_values(column) for mark in marks if mark in value}
        if seen:
            found[column.name] = seen
    return found


def panel(page: str, title: str) -> str:
    """The card of that title."""
    return next(
        card for card in re.findall(r"<section.*?</section>", page, re.DOTALL) if f">{title}</h2>" in card
    )


@pytest.mark.req("P-12")
def test_every_panel_of_the_customer_shows_its_own_data(told: Cast) -> None:
    actions.record_consent(
        ONE, purpose="marketing", channel="sms", said="refused", said_at=told.now, source="door",
        text_version="1", **who(told, Role.RESOURCE_CLERK),
    )  # fmt: skip
    page = told.client(Role.RESOURCE_CLERK).get(f"/customers/{ONE}/").content.decode()
    corrected = panel(page, "资料更正")
    assert "在清单中" in corrected
    assert corrected.count("/corrections/visits/") == 2
    assert "接通并核对" in corrected
    assert "全部更正" in corrected
    assert f"/corrections/customers/{ONE}/" in corrected
    noticed = panel(page, "离职告知与企微联系人")
    assert "已告知 1 件" in noticed
    assert f"find={ONE}" in noticed
    assert MANAGER in noticed
    wishes = panel(page, "同意与拒绝")
    assert "拒绝：短信" in wishes
    assert f"/privacy/customers/{ONE}/" in wishes


@pytest.mark.req("L-07")
def test_the_copy_holds_what_every_room_stores(told: Cast) -> None:
    request = asked(told, "copy")
    actions.make_copy(request, **who(told))
    with zipfile.ZipFile(io.BytesIO(actions.fetch_copy(request, **who(told)))) as archive:
        text = archive.read("个人信息副本.json").decode()
    content = json.loads(text)
    for title in (
        "回访记录",
        "信息更正登记",
        "离职告知",
        "告知信函和消息",
        "告知记录",
        "企业微信联系人",
        "联系记录",
    ):
        assert content[title], title
    assert [mark for mark in MARKS if mark not in text] == []
    assert OTHER_NAME not in text
    assert "旁人公司" not in text


@pytest.mark.req("L-07")
def test_after_a_deletion_no_ciphertext_of_the_person_opens_anywhere(told: Cast) -> None:
    ends(told, ONE)
    request = asked(told, "deletion")
    before = columns_with(MARKS)
    assert {name.rpartition(".")[0] for name in before} == {
        "books_customer", "corrections_amendment", "corrections_batchpaper", "corrections_returnvisit",
        "notices_contactlink", "notices_message", "notices_proof", "pools_contacted", "privacy_subjectrequest",
    }  # fmt: skip
    others = columns_with((OTHER_NAME, "旁人公司"))
    filed = Batch.objects.order_by("pk").first()
    assert filed is not None
    digests = dict(BatchPaper.objects.filter(batch=filed).values_list("kind", "digest"))
    actions.propose_erasure(request, **who(told))
    assert actions.approve_erasure(request, **who(told, Role.BRANCH_MANAGER)) == 1
    assert columns_with(MARKS) == {}
    assert columns_with((OTHER_NAME, "旁人公司")) == others  # nobody else lost anything
    assert verify().problems == ()
    assert append_only.missing_in("corrections", "privacy", "notices") == []
    assert regions.known_of(ONE) == ("", "")
    # facts stay, under a number that leads to nobody
    assert ReturnVisit.objects.filter(customer_number=ONE).count() == 2
    assert NoticeCase.objects.get(holder_number=ONE).state == "proved"
    assert ContactLink.objects.filter(customer_number=ONE).count() == 1
    assert dict(BatchPaper.objects.filter(batch=filed).values_list("kind", "digest")) == digests
    assert {row.state for row in Batch.objects.order_by("pk")[1:]} == {
        "returned"
    }  # the one on its road goes back
    assert not Message.objects.filter(holder_number=ONE, state__in=("queued", "printed", "posted")).exists()


@pytest.mark.req("L-07")
def test_pages_and_papers_of_an_erased_person_still_answer(told: Cast) -> None:
    ends(told, ONE)
    request = asked(told, "deletion")
    actions.propose_erasure(request, **who(told))
    actions.approve_erasure(request, **who(told, Role.BRANCH_MANAGER))
    clerk = told.client(Role.RESOURCE_CLERK)
    batch = Batch.objects.order_by("pk").first()
    assert batch is not None
    page = clerk.get(f"/corrections/batches/{batch.pk}/")
    assert page.status_code == 200
    assert NAME.encode() not in page.content
    for path in ("filed.xlsx", "signed-paper"):
        url = f"/corrections/batches/{batch.pk}/{path}"
        assert NAME.encode() not in granted(clerk, told.client(Role.BRANCH_MANAGER), url)
    for path in (f"/corrections/customers/{ONE}/", "/corrections/register/", "/notices/cases/?view=all"):
        assert clerk.get(path).status_code == 200, path
    back = corrections.undo(batch.pk, reason="试撤回", by=told.people[Role.RESOURCE_CLERK], at=told.now)
    waiting = Batch.objects.get(pk=back)
    assert {row.customer_number for row in lines_waiting(waiting)} == {
        TWO
    }  # nothing of the erased person is written back


@pytest.mark.req("L-07")
def test_a_block_stops_calls_lists_and_lots_and_no_duty(cast: Cast) -> None:
    rows = policy_rows(3, agent=MANAGER)
    import_rows(cast, rows)
    before = a_programme(cast)
    assert len(called(cast, before)) == 3
    request = asked(cast, "deletion")
    actions.block_instead(request, ground="保险法第八十七条", **who(cast))
    assert ONE not in called(cast, before), "frozen before, not called after"
    assert len(called(cast, before)) == 2
    assert visit(cast, before, ONE, **{"state.phone": "same"}).status_code == 404
    assert not ReturnVisit.objects.exists()
    after = programme_of(cast, {"name": "十二月回访"})
    assert after.status_code == 302
    assert ONE not in Target.objects.filter(programme=Programme.objects.latest("pk")).values_list(
        "customer_number", flat=True
    )
    picked = programme_of(cast, {"name": "点名回访", "numbers": ONE})
    assert "已停止处理个人信息" in picked.content.decode()
    corrections.draw_sample(Scope.everything(), "B", by=cast.people[Role.RESOURCE_CLERK], at=cast.now)
    assert set(SampleItem.objects.values_list("customer_number", flat=True)) == {TWO, "C000002"}
    # what is owed goes on: the customer's own correction, the notice of a leaver
    assert registered(cast, ONE, employer="宁波港集团").status_code == 302
    cases = opened(cast)
    prepared = notices.prepare(cases, channel="letter", by=cast.people[Role.RESOURCE_CLERK], at=cast.now)
    assert (prepared.cases, prepared.left) == (3, {})
    assert Message.objects.filter(holder_number=ONE, channel="letter").count() == 1
    by = cast.people[Role.RESOURCE_CLERK]
    table = RELATIONS.build(Order("T", "relations", {"standing": "no_contact"}, by, cast.now))
    assert isinstance(table, Table)
    assert ONE not in table.columns[1].values, "and leaves in no list"
    assert TWO in table.columns[1].values


def called(cast: Cast, programme: int) -> list[str]:
    """The worklist of a caller."""
    rulebook = rules.applicable(cast.today)
    return list(reads.worklist(Scope.everything(), programme, rulebook, at=cast.now)["customer_number"])


def programme_of(cast: Cast, said: dict[str, str]) -> Any:
    """A further programme with the script that is there."""
    form = {
        "purpose": "补全地址和电话", "script": str(reads.usable_scripts(cast.today)[0].id), "institution": "B",
        "first": cast.today.isoformat(), "until": (cast.today + timedelta(days=9)).isoformat(), "hold": "",
    }  # fmt: skip
    return cast.client(Role.RESOURCE_CLERK).post("/corrections/programmes/new/", form | said)
