"""Renewal pages as their users see them: a talk that a phone kept without network, what is due on a card, lapsed cars by
month, dates in the words of whoever typed them."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.test import Client

from cast import Cast, staff_number
from motor_world import EVERYTHING, Renewals, make_motor
from tuogu import vault
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.renewals import actions
from tuogu.renewals import queries as renewals
from tuogu.renewals.models import Stated
from tuogu.web.phone.keeping import MARK
from tuogu.web.templatetags.tuogu import OPTIONS_AT_ONCE, find
from tuogu.work.models import Conflict, Record

pytestmark = pytest.mark.django_db(databases="__all__")
LEAD, CITY, MANAGER = Role.TEAM_LEAD, Role.RENEWAL_ADMINISTRATOR, Role.ACCOUNT_MANAGER


@pytest.fixture
def world(cast: Cast) -> Renewals:
    return Renewals(make_motor(cast).cast)


def text(answer: Any) -> str:
    assert answer.status_code < 400, answer.status_code
    return str(answer.content.decode())


def named(world: Renewals, *days: int) -> list[int]:
    """Cases that expire so many days from today, the account manager responsible for each."""
    subjects = [world.subject(number) for number in world.stock(*days)]
    for subject in subjects:
        actions.confirm(subject, world.manager, scope=EVERYTHING, by=world.leader, at=world.at)
    return subjects


def sent(phone: Client, subject: object, intention: str = "will", **more: str) -> Any:
    """What the outbox of a phone sends, as JSON of lists."""
    told = {
        "client_key": uuid4().hex, "kind": "call", "intention": intention, "renewal": str(subject), "customer": "",
        "offline": "1", "quiet": "1", **more,
    }  # fmt: skip
    body = json.dumps({name: [value] for name, value in told.items()})
    return phone.post("/m/records/", body, content_type="application/json")


@pytest.mark.req("P-21", "S3-08")
@pytest.mark.database
def test_a_kept_talk_arrives_once_with_its_intention(world: Renewals) -> None:
    """Sent twice by page and worker, it is one record and one intention; with another key it is another talk."""
    (subject,) = named(world, 40)
    phone = world.cast.client(MANAGER)
    at = world.at.isoformat()
    first = sent(phone, subject, client_key="kept-1", happened_at=at).json()
    again = sent(phone, subject, client_key="kept-1", happened_at=at).json()
    assert (first["state"], first["again"], again["state"], again["again"]) == ("sent", False, "sent", True)
    assert first["url"] == f"/m/renewals/{subject}/"
    assert (Record.objects.count(), Stated.objects.count()) == (1, 1)
    row = Record.objects.get()
    assert (row.purpose, row.offline, row.outcome) == ("renewal", True, "reached")
    missed = sent(phone, subject, "none").json()
    assert (missed["state"], Record.objects.count(), Stated.objects.count()) == ("sent", 2, 1)
    state = renewals.one_pipeline(subject, world.today).to_dicts()[0]
    assert (state["own_contacts"], state["intention"]) == (1, "will"), "nobody reached is no contact"


@pytest.mark.req("P-21")
@pytest.mark.database
def test_a_kept_talk_is_refused_or_waits_and_is_never_lost(world: Renewals) -> None:
    """Senseless fields are refused; a policy that moved meanwhile makes a conflict that keeps the intention; after the end
    the talk is filed and says that the intention is not."""
    moved, over = named(world, 40, 50)
    phone = world.cast.client(MANAGER)
    for words, answer in (
        ("请选择联系方式", sent(phone, moved, kind="letter")),
        ("请选择续保意向", sent(phone, moved, "perhaps")),
        ("服务卡三项", sent(phone, moved, kind="visit")),
        ("不在您名下", sent(phone, "99999999")),
        ("不在您名下", sent(phone, "x")),
    ):
        assert (answer.status_code, answer.json()["state"]) == (400, "refused")
        assert words in answer.json()["why"]
    assert not Record.objects.exists()
    world.cast.client(LEAD).post(
        f"/renewals/claims/{moved}/", {"number": staff_number(LEAD), "note": "换人"}, follow=True
    )
    answer = sent(phone, moved, "wont", happened_at=world.at.isoformat()).json()
    assert answer["state"] == "conflict"
    (waiting,) = Conflict.objects.all()
    assert answer["url"] == f"/m/conflicts/{waiting.pk}/"
    assert not Record.objects.exists()
    payload = json.loads(next(iter(vault.open_texts([bytes(waiting.payload_sealed)]))) or "")
    assert "明确不续" in payload["note"], "what the customer wants is not lost with the move"
    actions.end_case(over, "elsewhere", proof="他司保单", by=world.manager, at=world.at)
    late = sent(phone, over, "will").json()
    assert (late["state"], "意向没有登记" in late["why"]) == ("sent", True)
    assert (Record.objects.count(), Stated.objects.count()) == (1, 0)


@pytest.mark.req("P-21")
def test_a_phone_keeps_the_form_and_no_typed_words(world: Renewals) -> None:
    (subject,) = named(world, 8)
    phone = world.cast.client(MANAGER)
    blank = phone.get("/m/renewals/blank/")
    assert blank.headers[MARK] == "masked"
    assert 'data-tg-renewal="blank"' in text(blank)
    page = phone.get(f"/m/renewals/{subject}/")
    assert page.headers[MARK] == "masked"
    assert 'value="will"' in text(page)
    assert "/m/renewals/blank/" in text(phone.get("/sw.js"))
    world.settle("V1", "urge")
    phone.post(f"/renewals/cases/{subject}/acknowledge/", {"what": "去他家", "back": "phone"})
    assert MARK not in phone.get(f"/m/renewals/{subject}/").headers, "typed words may name anybody"


def card(body: str, subject: int) -> str:
    """The words of one card of the board."""
    found = re.search(rf'<a class="tg-tick[^>]*cases/{subject}/">(.*?)</a>', body, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


@pytest.mark.req("S3-16")
def test_a_card_says_what_is_due_and_by_when(world: Renewals) -> None:
    """Unnamed: the claim; named: the talk, then the next step; the end of cover stands there once."""
    numbers = world.stock(75, 40, 39)
    unnamed, silent, spoken = (world.subject(number) for number in numbers)
    for subject in (silent, spoken):
        actions.confirm(subject, world.manager, scope=EVERYTHING, by=world.leader, at=world.at)
    assert sent(world.cast.client(MANAGER), spoken).json()["state"] == "sent"
    body = text(world.cast.client(LEAD).get("/renewals/"))
    state = {row["subject_id"]: row for row in renewals.pipeline(EVERYTHING, world.today).to_dicts()}
    ends = {subject: f"{row['expiry_date']:%m-%d}" for subject, row in state.items()}
    claim, talk = state[unnamed]["claim_due_date"], state[silent]["contact_date"]
    assert f"认领期限 {claim:%m-%d}" in card(body, unnamed)
    assert f"联系客户 {talk:%m-%d}" in card(body, silent)
    step, day = renewals.next_steps([spoken], world.today)[spoken]
    assert day >= world.today
    assert step in {"sms", "own_contact", "call_all"}
    assert f"{day:%m-%d}" in card(body, spoken)
    for subject in (unnamed, silent, spoken):
        assert card(body, subject).count(ends[subject]) == 1


@pytest.mark.req("S3-17", "S3-21")
@pytest.mark.database
def test_lapsed_cars_stand_by_month_institution_and_policy(world: Renewals) -> None:
    """The newest month of expiry first, then the policy; a month narrows page and file; an empty month says so."""
    first = world.today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    older = (before - timedelta(days=1)).replace(day=1)
    days = [older + timedelta(days=8), before + timedelta(days=9), before + timedelta(days=3)]
    old, late, early = world.stock(*((day - world.today).days for day in days))
    actions.roll(by=org.machine(), at=world.at)
    lead = world.cast.client(LEAD)

    def shown(query: str) -> list[str]:
        return re.findall(
            r'class="tg-id" href="/renewals/cases/\d+/">(V\d)<', text(lead.get(f"/renewals/lapsed/{query}"))
        )

    assert shown("") == [late, early, old] == ["V2", "V3", "V1"]
    assert shown("?view=unknown") == ["V2", "V3", "V1"]
    assert shown(f"?expired={older:%Y-%m}") == ["V1"]
    assert shown("?expired=2001-01") == []
    assert "这个月没有终保的" in text(lead.get("/renewals/lapsed/?expired=2001-01"))
    assert "这里没有脱保业务" in text(lead.get("/renewals/lapsed/?view=true"))
    got = lead.post(
        "/renewals/lapsed/file/",
        {"view": "unknown", "expired": f"{before:%Y-%m}", "reason": "发给本机构持续跟踪", "outside": ""},
    )
    cells = [
        str(cell.value)
        for row in openpyxl.load_workbook(BytesIO(got.content)).active.iter_rows()
        for cell in row
    ]
    assert "V2" in cells
    assert "V1" not in cells


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("22/11/2026", "结果日期：“22/11/2026”不是日期，请填年月日"),
        ("2199-01-05", "结果日期：2199-01-05 还没有到"),
        ("1850-01-01", "结果日期：“1850-01-01”不是日期"),
    ],
)
def test_a_wrong_day_is_named_with_its_field(world: Renewals, given: str, words: str) -> None:
    (subject,) = named(world, 40)
    told = {"outcome": "elsewhere", "proof": "他司保单", "ended_date": given, "back": "phone"}
    body = text(world.cast.client(MANAGER).post(f"/renewals/cases/{subject}/end/", told, follow=True))
    assert words in body
    assert not renewals.story(subject, world.today).ends


def test_a_wrong_month_is_not_taken_for_this_one(world: Renewals) -> None:
    """Orders, samples and registers are made for the month that was meant, or not at all."""
    named(world, 40)
    city, lead = world.cast.client(CITY), world.cast.client(LEAD)
    wrong = {"month": "11月", "institution": "T1"}
    for client, url in (
        (city, "/renewals/improvements/order/"),
        (city, "/renewals/sample/open/"),
        (lead, "/renewals/registers/new/"),
    ):
        assert "月份：“11月”读不出来" in text(client.post(url, wrong, follow=True)), url
    assert not renewals.registers(EVERYTHING)
    assert not renewals.improvements(EVERYTHING, world.today)


def test_the_board_narrows_by_staff_number(world: Renewals) -> None:
    named(world, 40)
    lead = world.cast.client(LEAD)
    assert "V1" in text(lead.get(f"/renewals/?as=table&person={staff_number(MANAGER)}"))
    assert "/renewals/cases/" not in text(lead.get("/renewals/?as=table&person=8888"))


@pytest.mark.parametrize("n", [OPTIONS_AT_ONCE, OPTIONS_AT_ONCE + 1])
def test_more_than_an_eye_takes_in_is_searched(n: int) -> None:
    shown = find("institution", "机构", [(str(i), f"{i} 部") for i in range(n)])
    assert shown["long"] is (n > OPTIONS_AT_ONCE)


def test_whoever_works_at_doors_claims_on_the_phone(world: Renewals) -> None:
    phone = world.cast.client(MANAGER)
    assert phone.get("/renewals/open/").headers["Location"] == "/m/renewals/open/"
