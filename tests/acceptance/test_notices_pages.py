"""Notices of leavers in the pages: from the leave to the proof or the red list; wordings, letters, relations, contacts."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from cast import Cast, staff_number
from listed_world import OTHER, STRANGER, import_rows, policy_rows
from notices_world import gateway, leaves, opened, registered, wecom, with_policies
from tuogu.exports.kinds import Order
from tuogu.files.listed import write_list
from tuogu.ledger import queries as ledger
from tuogu.notices import actions, queries
from tuogu.notices.models import ContactLink, ContactTransfer, Message, NoticeCase, Proof, Waiver
from tuogu.notices.preparing import case_code
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules
from tuogu.web.notices.letters import MERGE
from tuogu.web.notices.relations import RELATIONS
from tuogu.web.templatetags.tuogu import days_left

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
CLERK, MANAGER, LEAD = Role.RESOURCE_CLERK, Role.ACCOUNT_MANAGER, Role.TEAM_LEAD


def text(answer: Any) -> str:
    return str(answer.content.decode())


def get(client: Client, name: str, *args: object, **query: str) -> str:
    answer = client.get(reverse(f"notices:{name}", args=args), query)
    assert answer.status_code == 200, f"{name}: {answer.status_code}"
    return text(answer)


def post(client: Client, name: str, *args: object, **data: Any) -> str:
    return text(client.post(reverse(f"notices:{name}", args=args), data, follow=True))


def sheet(**columns: list[Any]) -> SimpleUploadedFile:
    """An uploaded workbook of these columns."""
    content = write_list("表", list(columns.items()), created=at_now()).read()
    return SimpleUploadedFile("sheet.xlsx", content)


def at_now() -> Any:
    from tuogu import clock

    return clock.now()


@pytest.mark.req("N-07", "L-01")
def test_from_the_leave_to_the_proof(cast: Cast, settings: Any):
    with_policies(cast, 4, changes={3: {"state": "matured"}})
    clerk = cast.client(CLERK)
    url = reverse("staff:leave", args=[staff_number(MANAGER)])
    assert 'name="formalities"' in text(clerk.get(url))
    said = text(
        clerk.post(
            url,
            {"date": cast.today.isoformat(), "reason": "left", "formalities": cast.today.isoformat()},
            follow=True,
        )
    )
    assert "3 份合同的投保人须在期限内得到离职告知" in said
    board = get(clerk, "board")
    assert "客户经理甲" in board
    assert "没有配置" in board  # no way out is configured, and the page says so
    listed = get(clerk, "cases", view="open")
    assert listed.count('name="pick"') == 3
    assert "张三" not in listed  # masked
    asked = post(clerk, "prepare", query="?view=open", whole_view="1")
    assert "3 件，3 位投保人" in asked
    assert Message.objects.count() == 0  # the count is confirmed first
    refused = post(clerk, "prepare", query="view=open", whole_view="1", sure="1", expected="2", channel="sms")
    assert "没有准备任何消息" in refused
    done = post(clerk, "prepare", query="view=open", whole_view="1", sure="1", expected="3", channel="sms")
    assert "已为 3 件准备 3 条消息" in done
    assert "由后台发出，" not in done, "nothing leaves before there is a gateway"
    assert "暂不发出，在“发送”中等待，可取消：短信 3。" in done
    registered(cast)
    with gateway(settings) as world:
        actions.tick(by=org.machine(), at=cast.now + timedelta(hours=1))
        world.states = dict.fromkeys(world.taken, "delivered")
        actions.tick(by=org.machine(), at=cast.now + timedelta(hours=2))
    assert set(NoticeCase.objects.values_list("state", flat=True)) == {"proved"}
    page = get(clerk, "case", NoticeCase.objects.first().pk)
    for word in ("短信送达回执", "已告知", "两个期限", "法定期限", "内部期限"):
        assert word in page
    assert "全部告知" in get(clerk, "leaver", staff_number(MANAGER)) or "已告知 3 件" in get(
        clerk, "leaver", staff_number(MANAGER)
    )
    assert "已终止或履行完毕" in get(clerk, "leaver", staff_number(MANAGER))


@pytest.mark.req("N-07")
def test_the_red_list_is_left_by_proof_or_by_two_people_only(cast: Cast):
    with_policies(cast, 3)
    day = cast.today - timedelta(days=30)
    ids = opened(cast, day)
    clerk, lead = cast.client(CLERK), cast.client(Role.BRANCH_MANAGER)
    assert "3 件；只有凭证或两人复核才能移出" in get(clerk, "red")
    # an attempt that did not reach is kept and proves nothing
    said = post(
        clerk,
        "prove",
        ids[0],
        kind="phone_call",
        outcome="not_reached",
        day=cast.today.isoformat(),
        script="LZ-1",
    )
    assert "它不算作告知凭证" in said
    assert "3 件；只有" in get(clerk, "red")
    said = post(
        clerk, "prove", ids[0], kind="phone_call", outcome="told", day=cast.today.isoformat(), script="LZ-1"
    )
    assert "1 件记为已告知" in said
    assert "2 件；只有" in get(clerk, "red")
    assert "已申请" in post(clerk, "ask_waiver", ids[1], reason="客户已身故，合同已终止")
    assert "2 件；只有" in get(clerk, "red")  # still there while somebody else looks
    waiver = Waiver.objects.get()
    for_clerk, for_lead = get(clerk, "case", ids[1]), get(lead, "case", ids[1])
    assert "免告知待复核" in for_clerk
    assert "等另一人复核；同意之前仍在名单上" in for_clerk
    decide = reverse("notices:decide_waiver", args=[waiver.pk])
    assert decide in for_lead
    assert decide not in for_clerk
    assert (
        clerk.post(reverse("notices:decide_waiver", args=[waiver.pk]), {"decision": "grant"}).status_code
        == 403
    )
    with pytest.raises(actions.NoticeRefused):
        actions.decide_waiver(waiver.pk, grant=True, by=waiver.asked_by_id, at=cast.now)
    assert "已同意免告知" in post(lead, "decide_waiver", waiver.pk, decision="grant")
    assert "客户已身故，合同已终止" in get(clerk, "case", ids[1])
    assert "已同意" in get(
        cast.client(Role.AUDITOR), "case", ids[1]
    )  # a closed case tells why, to readers too
    assert "1 件；只有" in get(clerk, "red")
    NoticeCase.objects.filter(pk=ids[2]).update(due_date=cast.today + timedelta(days=1))
    assert "0 件；只有" in get(clerk, "red")
    assert get(clerk, "cases", view="warned").count('name="pick"') == 1


def test_a_proof_needs_what_makes_it_one(cast: Cast):
    with_policies(cast, 2)
    ids = opened(cast)
    clerk, today = cast.client(CLERK), cast.today.isoformat()
    for kind in (
        "in_person",
        "letter_signed",
        "sms_delivered",
        "wecom_read",
    ):  # nothing on somebody's word alone
        assert "须上传扫描件" in post(clerk, "prove", ids[0], kind=kind, day=today)
    junk = SimpleUploadedFile("paper.pdf", b"MZ not a scan")
    assert "须是 PDF、PNG 或 JPEG" in post(clerk, "prove", ids[0], kind="in_person", day=today, scan=junk)
    assert "话术版本" in post(clerk, "prove", ids[0], kind="phone_call", day=today)
    tomorrow = (cast.today + timedelta(days=1)).isoformat()
    assert "应在离司日" in post(clerk, "prove", ids[0], kind="phone_call", day=tomorrow, script="LZ-1")
    assert "凭证种类" in post(clerk, "prove", ids[0], kind="letter_signed", outcome="hung_up", day=today)
    assert Proof.objects.count() == 0
    scan = SimpleUploadedFile("paper.pdf", b"%PDF-1.4 signed")
    assert "1 件记为已告知" in post(clerk, "prove", ids[0], kind="in_person", day=today, scan=scan)
    proof = Proof.objects.get()
    assert proof.evidence_digest
    assert b"signed" not in bytes(proof.evidence_sealed)
    assert cast.client(Role.CALL_CENTRE).get(reverse("notices:case", args=[ids[1]])).status_code == 200
    assert "1 件记为已告知" in post(
        cast.client(Role.CALL_CENTRE), "prove", ids[1], kind="phone_call", day=today, script="LZ-1"
    )


def test_scope_shows_nobody_elses_cases(cast: Cast):
    with_policies(cast, 1)
    import_rows(cast, policy_rows(1, agent=STRANGER, institution="X", first=50))
    ids = opened(cast)
    from tuogu.org import actions as org_actions

    outsider = cast.stranger
    org_actions.appoint(
        outsider,
        Role.RESOURCE_CLERK,
        institution_code="X",
        from_date=cast.today,
        by=org.machine(),
        at=cast.now,
    )
    from cast import PASSWORD
    from tuogu.accounts import actions as accounts

    accounts.make_account(
        person=outsider,
        login=STRANGER,
        password=PASSWORD,
        by=org.machine(),
        at=cast.now,
        must_change=False,
        demo=True,
    )
    client = cast.client_of(outsider)
    assert "没有要告知的离职" in get(client, "board")
    for name, args in (("case", [ids[0]]), ("leaver", [staff_number(MANAGER)])):
        assert client.get(reverse(f"notices:{name}", args=args)).status_code == 404
    for name, data in (("prove", {"kind": "phone_call"}), ("ask_waiver", {"reason": "随便看看"})):
        assert client.post(reverse(f"notices:{name}", args=[ids[0]]), data).status_code == 404
    post(client, "prepare", pick=[ids[0]], sure="1", expected="1", channel="letter")
    assert Message.objects.count() == 0


@pytest.mark.req("L-01")
def test_a_wording_is_used_when_somebody_else_has_read_it(cast: Cast):
    clerk, lead = cast.client(CLERK), cast.client(LEAD)
    url = reverse("notices:wordings")
    lacking = clerk.post(url, {"channel": "sms", "title": "短信", "body": "尊敬的{holder}，您好"})
    assert lacking.status_code == 409
    assert "缺少离职人姓名" in text(lacking)
    whole = "{holder}：{leaver}自{leave_date}离职，合同{contracts_short}，由{custodian}负责，电话{hotline}。"
    forbidden = clerk.post(url, {"channel": "sms", "title": "短信", "body": whole + "可上门收费。"})
    assert "不得出现“上门收费”" in text(forbidden)
    post(clerk, "wordings", channel="sms", title="短信", body=whole)
    assert queries.current("sms").version == "随系统"
    waits = "第 1 版等你复核"
    assert waits in text(lead.get("/"))
    assert waits not in text(clerk.get("/"))
    version = queries.versions("sms")[0]
    with pytest.raises(actions.NoticeRefused):
        actions.decide(version.id, approve=True, by=version.drafted_by, at=cast.now)
    assert "从现在起使用" in post(lead, "decide_wording", version.id, decision="approve", channel="sms")
    assert queries.current("sms").body == whole
    assert waits not in text(lead.get("/"))
    assert "现行" in get(clerk, "wordings", channel="sms")


@pytest.mark.req("P-12")
def test_a_leaver_is_linked_to_the_staff_page_for_who_may_open_it(cast: Cast):
    with_policies(cast, 2)
    opened(cast)
    number, linked = staff_number(MANAGER), {}
    staff_page = reverse("staff:record", args=[number])
    for role in Role:
        client = cast.client(role)
        answer = client.get(reverse("notices:leaver", args=[number]))
        if answer.status_code == 200:
            linked[role] = f'href="{staff_page}"' in text(answer)
            assert linked[role] == (client.get(staff_page).status_code == 200), role
    assert set(linked.values()) == {True, False}


def test_a_far_deadline_is_told_once(cast: Cast):
    with_policies(cast, 1)
    case = opened(cast)[0]
    due = NoticeCase.objects.get(pk=case).internal_due_date
    shown = get(cast.client(CLERK), "case", case)
    assert due.isoformat() in shown
    assert f"{due:%m-%d} 前" not in shown
    assert "还剩 7 天" in days_left(due, due - timedelta(days=7), dated=True)
    assert days_left(due, due - timedelta(days=8), dated=True) == ""
    assert f"{due:%m-%d} 前" in days_left(due, due - timedelta(days=8))


@pytest.mark.req("N-07")
def test_letters_are_printed_one_a_page_and_proved_by_the_receipts_that_come_back(cast: Cast):
    with_policies(cast, 3)
    ids = opened(cast)
    clerk = cast.client(CLERK)
    post(clerk, "prepare", pick=ids, sure="1", expected="3", channel="letter")
    assert clerk.get(reverse("notices:print")).status_code == 403
    pages = post(clerk, "print", state="queued")
    assert pages.count('class="tg-letter"') == 3
    assert "宁波市海曙区白云街道白沙社区1幢101室" in pages  # in clear, by a logged act
    digests = Message.objects.values_list("body_digest", flat=True)
    assert all(digest[:16] in pages for digest in digests)
    assert all(case_code(pk) in pages for pk in ids)
    today = cast.today.isoformat()
    upload = {
        "案件编号": [case_code(ids[0]), case_code(ids[1]), "LZ9999999"], "快递单号": ["EMS1", "EMS2", "EMS3"],
        "寄出日期": [today, today, today], "签收日期": [today, "", today],
    }  # fmt: skip
    said = post(clerk, "letter_receipts", sheet=sheet(**upload))
    assert "已登记寄出 2 封、签收 1 封" in said
    assert "第 4 行的案件编号没有对应的信函" in said
    again = post(clerk, "letter_receipts", sheet=sheet(**upload))
    assert "已登记寄出 0 封、签收 0 封" in again
    states = dict(NoticeCase.objects.values_list("pk", "state"))
    assert (states[ids[0]], states[ids[1]], states[ids[2]]) == ("proved", "sent", "prepared")
    assert Proof.objects.get().kind == "letter_signed"
    other = post(clerk, "letter_receipts", sheet=sheet(**{"姓名": ["甲"]}))
    assert "第一行应有" in other
    table = MERGE.build(
        Order("T", "notice_letters", {"letters": list(Message.objects.values_list("pk", flat=True))},
              cast.people[CLERK], cast.now)
    )  # fmt: skip
    assert table.rows == 3


def test_a_letter_in_two_languages_of_errors(cast: Cast):
    clerk = cast.client(CLERK)
    assert "请选择文件" in post(clerk, "letter_receipts")
    assert "没有要打印的信函" in post(clerk, "print", state="queued")


def contacts(cast: Cast, pairs: dict[str, str]) -> SimpleUploadedFile:
    """A sheet of contacts: customer → staff number."""
    return sheet(**{
        "客户号": list(pairs), "企微员工工号": list(pairs.values()),
        "外部联系人ID": [f"wm-{customer}" for customer in pairs], "添加日期": ["2026-01-05"] * len(pairs),
    })  # fmt: skip


@pytest.mark.req("N-08")
def test_three_relations_are_laid_side_by_side(cast: Cast):
    with_policies(cast, 3)  # the manager's
    import_rows(cast, policy_rows(3, agent=OTHER, first=10), days_ago=1)
    clerk, manager = cast.client(CLERK), staff_number(MANAGER)
    said = post(
        clerk, "import_contacts",
        sheet=contacts(cast, {"C000000": manager, "C000010": manager, "C000011": OTHER, "C000099": "7777"}),
    )  # fmt: skip
    assert "新增 3 位" in said
    assert "没有工号 7777" in said
    before = ledger.holdings(Scope.everything()).select("subject_id", "custodian_id")
    page = get(clerk, "relations")
    assert "企微联系人不是责任人，应转接" in page
    frame = queries.three_relations(Scope.everything(), cast.today)
    standing = dict(frame.select("number", "standing").iter_rows())
    assert standing == {
        "P00000000": "in_step", "P00000001": "no_contact", "P00000002": "no_contact", "P00000010": "hand_over",
        "P00000011": "in_step", "P00000012": "no_contact",
    }  # fmt: skip
    counted = queries.combinations(frame)
    assert counted["policies"].sum() == frame.height
    leaves(cast, cast.today)
    after = dict(
        queries.three_relations(Scope.everything(), cast.today).select("number", "standing").iter_rows()
    )
    assert after["P00000000"] == after["P00000010"] == "contact_left"
    assert ledger.holdings(Scope.everything()).select("subject_id").height == before.height
    table = RELATIONS.build(Order("T", "relations", {"standing": ""}, cast.people[CLERK], cast.now))
    assert table.rows == 2
    content = post_file(clerk, cast)
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert "P00000000" in {cell for row in rows for cell in row}


def post_file(client: Client, cast: Cast) -> bytes:
    """The reconciliation as a file, through the room of exports."""
    answer = client.post(reverse("notices:relations_file"), {"standing": "", "reason": "核对企微联系人"})
    assert answer.status_code == 200, text(answer)[:300]
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.req("P-11", "N-08")
def test_contacts_are_pending_until_wecom_says_done_and_a_refusal_leaves_the_policy_served(
    cast: Cast, settings: Any
):
    with_policies(cast, 3)
    clerk, manager = cast.client(CLERK), staff_number(MANAGER)
    post(clerk, "import_contacts", sheet=contacts(cast, {f"C00000{i}": manager for i in range(3)}))
    refusing = ContactLink.objects.get(customer_number="C000001")
    from tuogu.vault import seal_text

    refusing.external_sealed = seal_text("wm-C000001-refuse")
    refusing.save()
    leaves(cast, cast.today)
    said = post(clerk, "move", giver=manager, receiver=OTHER)
    assert "已排定 3 位" in said
    assert "还不能调用" in get(clerk, "contacts")  # not configured: they wait
    assert actions.hand_over(by=org.machine(), at=cast.now) == {}
    seconds = [0.0]
    with wecom(settings, lambda: seconds[0]) as world:
        world.full_at = 1
        actions.hand_over(by=org.machine(), at=cast.now + timedelta(hours=1))
        assert set(ContactTransfer.objects.values_list("state", flat=True)) == {"waiting"}
        standing = queries.three_relations(Scope.everything(), cast.today)["standing"]
        assert set(standing) == {"pending"}
        actions.hand_over(by=org.machine(), at=cast.now + timedelta(hours=4))
        assert set(ContactTransfer.objects.values_list("state", flat=True)) == {"waiting"}
        seconds[0] = 25 * 3600
        actions.hand_over(by=org.machine(), at=cast.now + timedelta(hours=30))
    states = dict(ContactTransfer.objects.values_list("customer_number", "state"))
    assert states == {"C000000": "done", "C000001": "refused", "C000002": "full"}
    people = dict(ContactLink.objects.values_list("customer_number", "person_id"))
    leaver = cast.people[MANAGER]
    assert people == {"C000000": cast.other, "C000001": leaver, "C000002": leaver}
    frame = queries.three_relations(Scope.everything(), cast.today)
    assert frame["custodian_id"].null_count() == 0  # served as before
    assert dict(frame.select("holder_number", "standing").iter_rows())["C000001"] == "refused"
    page = get(clerk, "contacts")
    for word in ("接替完毕", "客户拒绝", "接替人客户已满", "改用电话联系"):
        assert word in page


@pytest.mark.req("P-11")
def test_limits_of_hand_overs(cast: Cast, settings: Any):
    with_policies(cast, 2)
    manager = staff_number(MANAGER)
    clerk, by = cast.client(CLERK), cast.people[CLERK]
    post(clerk, "import_contacts", sheet=contacts(cast, {"C000000": manager}))
    lead, desk = cast.people[LEAD], cast.people[Role.BUFFER_MEMBER]
    receivers = [lead, desk, lead]
    seconds = [0.0]
    with wecom(settings, lambda: seconds[0]):
        for turn, receiver in enumerate(receivers):
            when = cast.now + timedelta(days=2 * turn)
            planned = actions.plan_transfers(["C000000"], receiver=receiver, by=by, at=when)
            assert planned.planned == (1 if turn < 2 else 0), turn
            if turn == 2:
                assert planned.left == {"too_often": 1}
            actions.hand_over(by=by, at=when)
            seconds[0] += 25 * 3600
            actions.hand_over(by=by, at=when + timedelta(hours=25))
        later = cast.now + timedelta(days=91)
        assert actions.plan_transfers(["C000000"], receiver=lead, by=by, at=later).planned == 1
    with pytest.raises(actions.NoticeRefused):
        actions.plan_transfers(["C000000"], receiver=org.buffer_group(), by=by, at=cast.now)


def test_pages_of_the_room_stand_for_every_reader(cast: Cast):
    with_policies(cast, 2)
    opened(cast)
    for role in (Role.BRANCH_MANAGER, Role.AUDITOR, Role.BUFFER_MEMBER, Role.INSPECTOR):
        client = cast.client(role)
        for name in ("board", "cases", "red", "letters", "outbox", "wordings", "relations", "contacts"):
            get(client, name)
    frames = queries.audit_tables(cast.today, cast.today)
    assert frames["告知案件"].height == 2
    assert frames["离职"]["离职人工号"].to_list() == [staff_number(MANAGER)]
    assert all(set(frame.columns).isdisjoint({"body_sealed", "to_sealed"}) for frame in frames.values())
    empty = queries.audit_tables(cast.today - timedelta(days=9), cast.today - timedelta(days=9))
    assert {name: frame.schema for name, frame in empty.items()} == {n: f.schema for n, f in frames.items()}


def test_the_same_count_of_queries_for_two_cases_and_for_forty(
    cast: Cast, django_assert_max_num_queries: Any
):
    with_policies(cast, 40)
    opened(cast)
    client = cast.client(CLERK)
    get(client, "cases")
    for name in ("cases", "board", "red", "outbox"):
        with django_assert_max_num_queries(32):
            get(client, name)


def test_paging_shows_every_case_once(cast: Cast):
    with_policies(cast, 5)
    opened(cast)
    everything, today = Scope.everything(), cast.today
    book = rules.applicable(today)
    seen, mark = [], ""
    while True:
        page = queries.case_page(everything, queries.CaseFilter(), today, book, size=2, after=mark)
        seen += [row.id for row in page.rows]
        if page.after is None:
            break
        mark = page.after
    assert len(seen) == len(set(seen)) == 5
    back = queries.case_page(everything, queries.CaseFilter(), today, book, size=2, before=page.before or "")
    assert [row.id for row in back.rows] == seen[2:4]
    assert re.match(r"LZ\d{7}$", queries.case_code(seen[0]))
