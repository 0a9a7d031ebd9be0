"""The phone's pages of care: what is owed, what was done, sent once, with the customer's consent or without its papers."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cast import Cast
from listed_world import GONE, import_rows, policy_rows
from pool_world import hand_over
from tuogu import clock
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.privacy import queries as privacy
from tuogu.work import actions
from tuogu.work import queries as work
from tuogu.work.kinds import Asked

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)
HERE = "C000001"
POLICY = "P00000001"


@dataclass(frozen=True)
class Phone:
    """The account manager's phone; `numbers`: the customers in hand."""

    cast: Cast
    client: Client
    numbers: tuple[str, ...]

    @property
    def manager(self) -> int:
        return self.cast.people[Role.ACCOUNT_MANAGER]

    def page(self, url: str, status: int = 200) -> str:
        """The words of a page."""
        answer = self.client.get(url)
        assert answer.status_code == status, (url, answer.status_code)
        return words(answer)

    def send(self, **fields: Any) -> Any:
        """What the phone's outbox sends: lists of texts as JSON."""
        body = {
            name: value if isinstance(value, list) else [value] for name, value in (VISIT | fields).items()
        }
        return self.client.post("/m/records/", json.dumps(body), content_type="application/json")

    def records(self, number: str = HERE) -> list[Any]:
        return work.records_of_customer(number, limit=50)


VISIT = {
    "client_key": "visit-1", "customer": HERE, "kind": "visit", "outcome": "met", "reason": "review",
    "services": ["explain"],
    "attitude": "warm", "card_questions": "无", "policies": [POLICY],
}  # fmt: skip
REACHED = VISIT | {"kind": "call", "outcome": "reached", "card_questions": ""}


def words(answer: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def phone(cast: Cast) -> Phone:
    rows = policy_rows(6, agent=GONE, institution="T1")
    rows.append(policy_rows(1, agent=GONE, institution="T1", first=40)[0])
    import_rows(cast, rows)
    mine = [row["policy_number"] for row in rows[:6]]
    hand_over(cast, mine, cast.people[Role.ACCOUNT_MANAGER], key="to-manager")
    actions.roll(by=org.machine(), at=cast.now)
    return Phone(cast, cast.client(Role.ACCOUNT_MANAGER), tuple(f"C{i:06d}" for i in range(6)))


@pytest.mark.req("S1-25")
@pytest.mark.req("P-21")
def test_a_record_that_is_sent_twice_is_filed_once(phone: Phone):
    first, second = phone.send(), phone.send()
    assert (first.status_code, second.status_code) == (200, 200)
    assert (first.json()["state"], first.json()["again"]) == ("sent", False)
    assert (second.json()["state"], second.json()["again"]) == ("sent", True)
    assert len(phone.records()) == 1
    assert "面访" in phone.page(f"/m/customers/{HERE}/")


def test_the_phones_clock_is_set_right_and_never_tells_of_the_future(phone: Phone):
    ahead = timezone.now() + timedelta(hours=3)  # the telephone is three hours fast
    captured = ahead - timedelta(minutes=30)
    answer = phone.send(happened_at=captured.isoformat(), device_at=ahead.isoformat(), offline="1")
    assert answer.json()["state"] == "sent", answer.json()
    [row] = phone.records()
    assert abs(row.happened_at - (timezone.now() - timedelta(minutes=30))) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("moment", "device"),
    [("9999-12-31T00:00:00+00:00", "0001-01-02T00:00:00+00:00"), ("0001-01-02T00:00:00+00:00", "9999-12-31T00:00:00+00:00"),
     ("2190-01-01T00:00:00+00:00", "1900-01-01T00:00:00+00:00")],
)  # fmt: skip
def test_a_clock_out_of_its_mind_costs_no_record(phone: Phone, moment: str, device: str):
    answer = phone.send(happened_at=moment, device_at=device)
    assert answer.status_code in (200, 400), "said in words, never a crash"
    assert answer.json()["state"] in ("sent", "refused")


def test_a_text_that_postgresql_cannot_keep_is_sent_without_it_or_refused(phone: Phone):
    assert phone.send(client_key="a\0b", note="一\0二").json()["state"] == "sent"
    assert len(phone.records()) == 1
    for answer in (
        phone.client.get("/m/customers/", {"q": "a\0"}), phone.client.get("/m/customers/%00/"),
        phone.client.post("/review/log/", {"work": "a\0b"}),
    ):  # fmt: skip
        assert answer.status_code == 400
        assert "没有写入任何数据" in answer.content.decode()


@pytest.mark.req("S1-28")
def test_a_met_customer_without_the_three_items_is_refused_and_nothing_is_written(phone: Phone):
    for lacking in ("services", "attitude", "card_questions"):
        answer = phone.send(**{lacking: ""} if lacking != "services" else {"services": []})
        assert answer.status_code == 400, lacking
        assert "服务卡三项都要填写" in answer.json()["why"], answer.json()
    assert phone.records() == []


@pytest.mark.req("S1-24")
def test_who_will_not_meet_anybody_says_how_the_premium_is_collected(phone: Phone):
    refused = phone.send(outcome="refused", services=[], attitude="cold", card_questions="")
    assert refused.status_code == 400
    assert "续收保费方式" in refused.json()["why"]
    assert (
        phone.send(outcome="refused", services=[], card_questions="", collection_method="bank").status_code
        == 200
    )


@pytest.mark.req("S1-25")
def test_not_at_home_ends_in_the_next_appointment_which_is_on_the_page_of_its_day(phone: Phone):
    at = timezone.localtime(phone.cast.now) + timedelta(days=1)
    answer = phone.send(outcome="not_home", services=[], attitude="", card_questions="",
                        next_at=f"{at:%Y-%m-%d}T10:30", next_kind="visit")  # fmt: skip
    assert answer.json()["state"] == "sent", answer.json()
    [task] = [
        t for t in work.tasks_of(phone.manager, at.date(), view="all") if t.obligation == Asked.APPOINTMENT
    ]
    assert (task.customer_number, task.due_date) == (HERE, at.date())
    assert "赴约" in phone.page(f"/m/customers/{HERE}/")


@pytest.mark.req("S1-25")
def test_a_no_show_without_a_new_appointment_leaves_the_task_open(phone: Phone):
    before = {t.id for t in work.tasks_of_customer(HERE, phone.cast.today)}
    phone.send(outcome="no_show", services=[], attitude="", card_questions="")
    after = {t.id for t in work.tasks_of_customer(HERE, phone.cast.today)}
    assert before <= after
    assert len(after) > len(before), "to make the missed visit good is owed as well"


@pytest.mark.req("S1-33")
def test_a_first_visit_without_a_signature_stays_incomplete_until_it_is_signed(phone: Phone):
    phone.send()
    page = phone.page(f"/m/customers/{HERE}/")
    assert "首访还没完成" in page
    marks = {f"mark_{name}": "5" for name in ("manner", "knowledge", "punctual", "accepted")}
    unsigned = phone.send(client_key="visit-2", **marks)
    assert unsigned.status_code == 400
    assert "亲笔签名" in unsigned.json()["why"]
    signed = phone.send(client_key="visit-3", consent=["signature"], signature=data_url(PNG), **marks)
    assert signed.json()["state"] == "sent", signed.json()
    assert "首访还没完成" not in phone.page(f"/m/customers/{HERE}/")


@pytest.mark.req("L-11")
@pytest.mark.parametrize(("purpose", "paper"), [("photo", {"photo": ""}), ("location", {"place": ""})])
def test_photo_and_place_need_the_customers_own_consent_and_the_record_goes_on_without(
    phone: Phone, purpose: str, paper: dict[str, str]
):
    given = {"photo": data_url(PNG), "place": json.dumps({"lon": 121.55, "lat": 29.87, "accuracy_m": 20})}
    taken = {name: given[name] for name in paper}
    refused = phone.send(**taken)
    assert refused.status_code == 400
    assert "同意" in refused.json()["why"]
    assert phone.records() == []
    assert phone.send(client_key="without").json()["state"] == "sent"
    assert phone.send(client_key="with", consent=[purpose], **taken).json()["state"] == "sent"
    [row] = privacy.history(HERE)
    assert (row.purpose, row.said, row.source, row.source_ref) == (purpose, "given", "door", "with")
    phone.send(client_key="with", consent=[purpose], **taken)
    assert len(privacy.history(HERE)) == 1, "sent again, said once"


def test_a_consent_is_not_filed_where_the_record_is_refused(phone: Phone):
    assert phone.send(consent=["photo"], attitude="").status_code == 400
    assert privacy.history(HERE) == []


def test_nobody_records_for_a_customer_of_somebody_else(phone: Phone):
    answer = phone.send(customer="C000040", policies=["P00000040"], consent=["photo"])
    assert answer.status_code == 400
    assert "不在您名下" in answer.json()["why"]
    assert work.records_of_customer("C000040", limit=5) == []
    assert privacy.history("C000040") == []
    assert phone.client.get("/m/customers/C000040/record/").status_code == 404


@pytest.mark.req("P-21")
def test_a_record_of_a_customer_who_has_moved_waits_for_a_person_and_is_never_lost(phone: Phone):
    captured = clock.now()  # in hand at that hour; handed on before it is sent
    hand_over(replace(phone.cast, now=clock.now()), [POLICY], phone.cast.other, key="away")
    answer = phone.send(offline="1", happened_at=captured.isoformat())
    assert answer.status_code == 409
    told = answer.json()
    assert told["state"] == "conflict"
    assert phone.records() == []
    page = phone.page(told["url"])
    assert "需处理的记录" in page
    assert "等主管决定" in page
    assert told["why"] in phone.page("/m/outbox/")
    assert phone.send(offline="1", happened_at=captured.isoformat()).json()["url"] == told["url"], (
        "the same one"
    )
    other = phone.cast.client(Role.TEAM_LEAD)
    assert other.get(told["url"]).status_code == 404, "the sender's page only"


@pytest.mark.parametrize(
    "body",
    [
        b"[]", b"{", b"\xff", b'{"note": ["\\ud800"]}', b'{"kind": "visit"}', b'{"kind": [1]}', b'"text"',
        b'{"place": ["[]"]}',
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(phone: Phone, body: bytes):
    answer = phone.client.post("/m/records/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["state"] == "refused"
    assert "没有写入任何数据" in answer.json()["why"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"photo": "data:image/png;base64,@@"}, {"photo": "data:image/png;base64,aGVsbG8="},
        {"place": '{"lon": 1e999, "lat": 0}'},
        {"place": '{"lon": "x"}'}, {"place": '{"lon": 120, "lat": 30, "accuracy_m": NaN}'},
        {"happened_local": "0001-01-01T00:00"}, {"next_at": "9999-12-31T23:59"},
        {"next_at": "tomorrow"}, {"happened_local": "99999-01-01T00:00"}, {"mark_manner": "5"},
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_read_is_named(phone: Phone, wrong: dict[str, str]):
    answer = phone.send(**wrong)
    assert answer.status_code == 400, wrong
    assert "没有写入任何数据" in answer.json()["why"]
    assert phone.records() == []


def test_a_plain_form_without_any_script_files_the_same_record(phone: Phone):
    html = phone.client.get(f"/m/customers/{HERE}/record/?kind=call").content.decode()
    key = re.search(r'name="client_key" value="([0-9a-f]{32})"', html)
    assert key is not None
    lacking = phone.client.post("/m/records/", VISIT | {"client_key": key[1], "attitude": ""})
    assert lacking.status_code == 400
    assert 'name="client_key" value="' + key[1] in lacking.content.decode()
    assert "服务卡三项都要填写" in words(lacking)
    sent = phone.client.post("/m/records/", VISIT | {"client_key": key[1]}, follow=True)
    assert sent.redirect_chain == [(f"/m/customers/{HERE}/", 302)]
    assert "已登记" in words(sent)
    assert len(phone.records()) == 1


@pytest.mark.req("S4-26")
def test_a_week_is_planned_before_it_begins_and_not_after(phone: Phone):
    today = phone.cast.today
    monday = today + timedelta(days=7 - today.weekday())
    page = phone.client.get("/m/week/").content.decode()
    assert f'name="week" value="{monday}"' in page
    assert 'name="customer"' in page, "what is owed can be planned"
    line = {
        "customer": [HERE, "C000002"],
        "day": [str(monday), ""],
        "kind": ["visit", "call"],
        "reason": ["review", "review"],
    }
    done = phone.client.post("/m/week/", {"week": str(monday), **line}, follow=True)
    assert "1 户的周计划" in words(done)
    plan = work.week_plan(phone.manager, monday)
    assert [(one.customer, one.day, one.kind) for one in plan.lines] == [(HERE, monday, "visit")]
    far = monday + timedelta(days=364)
    refused = phone.client.post("/m/week/", {"week": str(far), **line, "day": [str(far), ""]})
    assert "最多提前" in words(refused)
    this = monday - timedelta(days=7)
    late = phone.client.post("/m/week/", {"week": str(this), **line, "day": [str(this), ""]})
    assert late.status_code == 409
    assert "已经开始" in words(late)
    assert work.week_plan(phone.manager, this) is None


@pytest.mark.req("S4-24")
def test_the_name_list_holds_own_customers_only_and_exactly_three_results(phone: Phone):
    phone.send()
    html = phone.client.get("/m/names/").content.decode()
    listed = set(re.findall(r"/m/customers/([^/\"]+)/", html))
    assert listed == set(phone.numbers)
    results = set(re.findall(r'<b class="tg-[a-z0-9]+">([^<]+)</b>', html))
    assert results <= {"请选择", "完成", "未完成"}
    assert set(
        re.findall(r"/m/customers/([^/\"]+)/", phone.client.get("/m/names/?result=done").content.decode())
    ) <= {HERE}


@pytest.mark.req("S1-24")
def test_the_call_list_is_by_due_date(phone: Phone):
    html = phone.client.get("/m/calls/").content.decode()
    numbers = re.findall(r"/m/customers/([^/\"]+)/", html)
    expected = work.call_list(phone.manager, phone.cast.today)["customer_number"].to_list()
    assert numbers == expected
    assert set(numbers) == set(phone.numbers)
    assert "话术" in words(phone.client.get("/m/calls/"))


@pytest.mark.parametrize(
    "url", ["/m/", "/m/customers/C000001/", "/m/customers/C000001/record/", "/m/tasks/?view=all", "/m/calls/", "/m/names/",
            "/m/week/", "/m/route/", "/m/outbox/", "/m/record/"]
)  # fmt: skip
def test_no_page_of_care_shows_a_phone_or_a_name_in_clear(phone: Phone, url: str):
    answer = phone.client.get(url)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "13800000001" not in html
    assert "张三" not in html
    assert len(html) < 60_000


@pytest.mark.req("L-01")
def test_what_a_phone_may_keep_is_masked_and_a_clear_look_is_not_marked(phone: Phone):
    kept = phone.client.get(f"/m/customers/{HERE}/")
    assert kept.headers["X-Tuogu-Keep"] == "masked"
    clear = phone.client.post(f"/m/customers/{HERE}/reveal/", {"reason": "上门拜访"})
    assert "13800000001" in clear.content.decode()
    assert "X-Tuogu-Keep" not in clear.headers


def test_the_worker_is_served_to_its_scope_and_names_what_it_keeps():
    answer = Client().get("/sw.js", secure=True)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    told = json.loads(answer.content.decode().split("const TG = ")[1].split(";\n")[0])
    assert told["blank"] in told["pages"]
    for url in told["shell"]:
        found = Client().get(url, secure=True)
        assert found.status_code == 200, url
        found.close()


def test_signing_out_clears_what_the_phone_keeps(phone: Phone):
    phone.client.cookies["tg_offline"] = "1"
    answer = phone.client.post("/sign-out/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in phone.cast.client(Role.TEAM_LEAD).post("/sign-out/").headers, (
        "a desk keeps nothing"
    )


def test_who_is_signed_in_and_the_token_are_told_to_the_own_page_only(phone: Phone):
    told = phone.client.get("/m/records/").json()
    assert told["who"] == str(phone.manager)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = phone.client.cookies
    body = json.dumps({name: value if isinstance(value, list) else [value] for name, value in VISIT.items()})
    assert strict.post("/m/records/", body, content_type="application/json").status_code == 403
    token = strict.get("/m/records/").json()["token"]
    sent = strict.post("/m/records/", body, content_type="application/json", headers={"X-CSRFToken": token})
    assert sent.json()["state"] == "sent"


def data_url(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()
