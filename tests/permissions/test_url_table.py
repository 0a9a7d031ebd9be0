"""Every URL × method × post equals the permission table; a wrong post writes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from cast import Cast
from tuogu.org.roles import Role
from tuogu.web.permissions import ANYBODY, KEY, PERMISSIONS, POSTS, Rule

pytestmark = pytest.mark.django_db(databases="__all__")
WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
FORBIDDEN = 403
ENDS_THE_SESSION = {"account_logout", "me_sessions", "demo_door", "account_login"}


def url_names() -> dict[str, dict[str, object]]:
    """Name of every URL of the program → arguments that fit it (they name nothing that exists)."""
    return dict(_walk(get_resolver().url_patterns, ""))


def _walk(
    patterns: list[URLPattern | URLResolver], namespace: str
) -> Iterator[tuple[str, dict[str, object]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(
                pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace
            )
        else:
            converters = pattern.pattern.converters
            arguments = {
                name: 999_999 if "Int" in type(c).__name__ else "none" for name, c in converters.items()
            }
            yield f"{namespace}{pattern.name}", arguments


def test_every_url_has_a_row_and_every_row_a_url():
    assert set(url_names()) == set(PERMISSIONS)


def test_rows_for_posts_give_a_right_to_somebody():
    for name, rule in PERMISSIONS.items():
        assert rule.who != POSTS or rule.posts("GET") | rule.posts("POST"), name


def _address(name: str) -> str:
    return reverse(name, kwargs=url_names()[name] or None)


def _answer(client: Client, name: str, method: str) -> int:
    answer = client.get(_address(name)) if method == "GET" else client.post(_address(name))
    answer.close()  # a download holds its file open until it is closed
    return int(answer.status_code)


def _may(rule: Rule, role: Role, method: str) -> bool:
    return role in rule.posts(method)


@pytest.mark.req("P-12")
@pytest.mark.parametrize("role", list(Role))
def test_each_post_gets_exactly_what_the_table_says(cast: Cast, role: Role):
    client = cast.client(role)
    for name, rule in PERMISSIONS.items():
        if rule.who != POSTS:
            continue
        for method in ("GET", "POST"):
            if _may(rule, role, method):
                status = _answer(client, name, method)
                assert status in {200, 204, 302, 400, 404, 409}, f"{name} {method} as {role}: {status}"
                continue
            with ExitStack() as stack:
                asked = [
                    stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in connections
                ]
                status = _answer(client, name, method)
            assert status == FORBIDDEN, f"{name} {method} as {role}: {status}"
            written = [q["sql"] for queries in asked for q in queries if WRITES.match(q["sql"])]
            assert not written, f"{name} {method} as {role} wrote {written}"


def test_a_stranger_is_sent_to_the_door_by_every_url_but_the_open_ones(cast: Cast):
    client = Client()
    for name, rule in PERMISSIONS.items():
        for method in ("GET", "POST"):
            answer = client.get(_address(name)) if method == "GET" else client.post(_address(name))
            if rule.who == ANYBODY:
                assert answer.status_code != FORBIDDEN, name
            elif rule.who == KEY:
                assert answer.status_code == 401, f"{name} {method}: {answer.status_code}"
                assert answer.headers["Content-Type"] == "application/problem+json", name
            else:
                assert answer.status_code == 302, f"{name} {method}: {answer.status_code}"
                assert answer.headers["Location"].startswith(reverse("account_login")), name


def test_somebody_without_a_post_reaches_only_the_own_account(cast: Cast):
    from tuogu.accounts import actions as accounts
    from tuogu.org import queries as org

    accounts.make_account(
        person=cast.other,
        login="9101",
        password="noch-ein-Wort-8",
        by=org.machine(),
        at=cast.now,
        must_change=False,
    )
    client = cast.client_of(cast.other)
    for name, rule in PERMISSIONS.items():
        if rule.who == POSTS:
            assert _answer(client, name, "GET") == FORBIDDEN, name
    assert _answer(client, "me", "GET") == 200


def test_a_fragment_asked_by_a_stranger_moves_the_whole_window(cast: Cast):
    answer = Client().get(reverse("staff:totals"), headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, reverse("account_login"))


def test_a_session_opens_nothing_of_the_api(cast: Cast):
    for role in Role:
        client = cast.client(role)
        for name, rule in PERMISSIONS.items():
            if rule.who == KEY:
                assert {_answer(client, name, method) for method in ("GET", "POST")} == {401}, name
