"""Webhooks against a real receiver: in order, at least once, signed, numbers only; and where they may not go."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.urls import reverse

from api_world import Machine, customers, institutions, make_machine, policies
from cast import Cast
from listed_world import OTHER
from tuogu.books import actions as books_actions
from tuogu.integration import actions, calling, delivering
from tuogu.integration.models import Delivery, Event, Subscription
from tuogu.jobs.ticking import tick
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules

pytestmark = [pytest.mark.database, pytest.mark.django_db(databases="__all__")]
ALL = ["custody.changed", "leaver.recorded", "plan.released", "import.finished"]


class Receiver:
    """A receiver on this machine. `answers`: statuses to give, the last for ever; 'slow' = no answer in time."""

    def __init__(self) -> None:
        self.answers: list[Any] = [200]
        self.got: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((dict(self.headers), body))
                answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if answer == "slow":
                    time.sleep(0.6)
                    answer = 200
                self.send_response(answer)
                if answer == 302:
                    self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.TUOGU_WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


@pytest.fixture
def machine(cast: Cast) -> Machine:
    machine = make_machine(cast)
    machine.post("/institutions", institutions(cast))
    machine.post("/customers", customers(cast, 0, 4))
    return machine


def subscribed(cast: Cast, machine: Machine, url: str, kinds: list[str] | None = None) -> tuple[int, str]:
    return actions.subscribe(
        machine.key, url=url, kinds=kinds or ALL, within=Scope.everything(), rulebook=rules.applicable(cast.today),
        by=cast.people[Role.SECURITY_ADMINISTRATOR], at=cast.now,
    )  # fmt: skip


def turn(cast: Cast, minutes: int = 0) -> datetime:
    """One tick of the worker, so many minutes later."""
    at = cast.now + timedelta(minutes=minutes)
    tick(at=at)
    return at


def test_what_happens_arrives_signed_and_in_order_with_numbers_only(
    cast: Cast, machine: Machine, receiver: Receiver
):
    subscription, secret = subscribed(cast, machine, receiver.url)
    turn(cast)
    assert receiver.got == [], "what was before the subscription is told to nobody"
    machine.post("/policies", policies(cast, 0, 4, agent=OTHER))
    books_actions.leave(cast.other, leave_date=cast.today, recorded_at=cast.now, by=cast.stranger)
    turn(cast, 1)
    told = receiver.told
    assert [one["kind"] for one in told] == ["custody.changed", "leaver.recorded"], (
        "imports are wider than this key"
    )
    changes = [
        change for one in told if one["kind"] == "custody.changed" for change in one["data"]["changes"]
    ]
    opened = [
        (c["policy_number"], c["to_custodian"])
        for c in changes
        if c["relation"] == "custody" and c["kind"] == "open"
    ]
    assert opened == [(f"P{i:08d}", OTHER) for i in range(4)]
    assert {c["policy_number"] for c in changes if c["kind"] == "leave"} == {f"P{i:08d}" for i in range(4)}
    (leaver,) = [one["data"] for one in told if one["kind"] == "leaver.recorded"]
    assert (leaver["staff_number"], leaver["left_date"]) == (OTHER, str(cast.today))
    for headers, body in receiver.got:
        stamp, signed = (part.split("=", 1)[1] for part in headers["X-Tuogu-Signature"].split(","))
        assert signed == calling.signature(secret, stamp, body)
        assert headers["X-Tuogu-Delivery"] == json.loads(body)["id"]
        for personal in ("张", "138", "海曙"):
            assert personal.encode() not in body
            assert personal not in body.decode("unicode_escape", "ignore")
    ids = [int(one["id"].split("-")[1]) for one in told]
    assert ids == sorted(ids)
    count = len(told)
    turn(cast, 2)
    assert len(receiver.got) == count, "nothing twice where it arrived"
    assert Subscription.objects.get(pk=subscription).cursor == Event.objects.latest("pk").pk, (
        "past what is not for this key"
    )


def test_a_failure_is_tried_again_later_and_nothing_overtakes_it(
    cast: Cast, machine: Machine, receiver: Receiver
):
    subscribed(cast, machine, receiver.url, ["custody.changed"])
    receiver.answers = [500, 302, 200]
    machine.post("/policies", policies(cast, 0, 1, agent=OTHER))
    turn(cast)
    machine.post("/policies", policies(cast, 1, 1, agent=OTHER))
    turn(cast)
    assert len(receiver.got) == 1, "it waits, and the next waits behind it"
    turn(cast, 2)
    assert len(receiver.got) == 2, "a redirect is no arrival, and is not followed"
    turn(cast, 30)
    told = receiver.told
    assert len(told) == 4
    assert told[0] == told[1] == told[2], "the same event under the same id"
    assert [c["policy_number"] for c in told[3]["data"]["changes"]] == ["P00000001"] * 2
    outcomes = list(Delivery.objects.order_by("pk").values_list("attempt", "outcome", "status"))
    assert outcomes == [
        (1, "answered", 500),
        (2, "answered", 302),
        (3, "delivered", 200),
        (1, "delivered", 200),
    ]


def test_a_receiver_that_takes_too_long_gets_it_again(
    cast: Cast, machine: Machine, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(calling, "SECONDS", 0.3)
    subscribed(cast, machine, receiver.url, ["custody.changed"])
    receiver.answers = ["slow", 200]
    machine.post("/policies", policies(cast, 0, 1, agent=OTHER))
    turn(cast)
    assert Delivery.objects.get().outcome == "timeout"
    turn(cast, 2)
    assert [one["id"] for one in receiver.told] == [receiver.told[0]["id"]] * 2


def test_a_crash_between_arrival_and_cursor_sends_the_same_id_again(
    cast: Cast, machine: Machine, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    subscribed(cast, machine, receiver.url, ["custody.changed"])
    machine.post("/policies", policies(cast, 0, 1, agent=OTHER))

    def die(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(delivering, "_recorded", die)
        with pytest.raises(KeyboardInterrupt):
            turn(cast)
    assert len(receiver.got) == 1
    assert not Delivery.objects.exists()
    turn(cast, 1)
    assert len(receiver.got) == 1, "the lease of the dead worker still runs"
    turn(cast, 6)
    assert receiver.told[0] == receiver.told[1]
    turn(cast, 7)
    assert len(receiver.got) == 2


def assert_told(cast: Cast, *, halted: bool) -> None:
    """Who keeps keys or the machine reads on the first page that a webhook stopped; probes and the system page know."""
    word = "1 条事件通知已停下"
    for role in (Role.IT_OFFICER, Role.SECURITY_ADMINISTRATOR, Role.ADMINISTRATOR):
        board = cast.client(role).get(reverse("home"), follow=True).content.decode()
        assert (word in board) == halted, role
    assert word not in cast.client(Role.BRANCH_MANAGER).get(reverse("home"), follow=True).content.decode()
    assert cast.client(Role.IT_OFFICER).get(reverse("health")).json()["webhooks_halted"] == int(halted)
    system = cast.client(Role.ADMINISTRATOR).get(reverse("system:home")).content.decode()
    assert ("停下 1 条：" in system) == halted


def test_after_so_many_attempts_a_person_tries_again_or_passes_over(
    cast: Cast, machine: Machine, receiver: Receiver
):
    subscription, _ = subscribed(cast, machine, receiver.url, ["custody.changed"])
    receiver.answers = [500]
    machine.post("/policies", policies(cast, 0, 1, agent=OTHER))
    attempts = rules.applicable(cast.today)["integration.attempts_max"]
    for number in range(attempts + 2):
        turn(cast, number * 800)
    assert len(receiver.got) == attempts
    assert Subscription.objects.get().state == "halted"
    keeper = cast.client(Role.IT_OFFICER)
    page = keeper.get(reverse("keys:list")).content.decode()
    assert "已停下，待处理" in page
    assert_told(cast, halted=True)
    receiver.answers = [200]
    keeper.post(reverse("keys:act", args=[subscription]), {"act": "resume"})
    assert_told(cast, halted=False)
    turn(cast, 20_000)
    assert receiver.told[-1]["id"] == receiver.told[0]["id"]
    assert Subscription.objects.get().state == "active"
    receiver.answers = [500]
    machine.post("/policies", policies(cast, 1, 1, agent=OTHER))
    machine.post("/policies", policies(cast, 2, 1, agent=OTHER))
    for number in range(attempts + 1):
        turn(cast, 30_000 + number * 800)
    receiver.answers = [200]
    keeper.post(reverse("keys:act", args=[subscription]), {"act": "skip"})
    keeper.post(reverse("keys:act", args=[subscription]), {"act": "end"})
    assert Subscription.objects.get().state == "ended"
    gone = len(receiver.got)
    turn(cast, 90_000)
    assert len(receiver.got) == gone


def test_a_dead_key_sends_nothing_more(cast: Cast, machine: Machine, receiver: Receiver):
    subscribed(cast, machine, receiver.url, ["custody.changed"])
    machine.post("/policies", policies(cast, 0, 1, agent=OTHER))
    actions.revoke_key(machine.key, within=Scope.everything(), by=cast.people[Role.IT_OFFICER], at=cast.now)
    turn(cast)
    assert receiver.got == []
    assert Subscription.objects.get().state == "ended"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook", "ftp://example.com/", "https://127.0.0.1/", "https://localhost/", "https://[::1]/",
        "https://10.1.2.3/", "https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/",
        "https://user:word@example.com/", "https://example.com/#x", "https://exa mple.com/", "https:///x", "https://[::1",
        "https://example.com:0/", "https://224.0.0.1/", "http://127.0.0.1/",
    ],
)  # fmt: skip
def test_addresses_that_are_never_called(cast: Cast, url: str, settings: Any):
    settings.TUOGU_DEMO = False
    machine = make_machine(cast)
    with pytest.raises(actions.IntegrationRefused):
        subscribed(cast, machine, url)
    assert not Subscription.objects.exists()


def test_a_name_that_points_inside_is_refused_when_it_is_called(monkeypatch: pytest.MonkeyPatch):
    def resolved(host: str, port: int, **_: object) -> list[Any]:
        return [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("10.0.0.7", port))]

    monkeypatch.setattr("socket.getaddrinfo", resolved)
    with pytest.raises(calling.AddressRefused, match="内网"):
        calling.post("https://innocent.example/hook", b"{}", {})
