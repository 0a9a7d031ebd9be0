"""The API of the core system: pushed rows go the way of a file's, once; pulls see the key's scope, no more (P-12, L-05)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from api_world import API, Machine, customers, institutions, make_machine, policies
from cast import Cast
from listed_world import OTHER, STRANGER, import_rows, policy_rows
from tuogu.accesslog.models import Sighting
from tuogu.books import actions as books_actions
from tuogu.books.models import ImportRun, Policy
from tuogu.integration import actions, queries
from tuogu.integration.models import ApiKey, CallDay, Push
from tuogu.integration.rights import MachineRight
from tuogu.jobs import actions as jobs
from tuogu.jobs import push_taking, running
from tuogu.ledger.models import Entry
from tuogu.org.roles import Role
from tuogu.rules import queries as rules

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]


@pytest.fixture
def machine(cast: Cast) -> Machine:
    """A key of the branch; the branch is known to serve a city."""
    machine = make_machine(cast)
    assert machine.post("/institutions", institutions(cast)).status_code == 200
    return machine


@pytest.fixture
def pushed(cast: Cast, machine: Machine) -> Machine:
    """Six policies of the own branch, pushed."""
    assert machine.post("/customers", customers(cast, 0, 6)).json()["accepted"] == 6
    assert machine.post("/policies", policies(cast, 0, 6, agent=OTHER)).json()["accepted"] == 6
    return machine


def code(answer: Any) -> str:
    """The English code of a refusal, which must be a problem with a Chinese title."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    assert any("\u4e00" <= letter <= "\u9fff" for letter in told["title"])
    return str(told["code"])


def test_pushed_rows_go_the_way_of_a_file(cast: Cast, machine: Machine):
    machine.post("/customers", customers(cast, 0, 3))
    content = policies(cast, 0, 5, agent=OTHER)
    content["rows"][1]["premium_fen"] = -5
    content["rows"][3]["policy_number"] = "合计"
    answer = machine.post("/policies", content).json()
    assert answer["sent"] == 5
    assert answer["accepted"] + answer["rejected"] == answer["sent"]
    assert answer["accepted"] == 2, "rows 2 and 4 are wrong, row 5 has no customer"
    told = {(line["row"], line["field"], line["reason"]) for line in answer["rejections"]}
    assert {
        (2, "premium_fen", "negative_money"),
        (4, None, "skipped_row"),
        (5, "holder_number", "unknown_holder"),
    } <= told
    run = ImportRun.objects.get(pk=answer["import_id"])
    assert (run.coverage, run.by_id) == ("partial", cast.people[Role.RESOURCE_CLERK])
    stored = Policy.objects.get(number="P00000000")
    assert stored.premium_fen == 100_050, "fen, not yuan"
    assert Entry.objects.filter(subject__number="P00000000", relation="custody").count() == 1


def test_one_idempotency_key_is_one_effect(cast: Cast, machine: Machine):
    machine.post("/customers", customers(cast, 0, 2))
    content = policies(cast, 0, 2, agent=OTHER)
    first = machine.post("/policies", content, idempotency="the-same-key")
    runs, entries = ImportRun.objects.count(), Entry.objects.count()
    again = machine.post("/policies", content, idempotency="the-same-key")
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (ImportRun.objects.count(), Entry.objects.count()) == (runs, entries)
    content["rows"][0]["premium_fen"] += 1
    other = machine.post("/policies", content, idempotency="the-same-key")
    assert (other.status_code, code(other)) == (409, "key_reused")
    assert Policy.objects.get(number="P00000000").premium_fen == 100_050
    other_path = machine.post("/customers", customers(cast, 0, 2), idempotency="the-same-key")
    assert other_path.status_code == 409
    assert (
        code(
            Client().post(f"{API}/policies", b"{}", content_type="application/json", headers=machine.headers)
        )
        == "invalid"
    )


def test_a_refused_whole_writes_nothing_and_frees_its_key(cast: Cast):
    machine = make_machine(cast)
    content = customers(cast, 0, 1)
    refused = machine.post("/customers", content, idempotency="again-later")
    assert (refused.status_code, code(refused)) == (422, "refused")
    assert "服务区划" in refused.json()["detail"]
    assert not Push.objects.exists()
    machine.post("/institutions", institutions(cast))
    assert machine.post("/customers", content, idempotency="again-later").status_code == 200
    ahead = institutions(cast) | {"data_date": str(cast.today + timedelta(days=2))}
    assert code(machine.post("/institutions", ahead)) == "refused"


def test_events_leave_and_change_states(cast: Cast, pushed: Machine):
    day = str(cast.today)
    events = {"events": [
        {"kind": "leaver", "staff_number": OTHER, "date": day},
        {"kind": "leaver", "staff_number": STRANGER, "date": day},
        {"kind": "policy_state", "policy_number": "P00000002", "state": "lapsed", "date": day},
        {"kind": "policy_state", "policy_number": "P00000003", "state": "surrendered", "date": day},
        {"kind": "policy_state", "policy_number": "P99999999", "state": "lapsed", "date": day},
    ]}  # fmt: skip
    answer = pushed.post("/events", events).json()
    assert (answer["accepted"], answer["rejected"]) == (3, 2), answer
    assert {(line["row"], line["reason"]) for line in answer["rejections"]} == {
        (2, "out_of_scope"),
        (5, "out_of_scope"),
    }
    assert Policy.objects.get(number="P00000002").state == "lapsed"
    assert Policy.objects.get(number="P00000002").premium_fen == 100_052
    held = {item["policy_number"]: item["custodian"] for item in pushed.get("/custody").json()["items"]}
    assert held["P00000003"] is None, "what has ended is nobody's"
    assert held["P00000000"] not in {OTHER, None}, "the leaver's book lies with the buffer group"
    entries = Entry.objects.count()
    assert pushed.post("/events", {"events": events["events"][:1]}).json()["accepted"] == 1, (
        "said twice, done once"
    )
    assert Entry.objects.count() == entries
    ahead = {
        "kind": "leaver",
        "staff_number": cast.numbers[cast.people[Role.ACCOUNT_MANAGER]],
        "date": "2099-01-01",
    }
    assert pushed.post("/events", {"events": [ahead]}).json()["rejections"][0]["reason"] == "refused"


@pytest.mark.req("P-12")
def test_a_key_sees_and_writes_its_institution_only(cast: Cast, pushed: Machine):
    import_rows(cast, policy_rows(3, agent=STRANGER, institution="X", first=20))
    numbers = {item["policy_number"] for item in pushed.get("/custody").json()["items"]}
    assert numbers == {f"P{i:08d}" for i in range(6)}
    for path in ("/custody?policy=P00000020", "/policies/P00000020/custody/history", "/customers/C000020",
                 f"/people/{STRANGER}/holdings", "/custody?policy=P77777777"):  # fmt: skip
        assert (code(pushed.get(path)), pushed.get(path).status_code) == ("not_found", 404), path
    assert {c["policy_number"] for c in pushed.get("/changes").json()["items"]} == numbers
    counts = {(i["relation"], i["held"]) for i in pushed.get(f"/people/{OTHER}/holdings").json()["items"]}
    assert ("custody", 6) in counts
    foreign = policies(cast, 20, 1, agent=OTHER)  # a known policy of the other branch, said to be ours
    new = policies(cast, 30, 1, agent=OTHER, institution="X")
    answer = pushed.post(
        "/policies", {"data_date": foreign["data_date"], "rows": foreign["rows"] + new["rows"]}
    ).json()
    assert {line["reason"] for line in answer["rejections"]} == {"out_of_scope"}
    assert answer["accepted"] == 0
    assert Policy.objects.get(number="P00000020").institution_code == "X"
    taken = policies(cast, 40, 1, agent=OTHER)
    taken["rows"][0]["holder_number"] = taken["rows"][0]["insured_number"] = "C000020"
    assert pushed.post("/policies", taken).json()["rejections"][0]["reason"] == "out_of_scope", (
        "nobody's customer by trick"
    )
    assert pushed.post("/customers", customers(cast, 20, 1)).json()["accepted"] == 0
    everywhere = make_machine(cast, institution="")
    assert len(everywhere.get("/custody").json()["items"]) == 9


def test_pages_go_on_where_they_ended(cast: Cast, pushed: Machine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tuogu.web.api.reading._size", lambda: 4)
    seen, after, more = [], 0, True
    while more:
        page = pushed.get("/changes", after=after).json()
        assert len(page["items"]) <= 4
        seen += [item["entry_id"] for item in page["items"]]
        after, more = page["next"], page["more"]
    assert seen == sorted(set(seen))
    assert len(seen) == Entry.objects.count()
    assert pushed.get("/changes", after=after).json() == {"items": [], "next": after, "more": False}


def test_the_queries_of_a_page_do_not_grow(cast: Cast, pushed: Machine):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries_of:
            assert pushed.get("/custody").status_code == 200
        return len(queries_of)

    asked()
    before = asked()
    pushed.post("/customers", customers(cast, 6, 20))
    pushed.post("/policies", policies(cast, 6, 20, agent=OTHER))
    assert asked() == before


@pytest.mark.req("L-05")
def test_personal_data_is_masked_until_a_second_person_grants_it(cast: Cast, pushed: Machine):
    masked = pushed.get("/customers/C000003").json()
    assert (masked["name"], masked["phone"], masked["masked"]) == ("张**", "138****0003", True)
    wide = make_machine(cast, [MachineRight.READ_CUSTODY, MachineRight.READ_CLEAR])
    assert wide.get("/customers/C000003").json()["masked"] is True
    keeper, second = cast.people[Role.SECURITY_ADMINISTRATOR], cast.people[Role.IT_OFFICER]
    scope = cast_scope(cast)
    waits = "1 把接口密钥申请读取明文，等你批准"
    assert waits in cast.client(Role.IT_OFFICER).get("/").content.decode()
    assert waits not in cast.client(Role.SECURITY_ADMINISTRATOR).get("/").content.decode(), "who made it"
    assert waits not in cast.client(Role.AUDITOR).get("/").content.decode()
    with pytest.raises(actions.IntegrationRefused, match="不能自己批准"):
        actions.approve_clear(wide.key, within=scope, by=keeper, at=cast.now)
    actions.approve_clear(wide.key, within=scope, by=second, at=cast.now)
    assert waits not in cast.client(Role.IT_OFFICER).get("/").content.decode()
    clear = wide.get("/customers/C000003")
    assert (clear.json()["name"], clear.json()["phone"]) == ("张三", "13800000003")
    assert clear.headers["Cache-Control"] == "no-store"
    looks = Sighting.objects.filter(subject="C000003").order_by("pk").values_list("kind", "reason")
    assert list(looks) == [
        ("open", f"api key {pushed.key}"),
        ("open", f"api key {wide.key}"),
        ("export", f"api key {wide.key}"),
    ]
    limit = rules.applicable(cast.today)["integration.clear_per_day"]
    CallDay.objects.filter(key_id=wide.key).update(clear=limit)
    assert code(wide.get("/customers/C000003")) == "too_many_looks"


def cast_scope(cast: Cast) -> Any:
    from tuogu.org import queries as org

    return org.scope_of(cast.people[Role.SECURITY_ADMINISTRATOR], cast.today)


def test_a_dead_key_is_dead_at_once(cast: Cast, pushed: Machine):
    assert pushed.get("/custody").status_code == 200
    ApiKey.objects.filter(pk=pushed.key).update(expires_at=cast.now - timedelta(seconds=1))
    assert code(pushed.get("/custody")) == "key_missing"
    ApiKey.objects.filter(pk=pushed.key).update(expires_at=cast.now + timedelta(days=1))
    books_actions.leave(
        cast.people[Role.RESOURCE_CLERK], leave_date=cast.today, recorded_at=cast.now, by=cast.other
    )
    assert pushed.get("/custody").status_code == 401, "the owner has left"
    assert Client().get(f"{API}/custody", headers={"Authorization": "Bearer tg_nothing"}).status_code == 401
    assert Client().get(f"{API}/custody").headers["WWW-Authenticate"] == "Bearer"


def test_a_key_may_be_bound_to_addresses_rights_and_a_pace(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    away = make_machine(cast, addresses=["10.9.0.0/16"])
    assert away.get("/changes").status_code == 401
    here = make_machine(cast, [MachineRight.READ_CHANGES], addresses=["127.0.0.0/8"])
    assert here.get("/changes").status_code == 200
    for path in ("/custody", "/plans", "/notices"):
        assert (here.get(path).status_code, code(here.get(path))) == (403, "right_missing")
    assert code(here.post("/policies", {})) == "right_missing"
    monkeypatch.setattr("tuogu.integration.calls._MINUTE_SECONDS", 10**9)
    limit = rules.applicable(cast.today)["integration.calls_per_minute"]
    here.get("/changes")
    CallDay.objects.filter(key_id=here.key).update(minute_calls=limit)
    slow = here.get("/changes")
    assert (slow.status_code, code(slow)) == (429, "too_many_calls")
    assert int(slow.headers["Retry-After"]) > 0
    day = CallDay.objects.get(key_id=here.key)
    assert day.calls == 10
    assert day.refused == 8


def test_bodies_that_are_none_are_refused_without_being_repeated(cast: Cast, machine: Machine):
    assert code(machine.post("/customers", b"")) == "invalid"
    for body in (
        b"[]",
        b"{",
        b'{"data_date": NaN}',
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud800"}',
        b"\xff",
        b"[" * 100_000,
    ):
        answer = machine.post("/customers", body)
        assert (answer.status_code, code(answer)) == (400, "bad_request"), body[:20]
    answer = machine.post(
        "/customers", {"data_date": "2026-01-01", "rows": [{"name": "张三丰", "nickname": "三丰"}]}
    )
    assert (answer.status_code, code(answer)) == (422, "invalid")
    assert "三丰" not in answer.content.decode()
    assert answer.json()["errors"][0]["pointer"].endswith("/rows/0/nickname")
    large = machine.post("/customers", b" " * (5 * 1024 * 1024 + 1))
    assert (large.status_code, code(large)) == (413, "too_large")
    assert code(machine.get("/policies")) == "method_not_allowed"
    assert code(machine.get("/nowhere")) == code(machine.get("/")) == "not_found"


def test_a_large_push_is_a_job_of_its_key(cast: Cast, machine: Machine):
    rulebook = rules.applicable(cast.today)
    number = rulebook["integration.rows_at_once"] + 1
    content = customers(cast, 0, number)
    answer = machine.post("/customers", content, idempotency="a-large-one")
    assert answer.status_code == 202
    told = answer.json()
    assert (told["state"], told["result"]) == ("waiting", None)
    sealed = bytes(Push.objects.get(pk=told["id"]).body_sealed)
    assert "张三".encode() not in sealed
    again = machine.post("/customers", content, idempotency="a-large-one")
    assert again.json()["id"] == told["id"]
    job = Push.objects.get(pk=told["id"]).job
    assert job is not None
    assert running.run(job, clock=lambda: cast.now) == "done"
    done = Client().get(told["url"], headers=machine.headers).json()
    assert (done["state"], done["result"]["accepted"]) == ("done", number)
    assert Push.objects.get(pk=told["id"]).body_sealed is None, "what was sent is not kept"
    assert make_machine(cast).get(f"/jobs/{told['id']}").status_code == 404, "another key's"
    assert machine.post("/customers", content, idempotency="a-large-one").status_code == 202


def test_a_push_whose_job_was_never_asked_for_is_taken_up_by_the_tick(cast: Cast, machine: Machine):
    number = rules.applicable(cast.today)["integration.rows_at_once"] + 1
    told = machine.post("/customers", customers(cast, 0, number)).json()
    job = Push.objects.get(pk=told["id"]).job
    jobs.cancel(job, by=cast.people[Role.RESOURCE_CLERK], at=cast.now)
    Push.objects.filter(pk=told["id"]).update(job=None)  # as a process leaves it that dies between the two
    assert push_taking.ask_again(at=cast.now) == 1
    assert push_taking.ask_again(at=cast.now) == 0
    assert Push.objects.get(pk=told["id"]).job not in {None, job}


def test_old_answers_go_and_the_auditor_reads_what_was_done(cast: Cast, pushed: Machine):
    tables = queries.audit_tables(cast.today - timedelta(days=1), cast.today + timedelta(days=1))
    assert tables["接口密钥"]["事项"].to_list() == ["发给"]
    assert tables["接口推送"]["接受"].to_list() == [1, 6, 6]
    assert tables["接口调用"]["调用"].to_list() == [3]
    assert pushed.secret not in str({name: frame.to_dicts() for name, frame in tables.items()})
    later = cast.now + timedelta(days=rules.applicable(cast.today)["integration.answers_kept_days"] + 1)
    actions.tick(by=cast.other, at=later)
    assert not Push.objects.exists()


def test_the_page_makes_a_key_shows_it_once_and_revokes_it(cast: Cast):
    keeper = cast.client(Role.SECURITY_ADMINISTRATOR)
    form = {"name": "核心系统", "owner": cast.numbers[cast.people[Role.RESOURCE_CLERK]], "institution": "B",
            "rights": ["read_custody", "read_clear"], "addresses": "",
            "expires": str(cast.today + timedelta(days=90))}  # fmt: skip
    made = keeper.post(reverse("keys:list"), form).content.decode()
    secret = made.split("data-secret>")[1].split("<")[0]
    assert Client().get(f"{API}/custody", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    page = keeper.get(reverse("keys:list")).content.decode()
    assert secret not in page
    assert secret[:8] in page
    assert "批准未脱敏" not in page, "the maker cannot"
    key = ApiKey.objects.get()
    second = cast.client(Role.IT_OFFICER)
    assert "批准未脱敏" in second.get(reverse("keys:list")).content.decode()
    second.post(reverse("keys:approve", args=[key.pk]))
    assert ApiKey.objects.get().clear_approved_by_id == cast.people[Role.IT_OFFICER]
    keeper.post(reverse("keys:revoke", args=[key.pk]))
    assert Client().get(f"{API}/custody", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    for wrong, words in (
        ({"institution": "X"}, "不能超出你自己的范围"), ({"owner": "0000"}, "在职负责人"), ({"rights": []}, "至少选一项"),
        ({"addresses": "10.1"}, "IP 地址或网段"), ({"expires": str(cast.today + timedelta(days=999))}, "有效期"),
        ({"institution": "*"}, "不能超出你自己的范围"),
    ):  # fmt: skip
        refused = keeper.post(reverse("keys:list"), form | wrong)
        assert (refused.status_code, words in refused.content.decode()) == (400, True), wrong
    assert ApiKey.objects.count() == 1


def test_the_docs_page_names_every_operation(cast: Cast):
    page = cast.client(Role.IT_OFFICER).get(reverse("keys:docs")).content.decode()
    document = json.loads(make_machine(cast).get("/openapi.json").content)
    assert len(document["paths"]) == 14
    for path in document["paths"]:
        assert path in page, path
    assert "premium_fen" in page
    assert "application/problem+json" in page
