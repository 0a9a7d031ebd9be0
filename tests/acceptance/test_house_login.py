"""Signing in through an identity provider that really runs: an existing account by its staff number, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.test import Client
from django.urls import reverse

import identity_provider
from cast import Cast, staff_number
from identity_provider import CLIENT_ID, CLIENT_SECRET, Provider
from tuogu.accounts import actions as accounts
from tuogu.accounts.models import Account
from tuogu.books import actions as books
from tuogu.org.roles import Role

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def house(cast: Cast, settings: Any) -> Iterator[Provider]:
    """The provider, configured as the environment would; no demo."""
    with identity_provider.running() as provider:
        settings.TUOGU_DEMO = False
        settings.OIDC_ISSUER = provider.issuer
        entry = {
            "provider_id": "house", "name": "统一认证", "client_id": CLIENT_ID, "secret": CLIENT_SECRET,
            "settings": {"server_url": provider.issuer, "oauth_pkce_enabled": True},
        }  # fmt: skip
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [entry]}}
        yield provider


def come_in(client: Client, **asked: str) -> Any:
    """Press the button, go to the provider, come back: the answer of our side."""
    leaving = client.post(reverse("openid_connect_login", args=["house"]), {"process": "login"} | asked)
    assert leaving.status_code == 302
    back = requests.get(leaving["Location"], allow_redirects=False, timeout=5).headers["Location"]
    return client.get(back.removeprefix("http://testserver"))


def test_the_button_stands_only_where_a_provider_is_configured(cast: Cast, house: Provider, settings: Any):
    page = Client().get(reverse("account_login")).content.decode()
    assert "用统一认证登录" in page
    settings.OIDC_ISSUER = ""
    assert "用统一认证登录" not in Client().get(reverse("account_login")).content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    assert Client().post(reverse("openid_connect_login", args=["house"])).status_code == 404
    assert Client().post(reverse("openid_connect_login", args=["elsewhere"])).status_code == 404


def test_an_existing_account_comes_in_by_its_staff_number_and_still_needs_a_second_factor(
    cast: Cast, house: Provider
):
    house.person = {
        "sub": "u-1",
        "preferred_username": staff_number(Role.RESOURCE_CLERK),
        "email": "a@example.com",
    }
    house.amr = ["pwd", "mfa"]  # said, but nobody has agreed to take the provider's word
    client = Client()
    assert come_in(client)["Location"] == "/"
    assert client.get(reverse("staff:list"))["Location"] == reverse("mfa_activate_totp")
    kept = SocialAccount.objects.count(), SocialToken.objects.count(), SocialApp.objects.count()
    assert kept == (0, 0, 0), "nothing of the provider is stored"


def test_the_providers_second_factor_counts_where_the_operator_says_so(
    cast: Cast, house: Provider, settings: Any
):
    settings.OIDC_SECOND_FACTOR = True
    house.person = {"sub": "u-1", "preferred_username": staff_number(Role.RESOURCE_CLERK)}
    once = Client()
    come_in(once)
    assert once.get(reverse("staff:list"))["Location"] == reverse("mfa_activate_totp"), "amr does not say mfa"
    house.amr = ["pwd", "mfa"]
    client = Client()
    come_in(client)
    assert client.get(reverse("staff:list")).status_code == 200
    Account.objects.filter(login=staff_number(Role.RESOURCE_CLERK)).update(must_change_password=True)
    assert client.get(reverse("staff:list")).status_code == 200, "there is no password of ours to change"


@pytest.mark.parametrize("person", [{"sub": "u-2", "preferred_username": "0000"}, {"sub": "u-3"}])
def test_nobody_without_an_account_comes_in_and_none_is_made(
    cast: Cast, house: Provider, person: dict[str, str]
):
    house.person, before = person, Account.objects.count()
    client = Client()
    answer = come_in(client)
    assert answer["Location"] == reverse("account_login")
    assert "没有你的账号" in client.get(answer["Location"]).content.decode()
    assert client.get(reverse("me"))["Location"].startswith(reverse("account_login"))
    assert (Account.objects.count(), SocialAccount.objects.count()) == (before, 0)


def test_a_leaver_a_closed_account_and_a_lie_about_the_person_stay_outside(cast: Cast, house: Provider):
    auditor, lead = staff_number(Role.AUDITOR), staff_number(Role.TEAM_LEAD)
    admin = cast.people[Role.ADMINISTRATOR]
    accounts.deactivate(person=cast.people[Role.AUDITOR], by=admin, at=cast.now, reason="停用")
    books.leave(cast.people[Role.TEAM_LEAD], leave_date=cast.today, recorded_at=cast.now, by=admin)
    for number in (auditor, lead):
        house.person = {"sub": "u", "preferred_username": number}
        client = Client()
        come_in(client)
        assert client.get(reverse("me"))["Location"].startswith(reverse("account_login")), number
    house.person, house.userinfo_subject = (
        {"sub": "u", "preferred_username": staff_number(Role.INSPECTOR)},
        "v",
    )
    assert come_in(Client())["Location"] == reverse("account_login")


def test_an_account_is_never_connected_and_a_foreign_state_opens_nothing(cast: Cast, house: Provider):
    house.person = {"sub": "u-1", "preferred_username": staff_number(Role.INSPECTOR)}
    signed_in = cast.client(Role.AUDITOR)
    answer = come_in(signed_in, process="connect")
    assert answer["Location"] == reverse("account_login")
    assert SocialAccount.objects.count() == 0
    leaving = Client().post(reverse("openid_connect_login", args=["house"]), {"process": "login"})
    back = requests.get(leaving["Location"], allow_redirects=False, timeout=5).headers["Location"]
    thief = Client()
    assert thief.get(back.removeprefix("http://testserver"))["Location"] == reverse("account_login")
    assert thief.get(reverse("me"))["Location"].startswith(reverse("account_login"))


def test_a_provider_that_is_not_there_leads_back_to_the_password(cast: Cast, house: Provider, settings: Any):
    entry = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    entry["settings"]["server_url"] = "http://127.0.0.1:9"
    client = Client()
    answer = client.post(reverse("openid_connect_login", args=["house"]), {"process": "login"})
    assert answer["Location"] == reverse("account_login")
    assert "现在连不上" in client.get(answer["Location"]).content.decode()


def test_the_policy_of_the_page_lets_the_form_lead_to_the_provider():
    from tuogu.settings import oidc_apps, origin_of

    assert origin_of("https://sso.example.com/realms/house") == ["https://sso.example.com"]
    assert origin_of("") == []
    assert oidc_apps("") == []
    (entry,) = oidc_apps("https://sso.example.com/realms/house")
    assert entry["settings"]["oauth_pkce_enabled"]
