"""The log holds route names, ids and times, and nothing personal: not after a sign-in, a search by name, or a crash."""

from __future__ import annotations

import io
import json
import logging

import pytest
from django.test import Client
from django.urls import reverse

from cast import PASSWORD, Cast, staff_number
from tuogu.org.roles import Role
from tuogu.web.request_log import JsonLines

pytestmark = pytest.mark.django_db(databases="__all__")
NAME, PHONE = "张三丰", "13812345678"


@pytest.fixture
def lines() -> io.StringIO:
    """What the handlers of the settings would write to standard error, caught."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    names = ("", "django", "django.request", "tuogu")
    for name in names:
        logging.getLogger(name).addHandler(handler)
    yield stream
    for name in names:
        logging.getLogger(name).removeHandler(handler)


def parsed(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_request_is_one_line_with_the_route_the_person_and_the_time(cast: Cast, lines: io.StringIO):
    person = cast.people[Role.RESOURCE_CLERK]
    number = cast.numbers[cast.people[Role.ACCOUNT_MANAGER]]
    cast.client(Role.RESOURCE_CLERK).get(reverse("staff:leave", args=[number]), {"date": "2026-01-02"})
    (line,) = [found for found in parsed(lines) if found["event"] == "request"]
    assert (line["route"], line["method"], line["status"], line["person"]) == (
        "staff:leave",
        "GET",
        200,
        person,
    )
    assert isinstance(line["ms"], int)
    assert len(str(line["request"])) == 12
    assert number not in lines.getvalue(), "a route name, not the path"
    assert "2026-01-02" not in lines.getvalue(), "no query string"


def test_nothing_personal_after_a_sign_in_a_search_and_a_crash(cast: Cast, lines: io.StringIO, monkeypatch):
    number = staff_number(Role.AUDITOR)
    Client().post(reverse("account_login"), {"login": number, "password": PASSWORD})
    Client().post(reverse("account_login"), {"login": number, "password": "wrong-wrong-1"})
    client = cast.client(Role.RESOURCE_CLERK)
    client.post(reverse("search"), {"q": NAME})
    client.post(reverse("search"), {"q": PHONE})

    def fail(*_: object) -> object:
        raise ValueError(f"cannot read {NAME} {PHONE}")

    monkeypatch.setattr("tuogu.web.staff.views.staff_filter", fail)
    client.raise_request_exception = False
    assert client.get(reverse("staff:list"), {"number": PHONE}).status_code == 500
    written = lines.getvalue()
    for secret in (NAME, PHONE, PASSWORD, number, "wrong-wrong-1", "cannot read"):
        assert secret not in written, secret
    crash = next(line for line in parsed(lines) if line.get("failure"))
    assert crash["failure"] == "ValueError"
    assert any("staff/views.py" in str(frame) for frame in crash["where"])
    asked = next(line for line in parsed(lines) if line.get("status") == 500)
    assert asked["request"] == crash["request"], "the failure and its request carry the same id"
    assert any(line["event"] == "sign-in refused" for line in parsed(lines))


def test_a_probe_of_health_leaves_no_line_and_tells_no_secret(cast: Cast, lines: io.StringIO):
    answer = Client().get(reverse("health"))
    assert (answer.status_code, answer.json()["ok"]) == (200, True)
    assert set(answer.json()) == {
        "ok",
        "database",
        "migrations",
        "guards",
        "worker_heartbeat_seconds",
        "webhooks_halted",
    }
    assert parsed(lines) == []


def test_health_fails_when_a_guard_is_gone(cast: Cast, monkeypatch):
    monkeypatch.setattr("tuogu.ledger.queries.missing_guards", lambda: ["ledger_entry_no_update"])
    answer = Client().get(reverse("health"))
    assert answer.status_code == 503
    assert answer.json() == {
        "ok": False, "database": True, "migrations": True, "guards": False, "worker_heartbeat_seconds": None,
        "webhooks_halted": None,
    }  # fmt: skip
