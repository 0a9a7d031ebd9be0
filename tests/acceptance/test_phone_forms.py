"""The phone's smaller forms: the family as told, who named whom, an own record told anew, the log without network."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import trans_real

from cast import Cast
from listed_world import GONE, import_rows, policy_rows
from pool_world import hand_over
from tuogu.core.inspection.tables import LOG_PARTS
from tuogu.core.visit_reasons import DETAILS
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.review import queries as review
from tuogu.work import actions
from tuogu.work import queries as work
from tuogu.work.models import FamilyMember, Referral

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)
HERE, OTHER, FOREIGN = "C000001", "C000002", "C000040"
FAMILY, REFERRALS = f"/m/customers/{HERE}/family/", f"/m/customers/{HERE}/referrals/"
VISIT = {
    "client_key": "visit-1", "customer": HERE, "kind": "visit", "outcome": "met", "reason": "review",
    "services": ["explain", "verify"], "attitude": "warm", "card_content": "谈了缴费", "card_questions": "问分红",
    "policies": ["P00000001"], "note": "下午在家",
}  # fmt: skip
MARKS = {f"mark_{name}": "5" for name in ("manner", "knowledge", "punctual", "accepted")}


@dataclass(frozen=True)
class Phone:
    """The account manager's phone."""

    cast: Cast
    client: Client

    @property
    def manager(self) -> int:
        return self.cast.people[Role.ACCOUNT_MANAGER]

    def send(self, **fields: Any) -> Any:
        """What the phone's outbox sends."""
        body = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
        return self.client.post("/m/records/", json.dumps(body), content_type="application/json")

    def page(self, url: str) -> str:
        answer = self.client.get(url)
        assert answer.status_code == 200, (url, answer.status_code)
        return words(answer)

    def visited(self, **more: Any) -> work.RecordRow:
        """The record of one visit, newest first."""
        assert self.send(**VISIT, **more).json()["state"] == "sent"
        return work.records_of_customer(HERE)[0]


def words(answer: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def field(html: str, name: str) -> str:
    """The value of an input or a textarea."""
    found = re.search(
        rf'<(?:input|textarea)[^>]*name="{name}"[^>]*?(?:value="([^"]*)"[^>]*>|>([^<]*)</textarea>)', html
    )
    assert found, name
    return unescape(found[1] or found[2] or "")


@pytest.fixture
def phone(cast: Cast) -> Phone:
    rows = policy_rows(6, agent=GONE, institution="T1")
    rows.append(policy_rows(1, agent=GONE, institution="T1", first=40)[0])
    import_rows(cast, rows)
    hand_over(
        cast, [row["policy_number"] for row in rows[:6]], cast.people[Role.ACCOUNT_MANAGER], key="to-manager"
    )
    actions.roll(by=org.machine(), at=cast.now)
    return Phone(cast, cast.client(Role.ACCOUNT_MANAGER))


@pytest.mark.req("S4-30")
def test_members_of_the_family_are_told_on_the_phone_masked_and_changed_by_a_further_row(phone: Phone):
    page = phone.page(f"/m/customers/{HERE}/")
    assert "家庭成员" in page
    assert "需要网络" in page
    born = {"relation": "配偶", "name": "李红梅", "sex": "F", "birth_date": "1980-05-06"}
    assert phone.client.post(FAMILY, born).status_code == 302
    told = phone.page(FAMILY)
    assert "配偶 · 李**" in told
    assert "红梅" not in told
    [member] = work.members(HERE)
    change = {"change": member.id, "relation": "配偶", "name": "", "sex": "F", "birth_date": ""}
    assert phone.client.post(FAMILY, change | {"relation_other": "前配偶"}).status_code == 302
    [changed] = work.members(HERE)
    assert (changed.relation, changed.name, str(changed.birth_date)) == ("前配偶", "李红梅", "1980-05-06")
    assert FamilyMember.objects.count() == 2
    assert phone.client.post(FAMILY, {"change": changed.id, "act": "remove"}).status_code == 302
    assert work.members(HERE) == []


@pytest.mark.req("S4-30")
def test_a_member_without_relation_or_of_another_customer_is_refused_and_nothing_is_written(phone: Phone):
    mine = actions.keep_member(OTHER, relation="子女", by=phone.manager, at=phone.cast.now)
    for form in (
        {"name": "李红梅"},
        {"relation": "子女", "birth_date": "x"},
        {"change": mine, "act": "remove"},
    ):
        answer = phone.client.post(FAMILY, form)
        assert answer.status_code == 409
        assert "没有写入任何数据" in words(answer)
    assert "李红梅" in field(phone.client.post(FAMILY, {"name": "李红梅"}).content.decode(), "name"), (
        "what was typed stays"
    )
    assert work.members(HERE) == []
    assert len(work.members(OTHER)) == 1
    for url in (FAMILY, REFERRALS):
        foreign = url.replace(HERE, FOREIGN)
        assert (
            phone.client.get(foreign).status_code
            == phone.client.post(foreign, {"relation": "子女"}).status_code
            == 404
        )


@pytest.mark.req("S4-33")
def test_whom_a_customer_named_is_filed_under_a_record_and_shown_masked_on_both_sides(phone: Phone):
    assert "还没有服务记录" in phone.page(REFERRALS)
    record = phone.visited().id
    named = {"record": record, "name": "赵大山", "phone": "13812345678"}
    assert phone.client.post(REFERRALS, named).status_code == 302
    assert phone.client.post(REFERRALS, {"record": record, "to": OTHER}).status_code == 302
    page = phone.page(REFERRALS)
    assert "赵** 138****5678 还不是客户" in page
    assert "大山" not in page
    assert f"已是客户 {OTHER}" in page
    assert f"介绍他来的人 {HERE}" in re.sub(r"\S+\*\* ", "", phone.page(REFERRALS.replace(HERE, OTHER)))
    for wrong in (
        {"record": record},
        {"name": "赵大山"},
        {"record": record, "to": FOREIGN},
        {"record": record, "to": HERE},
    ):
        answer = phone.client.post(REFERRALS, wrong)
        assert answer.status_code == 409, wrong
        assert "没有写入任何数据" in words(answer)
    assert Referral.objects.count() == 2


@pytest.mark.req("P-21")
def test_an_own_record_is_told_anew_and_the_first_stays_and_counts_no_more(phone: Phone):
    first = phone.visited()
    url = f"/m/customers/{HERE}/records/{first.id}/correct/"
    assert url in phone.client.get(f"/m/customers/{HERE}/").content.decode()
    answer = phone.client.get(url)
    assert answer.status_code == 200
    assert "X-Tuogu-Keep" not in answer, "it holds what was written in clear"
    html = answer.content.decode()
    assert [field(html, name) for name in ("corrects", "card_content", "card_questions", "note")] == [
        str(first.id), "谈了缴费", "问分红", "下午在家",
    ]  # fmt: skip
    again = VISIT | {"client_key": "fix-1", "corrects": str(first.id), "attitude": "cold"}
    refused = phone.send(**again)
    assert refused.status_code == 400
    assert "请写明理由" in refused.json()["why"]
    assert phone.send(**again, why_corrected="点错了态度").json() == {
        "state": "sent", "why": "", "url": f"/m/customers/{HERE}/", "tasks_done": 0, "again": False,
    }  # fmt: skip
    assert phone.send(**again, why_corrected="点错了态度").json()["again"] is True
    rows = work.records_of_customer(HERE)
    assert [(row.attitude, row.corrects, row.corrected_by is not None) for row in sorted(rows, key=lambda r: r.id)] == [
        ("warm", None, True), ("cold", first.id, False),
    ]  # fmt: skip
    assert phone.client.get(url).status_code == 404, "corrected already"
    assert "已更正，不再计入" in phone.page(f"/m/customers/{HERE}/")
    assert phone.send(**again | {"client_key": "fix-2"}, why_corrected="再改").status_code == 400


@pytest.mark.req("P-21")
def test_nobody_corrects_the_record_of_somebody_else_on_the_phone(phone: Phone):
    row = phone.visited()
    lead = phone.cast.client(Role.TEAM_LEAD)
    assert lead.get(f"/m/customers/{HERE}/records/{row.id}/correct/").status_code in (403, 404)
    assert phone.client.get(f"/m/customers/{OTHER}/records/{row.id}/correct/").status_code == 404
    assert phone.client.get(f"/m/customers/{HERE}/records/999999/correct/").status_code == 404


@pytest.mark.req("S1-33")
def test_what_the_customer_signed_stands_under_the_correction_of_the_same_meeting_only(phone: Phone):
    picture = base64.b64encode(PNG).decode()
    first = phone.visited(**MARKS, signature=picture, consent=["signature"])
    assert first.signed
    fix = VISIT | {"client_key": "fix-1", "corrects": str(first.id), "note": "改了备注"}
    phone.send(**fix, why_corrected="备注写错")
    second = work.records_of_customer(HERE)[0]
    assert (second.corrects, second.signed, len(second.papers)) == (first.id, True, 1)
    assert "satisfaction" not in {task.obligation for task in work.tasks_of_customer(HERE, phone.cast.today)}
    home = {
        "client_key": "fix-2",
        "customer": HERE,
        "kind": "visit",
        "outcome": "not_home",
        "reason": "review",
    }
    assert phone.send(**home, corrects=str(second.id), why_corrected="其实没见到").status_code == 200
    third = work.records_of_customer(HERE)[0]
    assert (third.corrects, third.signed, len(third.papers)) == (second.id, False, 0)


@pytest.mark.req("S1-32")
@pytest.mark.req("P-21")
def test_the_log_opens_without_network_and_what_was_written_is_sent_once(phone: Phone):
    script = phone.client.get("/sw.js").content.decode()
    told = json.loads(script[script.index("{") : script.index("};") + 1])
    assert (told["log"], told["log_blank"]) == ("/m/log/", "/m/log/blank/")
    assert "/m/log/blank/" in told["pages"]
    blank = phone.client.get("/m/log/blank/")
    assert blank["X-Tuogu-Keep"] == phone.client.get("/m/log/")["X-Tuogu-Keep"] == "masked"
    assert "没有网络" in words(blank)
    day, texts = phone.cast.today, {part: f"{title}一二三" for part, title in LOG_PARTS.items()}
    body = {"client_key": "log-1", "kind": "log", "customer": "", "day": str(day), **texts}
    for _ in range(2):
        answer = phone.send(**body)
        assert answer.json()["state"] == "sent", answer.json()
    filed = review.log_of(phone.manager, day)
    assert filed is not None
    assert filed.texts == texts
    seen = phone.client.get("/m/log/")
    assert "X-Tuogu-Keep" not in seen, "what somebody typed is not kept on a phone"
    assert texts["work"] in words(seen)
    refused = phone.send(**body | dict.fromkeys(LOG_PARTS, ""))
    assert refused.status_code == 400
    assert "没有写入任何数据" in refused.json()["why"]


@pytest.mark.req("S4-21")
def test_what_may_be_talked_about_and_every_refusal_speak_the_language_of_the_page(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
):
    english = {
        DETAILS["never_visited"]: "Not visited yet", "%(field)s：请选择": "%(field)s: please choose",
        "%(why)s；没有写入任何数据": "%(why)s. Nothing was written.", "结果": "Outcome",
    }  # fmt: skip
    for message, text in english.items():
        monkeypatch.setitem(trans_real.translation("en")._catalog._catalogs[0], message, text)
    assert phone.send(**VISIT | {"outcome": "x"}).json()["why"] == "结果：请选择；没有写入任何数据"
    phone.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert (
        phone.send(**VISIT | {"outcome": "x"}).json()["why"] == "Outcome: please choose. Nothing was written."
    )
    html = phone.client.get(f"/m/customers/{HERE}/").content.decode()
    assert "Not visited yet" in html


@pytest.mark.req("S1-23")
def test_pages_of_the_desk_stand_in_the_phones_frame_for_whoever_works_at_doors(phone: Phone):
    for url in ("/cases/", "/cases/new/", "/cases/receipts/", f"/customers/{HERE}/", f"/cases/cards/{HERE}/"):
        assert 'class="tg-phone"' in phone.client.get(url).content.decode(), url
    lead = phone.cast.client(Role.TEAM_LEAD)
    assert 'class="tg-phone"' not in lead.get("/cases/").content.decode()
