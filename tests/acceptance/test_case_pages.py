"""The pages of the cases as people at their posts use them: desk, quality, phone, receipts, card; and what they refuse."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from case_world import CaseWorld, customer, make_world
from cast import Cast
from listed_world import GONE, import_rows, policy_rows
from pool_world import hand_over
from tuogu.cases import actions
from tuogu.cases import queries as cases
from tuogu.cases.models import Case, Receipt
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]


@pytest.fixture
def world(cast: Cast) -> CaseWorld:
    return make_world(cast)


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.req("S1-31", "S4-10")
def test_a_difficult_case_from_the_phone_to_qualitys_desk(world: CaseWorld) -> None:
    phone = world.cast.client(Role.ACCOUNT_MANAGER)
    asked = [text(client.get("/cases/new/")) for client in (phone, world.cast.client(Role.INSPECTOR))]
    assert ['value="problem"' in page for page in asked] == [False, True], "offered to those who may"
    made = phone.post(
        "/cases/new/", {"kind": "difficult", "policy": world.policies[0], "back": "phone"}, follow=True
    )
    assert made.redirect_chain[-1][0].startswith("/m/cases/")
    assert "已立案" in text(made)
    case = Case.objects.get(kind="difficult").pk
    page = text(phone.get(f"/m/cases/{case}/"))
    assert "规定方式还缺 6 种" in page
    assert 'name="step" value="confirm"' not in page, "quality's step is not offered"
    refused = phone.post(
        f"/cases/{case}/step/", {"step": "report", "report": "没找到", "back": "phone"}, follow=True
    )
    assert "规定方式还缺 6 种" in text(refused)
    for day in ("0001-01-01", "31.12."):
        unread = {"step": "attempt", "method": "phone", "day": day, "back": "phone"}
        assert "日期：请按" in text(phone.post(f"/cases/{case}/step/", unread, follow=True))
    assert "规定方式还缺 6 种" in text(phone.get(f"/m/cases/{case}/"))
    for method in ("phone", "sms", "wechat", "visit", "letter", "relations"):
        phone.post(f"/cases/{case}/step/", {"step": "attempt", "method": method, "back": "phone"})
    phone.post(f"/cases/{case}/step/", {"step": "report", "report": "六种方式均未联系上", "back": "phone"})
    quality = world.cast.client(Role.INSPECTOR)
    desk = text(quality.get("/cases/quality/"))
    assert "六种方式均未联系上" in desk
    assert 'data-tg-key="y"' in desk
    assert 'data-tg-key="r"' in desk
    assert quality.get("/cases/quality/").status_code == 200
    done = quality.post(f"/cases/{case}/step/", {"step": "confirm", "back": "quality"}, follow=True)
    assert "由保全组保管" in text(done)
    assert world.holder() == org.buffer_group()
    assert "没有待确认的个案" in text(done)


@pytest.mark.req("S4-35", "S4-41")
def test_the_form_of_incomplete_papers_cannot_be_sent_and_shows_no_amount(world: CaseWorld) -> None:
    phone = world.cast.client(Role.ACCOUNT_MANAGER)
    form = {"kind": "papers", "policy": world.policies[0], "topic": "death_beneficiary"}
    phone.post("/cases/new/", form)
    case = Case.objects.get(kind="papers").pk
    page = text(phone.get(f"/cases/{case}/"))
    assert "还缺：投保人身份证、被保险人身份证、客户委托书、保险单、变更单" in page
    assert not re.search(r'name="(amount|fen|cash|premium)', page), "no field for money"
    for paper in ("holder_id", "insured_id", "mandate", "policy", "change_form"):
        phone.post(f"/cases/{case}/step/", {"step": "add", "paper": paper})
    phone.post(f"/cases/{case}/step/", {"step": "complete"})
    assert "最迟提交柜面" in text(phone.get(f"/cases/{case}/"))
    assert world.state(case) == "complete"


@pytest.mark.req("S1-34", "S1-23", "S1-28")
def test_a_receipt_is_signed_on_the_phone_and_cards_are_numbered(world: CaseWorld) -> None:
    world.tick()
    phone = world.cast.client(Role.ACCOUNT_MANAGER)
    receipt = Receipt.objects.get().pk
    assert f"/m/receipts/{receipt}/" in text(phone.get("/m/cases/"))
    for act in ("signed", "bound", "carded"):
        phone.post(f"/cases/receipts/{receipt}/act/", {"act": act, "back": "phone"})
    page = text(phone.get(f"/m/receipts/{receipt}/"))
    assert len(set(re.findall(r"FW-\d{7}", page))) == 6
    assert "待反馈" in text(phone.get("/m/cases/"))
    lead = text(world.cast.client(Role.TEAM_LEAD).get("/cases/receipts/"))
    assert "缮制保单资料册、回访" in lead
    assert world.cast.client(Role.TEAM_LEAD).get(f"/cases/receipts/{receipt}/").status_code == 200


@pytest.mark.req("S1-28")
def test_a_card_shows_its_entries_and_an_entry_without_its_items_is_refused(world: CaseWorld) -> None:
    from tuogu.cases import cards
    from tuogu.work import actions as work
    from tuogu.work.failures import WorkRefused
    from tuogu.work.said import Said

    number = customer(world.policies[0])
    cards.build(number, by=world.manager, at=world.cast.now)
    bare = Said("k", number, "visit", "met", "review", world.cast.now, card={"content": "讲解条款"})
    with pytest.raises(WorkRefused, match="服务卡三项都要填写"):
        work.record(bare, by=world.manager, at=world.cast.now)
    world.visit()
    page = text(world.cast.client(Role.ACCOUNT_MANAGER).get(f"/cases/cards/{number}/"))
    assert page.count("说明保单利益，客户认可") == 3
    assert "FW-" in page
    assert (
        world.cast.client(Role.BRANCH_MANAGER).get(f"/customers/{number}/").content.decode().count("FW-") == 1
    )


def test_lists_board_and_scope(world: CaseWorld) -> None:
    case = world.open("hard")
    world.text(case, "report", feedback="查无此人")
    boss = world.cast.client(Role.BRANCH_MANAGER)
    assert f"/cases/{case}/" in text(boss.get("/cases/")), "the branch must decide"
    board = text(boss.get("/cases/board/"))
    assert "?view=all&amp;kind=hard&amp;state=reported" in board
    mine = text(world.cast.client(Role.ACCOUNT_MANAGER).get("/cases/?view=open"))
    assert f"/cases/{case}/" in mine
    stranger = world.cast.client(Role.ADMINISTRATOR).get(f"/cases/{case}/")
    assert stranger.status_code == 403
    for role in (Role.TEAM_LEAD, Role.RESOURCE_CLERK, Role.AUDITOR):
        assert world.cast.client(role).get("/cases/?view=all").status_code == 200
    assert cases.counts(org.scope_of(world.cast.stranger, world.cast.today), world.cast.stranger) == {}


def test_lists_ask_a_flat_number_of_queries(world: CaseWorld) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    world.open("hard", 0)
    client = world.cast.client(Role.BRANCH_MANAGER)
    client.get("/cases/?view=all")
    with CaptureQueriesContext(connection) as few:
        client.get("/cases/?view=all")
    for place in range(1, 6):
        world.open("hard", place)
    with CaptureQueriesContext(connection) as many:
        client.get("/cases/?view=all")
    assert len(many) <= len(few)


@pytest.mark.req("P-14")
def test_the_export_of_the_ledger_names_the_share(world: CaseWorld) -> None:
    from tuogu.exports.kinds import Order
    from tuogu.web.ledger.exporting import KIND

    world.tick()
    clerk = world.person(Role.RESOURCE_CLERK)
    table: Any = KIND.build(Order("x", KIND.name, {"query": "kind=release"}, clerk, world.cast.now))
    column = next(one for one in table.columns if one.head == "收益继承比例")
    assert set(column.values) == {"100.00%"}


@pytest.mark.req("S1-34", "S1-23")
def test_the_phone_leads_to_what_is_to_be_signed_and_to_the_cases_of_a_customer(world: CaseWorld) -> None:
    world.tick()
    phone = world.cast.client(Role.ACCOUNT_MANAGER)
    receipt = Receipt.objects.get().pk
    today = text(phone.get("/m/"))
    assert f"/m/receipts/{receipt}/" in today
    assert "待签收" in today
    assert 'href="/m/cases/"' in today
    assert "现在没有等你办的" in today
    phone.post(f"/cases/receipts/{receipt}/act/", {"act": "signed", "back": "phone"})
    today = text(phone.get("/m/"))
    assert "已签收，待反馈" in today
    assert "6 件等你办" in today  # the service flow of each customer began
    number = customer(world.policies[0])
    case = Case.objects.get(kind="service", customer_number=number).pk
    page = text(phone.get(f"/m/customers/{number}/"))
    assert f"/m/cases/{case}/" in page
    assert 'href="/m/cases/"' in page
    phone.post(f"/cases/receipts/{receipt}/act/", {"act": "feedback", "back": "phone"})
    assert f"/m/receipts/{receipt}/" not in text(phone.get("/m/"))


@pytest.mark.req("S1-34", "S1-31", "S4-23")
def test_the_boards_name_receipts_refusals_and_cases_that_wait(world: CaseWorld) -> None:
    def waits(role: Role) -> str:
        return text(world.cast.client(role).get("/"))

    world.tick()
    assert "拒绝接单" not in waits(Role.TEAM_LEAD)
    actions.acknowledge(
        Receipt.objects.get().pk, "refused", reason="片区太远", by=world.manager, at=world.cast.now
    )
    lead = waits(Role.TEAM_LEAD)
    assert "拒绝接单 1 笔待认定" in lead
    assert f"/cases/receipts/{Receipt.objects.get().pk}/" in lead
    assert "待品质确认" not in waits(Role.INSPECTOR)
    case = world.open("difficult")
    world.search(case)
    world.text(case, "report", report="六种方式均未联系上")
    quality = waits(Role.INSPECTOR)
    assert "待品质确认的个案 1 件" in quality
    assert 'href="/cases/quality/"' in quality
    assert "等您办的个案" not in quality, "the queue is not counted twice"
    papers = world.open("papers", 1, topic="death_beneficiary")
    for paper in ("holder_id", "insured_id", "mandate", "policy", "change_form"):
        world.take(papers, "add", paper=paper)
    world.take(papers, "complete")
    assert "资料逾期未提交柜面" not in waits(Role.TEAM_LEAD)
    late = cases.papers_overdue(Scope.everything(), 0, world.cast.today + timedelta(days=14))
    assert [row.id for row in late] == [papers]


@pytest.mark.req("S1-34")
def test_a_receipt_of_ones_own_is_on_the_board_until_it_is_answered(cast: Cast) -> None:
    lead = cast.people[Role.TEAM_LEAD]
    import_rows(cast, policy_rows(1, agent=GONE))
    hand_over(cast, ["P00000000"], lead, key="to-lead")
    actions.tick(by=org.machine(), at=cast.now)
    receipt = Receipt.objects.get().pk
    board = text(cast.client(Role.TEAM_LEAD).get("/"))
    assert "接单 1 笔待反馈" in board
    assert "去签收" in board
    for act in ("signed", "feedback"):
        actions.acknowledge(receipt, act, by=lead, at=cast.now)
    assert "接单 1 笔待反馈" not in text(cast.client(Role.TEAM_LEAD).get("/"))
