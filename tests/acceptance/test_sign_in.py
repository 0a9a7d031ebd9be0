"""Signing in: password, forced change, second factor, recovery codes, limits, and every way in which a session ends."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from cast import PASSWORD, Cast, staff_number
from tuogu.accounts import actions as accounts
from tuogu.accounts import queries
from tuogu.books import actions as books
from tuogu.org.roles import Role

pytestmark = pytest.mark.django_db(databases="__all__")
NEW_PASSWORD = "ganz-anderes-Wort-9"
CODE_SECONDS = 30


@pytest.fixture(autouse=True)
def _as_in_production(cast: Cast, settings: Any) -> None:
    """No demo door, and the limits counted anew."""
    settings.TUOGU_DEMO = False
    cache.clear()


def sign_in(client: Client, number: str, password: str = PASSWORD) -> Any:
    return client.post(reverse("account_login"), {"login": number, "password": password})


def code_of(secret: str, steps: int = 0) -> str:
    """The six digits that a telephone with this secret shows, some steps from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // CODE_SECONDS + steps))


def set_up(client: Client, capture: Any) -> tuple[str, list[str]]:
    """Set up the second factor as the page says; returns the secret and the recovery codes."""
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    groups = re.search(r'tg-secret"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert groups
    secret = "".join(re.findall(r"<span>(\w+)</span>", groups[1]))
    assert len(secret) == 32
    with capture(execute=True):
        answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    return secret, re.findall(r"<li>(\d{8})</li>", page)


def test_nobody_sees_a_page_before_the_second_factor_is_set_up(cast, django_capture_on_commit_callbacks):
    client, number = Client(), staff_number(Role.RESOURCE_CLERK)
    assert sign_in(client, number)["Location"] == "/"
    for name in ("staff:list", "me", "search"):
        assert client.get(reverse(name))["Location"] == reverse("mfa_activate_totp"), name
    _, codes = set_up(client, django_capture_on_commit_callbacks)
    assert len(codes) == 10
    assert client.get(reverse("staff:list")).status_code == 200
    kinds = [event.kind for event in queries.events_of(cast.people[Role.RESOURCE_CLERK])]
    assert kinds == ["codes_made", "factor_added", "made"]
    again = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert not any(code in again for code in codes), "shown once"


def test_the_next_sign_in_asks_for_a_code_and_each_code_opens_once(cast, django_capture_on_commit_callbacks):
    first, second, number = Client(), Client(), staff_number(Role.AUDITOR)
    sign_in(first, number)
    secret, codes = set_up(first, django_capture_on_commit_callbacks)
    assert sign_in(second, number)["Location"] == reverse("mfa_authenticate")
    assert second.get(reverse("staff:list"))["Location"].startswith(reverse("account_login")), "not in yet"
    refused = second.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "动态口令不对" in refused.content.decode()
    assert second.post(reverse("mfa_authenticate"), {"code": code_of(secret, steps=1)}).status_code == 302
    assert second.get(reverse("staff:list")).status_code == 200
    third = Client()
    sign_in(third, number)
    assert third.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 302
    assert third.get(reverse("staff:list")).status_code == 200
    fourth = Client()
    sign_in(fourth, number)
    assert "动态口令不对" in fourth.post(reverse("mfa_authenticate"), {"code": codes[0]}).content.decode()


def test_a_session_that_came_in_before_the_second_factor_ends_when_it_is_set_up(
    cast, django_capture_on_commit_callbacks
):
    owner, thief, number = Client(), Client(), staff_number(Role.INSPECTOR)
    sign_in(thief, number)
    sign_in(owner, number)
    set_up(owner, django_capture_on_commit_callbacks)
    assert owner.get(reverse("me")).status_code == 200
    assert thief.get(reverse("me"))["Location"].startswith(reverse("account_login"))


def test_a_given_password_must_be_changed_first(cast):
    accounts.make_account(
        person=cast.other, login="9101", password=PASSWORD, by=cast.people[Role.ADMINISTRATOR], at=cast.now
    )
    client = Client()
    sign_in(client, "9101")
    assert client.get(reverse("me"))["Location"] == reverse("account_change_password")
    page = client.get(reverse("account_change_password")).content.decode()
    assert "管理员给的" in page
    fields = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post(reverse("account_change_password"), fields).status_code == 302
    assert client.get(reverse("me"))["Location"] == reverse("mfa_activate_totp")
    assert not queries.account_of(cast.other).must_change_password
    assert sign_in(Client(), "9101").status_code == 200, "the old one opens no more"
    assert sign_in(Client(), "9101", NEW_PASSWORD).status_code == 302


def test_wrong_passwords_are_counted_and_say_nothing_about_the_number(cast):
    client = Client()
    unknown = sign_in(client, "0000").content.decode()
    known = sign_in(client, staff_number(Role.AUDITOR), "wrong-wrong-1").content.decode()
    assert "工号或密码不对" in unknown
    assert "工号或密码不对" in known
    for _ in range(5):
        answer = sign_in(client, staff_number(Role.AUDITOR), "wrong-wrong-1")
    assert "次数太多" in answer.content.decode()
    assert "次数太多" in sign_in(client, staff_number(Role.AUDITOR)).content.decode(), (
        "even the right one waits now"
    )


@pytest.mark.req("S0-25")
def test_leaving_ends_the_session_and_the_door_says_why(cast, settings):
    settings.TUOGU_DEMO = True
    person = cast.people[Role.TEAM_LEAD]
    client = cast.client_of(person)
    assert client.get(reverse("me")).status_code == 200
    books.leave(person, leave_date=cast.today, recorded_at=cast.now, by=cast.people[Role.ADMINISTRATOR])
    assert client.get(reverse("me"))["Location"].startswith(reverse("account_login"))
    answer = sign_in(Client(), staff_number(Role.TEAM_LEAD))
    assert answer["Location"] == reverse("account_inactive")
    assert "登记离司" in Client().get(answer["Location"]).content.decode()


@pytest.mark.parametrize("act", ["deactivate", "reset", "everywhere", "password"])
def test_administrators_end_sessions_at_once(cast, settings, act):
    settings.TUOGU_DEMO = True
    person, admin = cast.people[Role.AUDITOR], cast.people[Role.ADMINISTRATOR]
    client = cast.client_of(person)
    assert client.get(reverse("me")).status_code == 200
    given = {"person": person, "by": admin, "at": cast.now}
    {
        "deactivate": lambda: accounts.deactivate(**given, reason="停用"),
        "reset": lambda: accounts.reset_second_factor(**given, reason="换手机"),
        "everywhere": lambda: accounts.end_sessions(**given),
        "password": lambda: accounts.set_password(**given, password=NEW_PASSWORD),
    }[act]()
    assert client.get(reverse("me"))["Location"].startswith(reverse("account_login"))


def test_signing_oneself_out_everywhere_ends_both_devices(cast, settings):
    settings.TUOGU_DEMO = True
    desk, phone = cast.client(Role.AUDITOR), cast.client(Role.AUDITOR)
    desk.post(reverse("me_sessions"))
    for client in (desk, phone):
        assert client.get(reverse("me"))["Location"].startswith(reverse("account_login"))


def test_the_demo_door_opens_to_demo_people_only_and_only_in_a_demo(cast, settings):
    person = cast.people[Role.AUDITOR]
    assert Client().post(reverse("demo_door"), {"person": person}).status_code == 404
    assert "演示：" not in Client().get(reverse("account_login")).content.decode()
    settings.TUOGU_DEMO = True
    page = Client().get(reverse("account_login")).content.decode()
    assert page.count('name="person"') == len(Role)
    client = Client()
    assert (
        client.post(reverse("demo_door"), {"person": person, "next": "https://elsewhere.example/"})[
            "Location"
        ]
        == "/"
    )
    assert client.get(reverse("me")).status_code == 200
    accounts.make_account(person=cast.other, login="9101", password=PASSWORD, by=person, at=cast.now)
    assert Client().post(reverse("demo_door"), {"person": "²"}).status_code == 404, (
        "a digit that is no number"
    )
    assert Client().post(reverse("demo_door"), {"person": cast.other}).status_code == 404, (
        "not made by the demo"
    )


def test_there_is_no_sign_up_and_no_way_in_by_mail(cast):
    from tuogu.accounts.adapter import StaffAdapter

    assert not StaffAdapter().is_open_for_signup(None)
    for path in ("/sign-up/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/login/"):
        assert Client().get(path).status_code == 404, path
