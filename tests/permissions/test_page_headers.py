"""Every page of the URL table answers under the same Content-Security-Policy and keeps to it."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from cast import Cast
from permissions.test_url_table import url_names
from tuogu.org.roles import Role
from tuogu.web.permissions import PERMISSIONS, POSTS

pytestmark = pytest.mark.django_db(databases="__all__")
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", re.IGNORECASE)
HANDLER = re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE)
ELSEWHERE = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//""", re.IGNORECASE)


def policy_of(header: str) -> dict[str, list[str]]:
    """The directives of a Content-Security-Policy."""
    parts = [part.split() for part in header.split(";") if part.strip()]
    return {name: values for name, *values in parts}


def pages(cast: Cast) -> list[tuple[str, object]]:
    """(URL name, answer to GET) of each URL as somebody who may read it."""
    clients = {role: cast.client(role) for role in Role}
    answers = []
    for name, arguments in url_names().items():
        rule = PERMISSIONS[name]
        readers = sorted(rule.posts("GET")) if rule.who == POSTS else [Role.RESOURCE_CLERK]
        if name in {"account_logout", "account_login", "mfa_authenticate"}:
            answers.append((name, Client().get(reverse(name))))
        elif readers:
            answers.append((name, clients[Role(readers[0])].get(reverse(name, kwargs=arguments or None))))
    return answers


def test_every_page_keeps_to_one_strict_policy(cast: Cast):
    found = pages(cast)
    assert len(found) > 30
    for name, answer in found:
        policy = policy_of(answer.headers["Content-Security-Policy"])
        assert policy["default-src"] == ["'none'"], name
        assert policy["script-src"] == policy["connect-src"] == policy["style-src"] == ["'self'"], name
        assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"], name
        loose = [
            directive
            for directive, values in policy.items()
            if "'unsafe-inline'" in values or "'unsafe-eval'" in values
        ]
        assert loose == ["style-src-attr"], name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            text = answer.content.decode()
            for pattern in (INLINE_SCRIPT, HANDLER, ELSEWHERE, re.compile("<style")):
                assert not pattern.search(text), f"{name}: {pattern.pattern}"
        answer.close()


def test_error_pages_say_whether_anything_was_written(cast: Cast):
    clerk = cast.client(Role.RESOURCE_CLERK)
    missing = clerk.get("/no/such/page/")
    refused = cast.client(Role.ACCOUNT_MANAGER).get(reverse("staff:list"))
    stale = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "x", "password": "y"})
    broken = clerk.get(reverse("home"), headers={"Host": "elsewhere.example"})
    for answer, status, words in (
        (missing, 404, "没有这一页"), (refused, 403, "无权查看"), (stale, 403, "表单已过期"), (broken, 400, "请求不完整"),
    ):  # fmt: skip
        assert answer.status_code == status
        text = answer.content.decode()
        assert words in text
        assert "没有写入任何数据" in text
        assert answer.headers["Content-Security-Policy"]
    text = refused.content.decode()
    assert "资源管理岗" in text, "which post may"
    assert f"组长甲 {cast.numbers[cast.people[Role.TEAM_LEAD]]}" in text, "whom to ask"


def test_a_crash_tells_a_number_and_nothing_else(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> object:
        raise ValueError("张三丰 13812345678")

    client = cast.client(Role.RESOURCE_CLERK)
    client.raise_request_exception = False
    monkeypatch.setattr("tuogu.web.staff.views.staff_filter", fail)
    answer = client.get(reverse("staff:list"))
    text = answer.content.decode()
    assert answer.status_code == 500
    assert "报给管理员的编号" in text
    assert "张三丰" not in text
    assert not settings.DEBUG
