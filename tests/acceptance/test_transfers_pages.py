"""Transfers by hand: counted, asked for over all rows, agreed to by a second person, posted once, taken back by two."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cast import Cast
from listed_world import GONE, MANAGER, OTHER, STRANGER, import_rows, policy_rows
from tuogu.ledger import queries as ledger
from tuogu.org import append_only
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.transfers import actions
from tuogu.transfers import queries as transfers

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
EVERYTHING = Scope.everything()
REASON = "片区调整，改由二组负责"


@pytest.fixture
def site(cast: Cast) -> Cast:
    """60 of the manager (more than a page), 10 orphans, 3 of team 2, 2 of another branch."""
    import_rows(
        cast,
        [
            *policy_rows(60, agent=MANAGER),
            *policy_rows(10, agent=GONE, first=100),
            *policy_rows(3, agent=OTHER, first=200),
            *policy_rows(2, agent=STRANGER, institution="X", first=300),
        ],
    )
    return cast


def text(answer: Any) -> str:
    return str(answer.content.decode())


def confirmed(answer: Any) -> dict[str, Any]:
    """The fields that the confirmation page posts again."""
    fields: dict[str, Any] = {}
    form = re.search(r'<form method="post" action="/transfers/ask/".*?</form>', text(answer), re.DOTALL)
    assert form, text(answer)[:400]
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form.group()):
        fields.setdefault(name, []).append(value.replace("&amp;", "&"))
    fields.pop("csrfmiddlewaretoken", None)
    return fields


def counted(answer: Any) -> int:
    found = re.search(r'data-count="(\d+)"', text(answer))
    assert found
    return int(found.group(1))


def held(custodian: int) -> int:
    return ledger.held_counts([custodian]).get(custodian, 0)


def asked(site: Cast, **choice: Any) -> int:
    """A request of the clerk's, as the two pages make it; to the colleague of team 2."""
    clerk = site.client(Role.RESOURCE_CLERK)
    page = clerk.post("/transfers/new/", choice)
    answer = clerk.post(
        "/transfers/ask/", {**confirmed(page), "to": "person", "staff_number": OTHER, "reason": REASON}
    )
    assert answer.status_code == 302, text(answer)
    return int(re.findall(r"\d+", answer["Location"])[0])


@pytest.mark.req("P-18", "N-06")
def test_all_rows_of_the_view_are_counted_asked_for_posted_and_taken_back(site: Cast) -> None:
    clerk, boss = site.client(Role.RESOURCE_CLERK), site.client(Role.BRANCH_MANAGER)
    page = clerk.post(
        "/transfers/new/",
        {"whole_view": "1", "pick": ["P00000001"], "query": f"?custodian={MANAGER}&size=40"},
    )
    assert counted(page) == 60, "the whole view, not the page of forty and not the one row"
    made = asked(site, whole_view="1", query=f"?custodian={MANAGER}")
    assert held(site.other) == 3, "nothing moved yet"
    assert "60 件交给 方二组甲" in text(boss.get(f"/transfers/{made}/"))
    done = boss.post(f"/transfers/{made}/decide/", {"decision": "agree"}, follow=True)
    assert "已调整 60 件" in text(done)
    assert held(site.other) == 63
    assert held(site.people[Role.ACCOUNT_MANAGER]) == 0
    batch = transfers.asked(EVERYTHING, 0, made).last.batch
    entries = text(clerk.get(f"/ledger/?batch={batch}&size=100"))
    assert entries.count(f"调整申请 {made}") == 60
    assert "资源管理岗甲" in entries, "who asked"
    assert "机构负责人甲" in entries, "who agreed"
    clerk.post(f"/transfers/{made}/undo/", {"decision": "ask", "reason": "选错了片区"})
    assert held(site.other) == 63, "an undo needs two people as well"
    refused = clerk.post(f"/transfers/{made}/undo/", {"decision": "confirm"}, follow=True)
    assert "须由另一人确认" in text(refused)
    assert "60 件退回" in text(boss.post(f"/transfers/{made}/undo/", {"decision": "confirm"}, follow=True))
    assert held(site.people[Role.ACCOUNT_MANAGER]) == 60
    assert ledger.verify().ok


def test_a_row_more_or_a_row_that_moved_refuses_the_confirmed_count(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    fields = confirmed(clerk.post("/transfers/new/", {"whole_view": "1", "query": f"?custodian={MANAGER}"}))
    import_rows(site, policy_rows(1, agent=MANAGER, first=60), days_ago=0)
    again = clerk.post("/transfers/ask/", {**fields, "to": "buffer", "reason": REASON})
    assert again.status_code == 409
    assert "现在是 61 件；没有写入任何数据" in text(again)
    assert counted(again) == 61
    assert transfers.asked_page(EVERYTHING, 0) == []
    anew = clerk.post("/transfers/ask/", {**confirmed(again), "to": "buffer", "reason": REASON})
    assert anew.status_code == 302
    assert transfers.asked_page(EVERYTHING, 0)[0].rows == 61


def test_two_people_are_needed_and_a_decision_is_made_once(site: Cast) -> None:
    made = asked(site, pick=["P00000001", "P00000002"])
    own = site.people[Role.RESOURCE_CLERK]
    with pytest.raises(actions.TransferRefused, match="另一人复核"):
        actions.agree(made, by=own, at=site.now)
    boss = site.client(Role.BRANCH_MANAGER)
    assert "请写明理由" in text(boss.post(f"/transfers/{made}/decide/", {"decision": "refuse"}, follow=True))
    boss.post(f"/transfers/{made}/decide/", {"decision": "refuse", "reason": "这两户另有安排"})
    late = boss.post(f"/transfers/{made}/decide/", {"decision": "agree"}, follow=True)
    assert "已由他人处理；没有写入任何数据" in text(late)
    assert held(site.other) == 3
    second = asked(site, pick=["P00000001"])
    clerk = site.client(Role.RESOURCE_CLERK)
    assert "撤回申请" in text(clerk.get(f"/transfers/{second}/"))
    clerk.post(f"/transfers/{second}/withdraw/")
    assert transfers.asked(EVERYTHING, 0, second).last.step == "withdrawn"
    assert boss.post(f"/transfers/{second}/decide/", {"decision": "dance"}).status_code == 404


def test_rows_that_moved_since_stay_and_are_counted(site: Cast) -> None:
    first, second = asked(site, pick=["P00000001", "P00000002"]), asked(site, pick=["P00000002", "P00000003"])
    boss = site.client(Role.BRANCH_MANAGER)
    boss.post(f"/transfers/{first}/decide/", {"decision": "agree"})
    done = text(boss.post(f"/transfers/{second}/decide/", {"decision": "agree"}, follow=True))
    assert "已调整 1 件；1 件申请之后已变动" in done
    assert held(site.other) == 6


@pytest.mark.req("P-12")
def test_nobody_moves_or_sees_what_is_out_of_scope(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    picked = clerk.post("/transfers/new/", {"pick": ["P00000001", "P00000300"], "query": ""})
    assert counted(picked) == 1, "the other branch's policy is not there"
    fields = confirmed(picked)
    for number in (STRANGER, "0000", ""):
        answer = clerk.post(
            "/transfers/ask/", {**fields, "to": "person", "staff_number": number, "reason": REASON}
        )
        assert answer.status_code == 409
        assert "不在您的范围内" in text(answer)
    made = asked(site, pick=["P00000001"])
    lead = site.client(Role.TEAM_LEAD)
    assert lead.get(f"/transfers/{made}/").status_code == 404, (
        "the branch manages the policy; a team's scope does not cover it"
    )
    assert lead.post(f"/transfers/{made}/decide/", {"decision": "agree"}).status_code == 404
    assert text(lead.get("/transfers/")).count("申请 1<") == 0
    assert clerk.post("/transfers/new/", {}).status_code == 302
    assert site.client(Role.TEAM_LEAD).post("/transfers/new/", {"pick": ["P00000001"]}).status_code == 403


def test_what_makes_no_sense_is_refused_with_a_reason(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    fields = confirmed(clerk.post("/transfers/new/", {"pick": ["P00000200"]}))
    same = clerk.post("/transfers/ask/", {**fields, "to": "person", "staff_number": OTHER, "reason": REASON})
    assert "都已由这位接收人负责" in text(same)
    short = clerk.post("/transfers/ask/", {**fields, "to": "buffer", "reason": "调"})
    assert "请写明调整理由" in text(short)
    gone = clerk.post("/transfers/ask/", {**fields, "to": "person", "staff_number": GONE, "reason": REASON})
    assert gone.status_code == 409
    assert transfers.asked_page(EVERYTHING, 0) == []


def test_customers_are_handed_on_with_all_their_live_policies(site: Cast) -> None:
    more = policy_rows(1, agent=MANAGER, first=900)
    more[0] |= {"holder_number": "C000001", "insured_number": "C000001"}
    import_rows(site, more, days_ago=0)
    clerk = site.client(Role.RESOURCE_CLERK)
    page = clerk.post("/transfers/new/", {"list": "customers", "pick": ["C000001"], "query": ""})
    assert counted(page) == 2
    whole = clerk.post("/transfers/new/", {"list": "customers", "whole_view": "1", "query": "?view=orphans"})
    assert counted(whole) == 10


def test_the_auditor_reads_every_step_and_the_database_refuses_to_change_one(site: Cast) -> None:
    from django.db import IntegrityError, transaction

    from tuogu.transfers.models import TransferRow, TransferStep

    made = asked(site, pick=["P00000001"])
    site.client(Role.BRANCH_MANAGER).post(f"/transfers/{made}/decide/", {"decision": "agree"})
    table = transfers.audit_tables(site.today, site.today)["调整申请"]
    assert table["步骤"].to_list() == ["待复核", "已调整"]
    assert append_only.missing_in("transfers") == []
    for model in (TransferStep, TransferRow):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.filter(request_id=made).delete()


def test_the_home_page_of_the_second_person_names_what_waits(site: Cast) -> None:
    made = asked(site, pick=["P00000001", "P00000002"])
    assert f"/transfers/{made}/" in text(site.client(Role.BRANCH_MANAGER).get("/"))
    assert "2 件" in text(site.client(Role.BRANCH_MANAGER).get("/"))
    assert f"/transfers/{made}/" not in text(site.client(Role.TEAM_LEAD).get("/"))
    assert org.is_person(site.people[Role.BRANCH_MANAGER])
