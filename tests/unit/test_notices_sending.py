"""Messages on their way: real HTTP and SMTP to servers on this machine; every way in which a provider can answer."""

from __future__ import annotations

import json
import socket
import time
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client
from django.urls import reverse

from cast import Cast
from listed_world import MANAGER, customer_rows, import_rows, policy_rows
from notices_world import SECRET, gateway, opened, registered, wecom, with_policies
from tuogu.accesslog import queries as accesslog
from tuogu.accesslog.queries import LogFilter
from tuogu.notices import actions, delivering, queries
from tuogu.notices.adapters import http_call
from tuogu.notices.adapters.sms import signature
from tuogu.notices.models import ContactLink, Message, NoticeCase, Proof
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.privacy import queries as privacy
from tuogu.vault import keyed_hash, open_text, seal_text

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]


def prepared(cast: Cast, channel: str = "sms", count: int = 2) -> list[int]:
    """Cases of the manager's leave with messages in the outbox."""
    with_policies(cast, count)
    ids = opened(cast)
    actions.prepare(ids, channel=channel, by=cast.people[Role.RESOURCE_CLERK], at=cast.now)
    return ids


def sent(cast: Cast, minutes: int = 0) -> dict[str, int]:
    return actions.deliver(by=org.machine(), at=cast.now + timedelta(minutes=minutes))


def states() -> set[str]:
    return set(Message.objects.values_list("state", flat=True))


@pytest.mark.req("N-07")
def test_a_text_is_accepted_and_proved_by_its_receipt(cast: Cast, settings: Any):
    registered(cast)
    ids = prepared(cast)
    with gateway(settings) as world:
        assert sent(cast) == {"accepted": 2}
        assert sent(cast, 40) == {}  # the gateway has nothing new to say
        assert set(NoticeCase.objects.values_list("state", flat=True)) == {"sent"}
        world.states = dict.fromkeys(world.taken, "delivered")
        assert sent(cast, 80) == {"delivered": 2}
        assert world.unsigned == 0
        text = next(iter(world.taken.values()))
    assert text["to"].startswith("138")
    for word in ("客户经理甲", "离职", "保全组", "客服电话"):
        assert word in text["text"], text["text"]
    assert set(NoticeCase.objects.values_list("state", flat=True)) == {"proved"}
    assert Proof.objects.filter(kind="sms_delivered", counts=True).count() == len(ids)


@pytest.mark.req("L-06")
def test_what_leaves_the_house_stands_in_the_access_log_and_in_the_register_of_sharing(
    cast: Cast, settings: Any
):
    prepared(cast)
    with gateway(settings) as world:
        assert sent(cast) == {}  # the party is not registered: nothing leaves
        assert "没有登记" in queries.ways_out(cast.today)["sms"]
        assert world.calls == 0
        registered(cast, "sms_gateway")
        assert sent(cast) == {"accepted": 2}
    shared = privacy.sharing_page(party="sms_gateway").rows
    assert [(row.fields, row.rows) for row in shared] == [("name,phone", 1)] * 2
    looks = accesslog.log_page(Scope.everything(), LogFilter(kind="export"), size=20)
    assert {look.subject for look in looks.rows if look.subject_kind == "customer"} == {"C000000", "C000001"}


def test_nothing_leaves_the_demo_but_to_this_machine(cast: Cast, settings: Any):
    registered(cast)
    prepared(cast)
    settings.TUOGU_SMS_URL, settings.TUOGU_SMS_SECRET = "https://sms.example.com", SECRET
    assert "演示环境" in queries.ways_out(cast.today)["sms"]
    assert sent(cast) == {}
    settings.TUOGU_SMS_URL = "http://sms.example.com"
    assert "https" in queries.ways_out(cast.today)["sms"]
    settings.TUOGU_SMS_URL = ""
    assert queries.ways_out(cast.today)["sms"] == "没有配置"


@pytest.mark.parametrize(("mode", "after"), [("refuse", "failed"), ("broken", "queued")])
def test_refusals_end_and_troubles_wait(cast: Cast, settings: Any, mode: str, after: str):
    registered(cast)
    prepared(cast, count=1)
    with gateway(settings) as world:
        world.mode = mode
        sent(cast)
        assert states() == {after}
        calls = world.calls
        sent(cast)  # again at once: nothing is due
        assert world.calls == calls
        world.mode = "ok"
        sent(cast, 5)
    case = NoticeCase.objects.get()
    assert (case.state, case.trouble) == (("waiting", "message_failed") if mode == "refuse" else ("sent", ""))


def test_after_so_many_tries_the_case_waits_for_another_way_and_the_next_one_is_taken(
    cast: Cast, settings: Any
):
    registered(cast)
    ids = prepared(cast, count=1)
    with gateway(settings) as world:
        world.mode = "broken"
        for hour in range(40):
            sent(cast, hour * 60)
        assert world.calls == 5
    message = Message.objects.get()
    assert (message.state, message.trouble) == ("failed", "too_many_tries")
    done = actions.prepare(ids, channel="auto", by=org.machine(), at=cast.now)
    assert done.messages == 1
    assert Message.objects.order_by("-pk")[0].channel == "letter"  # not the way that failed


def test_a_slow_gateway_gets_the_same_key_again_and_sends_one_text(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    registered(cast)
    prepared(cast, count=1)
    monkeypatch.setattr(http_call, "SECONDS", 0.2)
    with gateway(settings) as world:
        world.mode = "slow"
        sent(cast)
        assert (states(), Message.objects.get().trouble) == ({"queued"}, "timeout")
        world.mode = "ok"
        monkeypatch.setattr(http_call, "SECONDS", 5)
        assert sent(cast, 5) == {"accepted": 1}
        assert len(world.taken) == 1


class Killed(Exception):
    pass


@pytest.mark.parametrize("arrived", [True, False])
def test_a_crash_between_sending_and_recording_sends_nothing_twice(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch, arrived: bool
):
    registered(cast)
    prepared(cast, count=1)
    with gateway(settings) as world:

        def killed(*_: object, **__: object) -> str:
            raise Killed

        if arrived:
            monkeypatch.setattr(delivering, "record_outcome", killed)
        else:
            monkeypatch.setattr("tuogu.notices.adapters.sms.Sms.send", killed)
        with pytest.raises(Killed):
            sent(cast)
        monkeypatch.undo()
        assert states() == {"sending"}
        calls = world.calls
        assert sent(cast, 5) == {}  # somebody may still be at it
        assert world.calls == calls
        found = sent(cast, 11)
        assert found == ({"accepted": 1} if arrived else {"queued": 1})
        if not arrived:
            assert sent(cast, 20) == {"accepted": 1}
        assert len(world.taken) == 1
        assert Message.objects.get().state == "accepted"


def test_an_unreachable_gateway_is_trouble_not_a_loss(cast: Cast, settings: Any):
    registered(cast)
    prepared(cast, count=1)
    with gateway(settings):
        pass  # its port is closed now
    assert sent(cast) == {"queued": 1}
    assert Message.objects.get().trouble == "unreachable"


def push(body: bytes, secret: str = SECRET, stamp: str | None = None) -> int:
    stamp = stamp or str(int(time.time()))
    headers = {"X-Timestamp": stamp, "X-Signature": signature(secret, stamp, body)}
    answer = Client().post(
        reverse("notices:sms_receipt"), data=body, content_type="application/json", headers=headers
    )
    return answer.status_code


def test_a_pushed_receipt_needs_the_signature_and_counts_once(cast: Cast, settings: Any):
    registered(cast)
    prepared(cast, count=1)
    with gateway(settings):
        sent(cast)
    key = Message.objects.get().key
    body = json.dumps({"receipts": [{"key": key, "id": "7", "state": "delivered"}]}).encode()
    assert push(body, secret="guess") == 401
    assert push(body, stamp=str(int(time.time()) - 3600)) == 401  # played again later
    assert push(b"[1]") == 400
    assert states() == {"accepted"}
    assert push(body) == 204
    assert push(body) == 204
    assert (states(), Proof.objects.count()) == ({"delivered"}, 1)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mailbox:
    """A mail server's mind. `reply`: what it says to a message."""

    def __init__(self) -> None:
        self.reply, self.messages = "250 OK", []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name  # noqa: N802 - aiosmtpd's name
        self.messages.append(envelope.content.decode("utf-8", "replace"))
        return self.reply


@pytest.mark.parametrize(
    ("reply", "after"), [("250 OK", "accepted"), ("550 no", "failed"), ("451 later", "queued")]
)
def test_mail_goes_by_smtp_to_an_address_that_the_holder_gave_and_proves_nothing(
    cast: Cast, settings: Any, reply: str, after: str
):
    registered(cast)
    with_policies(cast, 1)
    ids = opened(cast)
    with pytest.raises(actions.NoticeRefused):
        actions.prepare(ids, channel="mail", by=org.machine(), at=cast.now)
    actions.prepare(ids, channel="mail", to="zhang@example.com", by=org.machine(), at=cast.now)
    mailbox = Mailbox()
    mailbox.reply = reply
    server = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        port = server.server.sockets[0].getsockname()[1]
        settings.TUOGU_MAIL_URL = f"smtp://127.0.0.1:{port}/?from=notices@example.com"
        sent(cast)
    finally:
        server.stop()
    message = Message.objects.get()
    assert message.state == after
    assert message.key in mailbox.messages[0]  # the same Message-ID for every try
    assert NoticeCase.objects.get().state != "proved"


def test_a_mail_that_hangs_is_for_a_person_to_decide(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    registered(cast)
    with_policies(cast, 1)
    actions.prepare(opened(cast), channel="mail", to="z@example.com", by=org.machine(), at=cast.now)
    server = Controller(Mailbox(), hostname="127.0.0.1", port=free_port())
    server.start()
    settings.TUOGU_MAIL_URL = (
        f"smtp://127.0.0.1:{server.server.sockets[0].getsockname()[1]}/?from=notices@example.com"
    )

    def killed(*_: object, **__: object) -> str:
        raise Killed

    monkeypatch.setattr(delivering, "record_outcome", killed)
    try:
        with pytest.raises(Killed):
            sent(cast)
        monkeypatch.undo()
        assert sent(cast, 11) == {"unsure": 1}
        assert sent(cast, 100) == {}  # never by itself
    finally:
        server.stop()
    actions.settle(Message.objects.get().pk, went_out=True, by=org.machine(), at=cast.now)
    assert states() == {"accepted"}


def linked(cast: Cast, customer: str, person: int, external: str) -> ContactLink:
    """A contact of WeCom."""
    return ContactLink.objects.create(
        customer_number=customer, external_sealed=seal_text(external), external_hash=keyed_hash(external, "wecom_external"),
        person_id=person, since_date=cast.today, recorded_at=cast.now,
    )  # fmt: skip


def test_wecom_messages_go_in_the_name_of_the_contact(cast: Cast, settings: Any):
    registered(cast)
    with_policies(cast, 2)
    linked(cast, "C000000", cast.other, "wm-1")
    linked(cast, "C000001", cast.other, "wm-2-stranger")
    ids = opened(cast)
    actions.prepare(ids, channel="wecom", by=org.machine(), at=cast.now)
    with wecom(settings) as world:
        assert sent(cast) == {"accepted": 1, "failed": 1}
        assert sent(cast, 40) == {"delivered": 1}
        payload = next(p for path, p in world.calls if path.endswith("add_msg_template"))
    assert (payload["sender"], payload["external_userid"]) == ("9101", ["wm-1"])
    assert [p.kind for p in Proof.objects.all()] == ["wecom_read"]


@pytest.mark.req("N-07")
def test_the_leaver_is_never_the_sender_and_without_phone_a_letter_goes(cast: Cast):
    rows = policy_rows(3, agent=MANAGER)
    customers = customer_rows(rows)
    customers[0]["phone"] = None
    customers[1] |= {"phone": "05741234567", "address": None}  # a landline takes no text
    import_rows(cast, rows, customers)
    linked(cast, "C000001", cast.people[Role.ACCOUNT_MANAGER], "wm-9")
    done = actions.prepare(opened(cast), channel="auto", by=org.machine(), at=cast.now)
    assert (done.messages, done.left) == (2, {"no_contact": 1})
    assert dict(Message.objects.values_list("holder_number", "channel")) == {
        "C000000": "letter",
        "C000002": "sms",
    }
    case = NoticeCase.objects.get(policy_number="P00000001")
    assert (case.state, case.trouble) == ("waiting", "no_contact")


def test_one_letter_names_all_contracts_of_a_holder_and_a_second_is_not_prepared(cast: Cast):
    rows = [
        row | {"holder_number": "C000000", "insured_number": "C000000"}
        for row in policy_rows(3, agent=MANAGER)
    ]
    import_rows(cast, rows)
    ids = opened(cast)
    done = actions.prepare(ids, channel="letter", by=org.machine(), at=cast.now)
    assert (done.messages, done.cases) == (1, 3)
    body = open_text(Message.objects.get().body_sealed) or ""
    assert all(f"P0000000{i}" in body for i in range(3))
    again = actions.prepare(ids, channel="sms", by=org.machine(), at=cast.now)
    assert (again.messages, again.left) == (0, {"under_way": 3})
    actions.cancel(Message.objects.get().pk, by=org.machine(), at=cast.now)
    assert actions.prepare(ids, channel="sms", by=org.machine(), at=cast.now).messages == 1


@pytest.mark.req("L-03")
def test_a_refusal_of_marketing_does_not_stop_a_notice(cast: Cast, settings: Any):
    from tuogu.privacy import actions as consents

    registered(cast)
    with_policies(cast, 1)
    consents.record_consent(
        "C000000",
        purpose="marketing",
        said="refused",
        source="desk",
        text_version="1",
        by=org.machine(),
        at=cast.now,
    )
    actions.prepare(opened(cast), channel="auto", by=org.machine(), at=cast.now)
    with gateway(settings):
        assert sent(cast) == {"accepted": 1}
