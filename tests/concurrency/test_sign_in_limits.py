"""Attempts to sign in are counted for all web processes together: what one has refused, no other lets in."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client, override_settings
from django.urls import reverse

import databases
from cast import PASSWORD, make_cast, staff_number
from tuogu.org.roles import Role

committed_database = databases.committed_database
pytestmark = pytest.mark.database
ANOTHER_PROCESS = """
import sys
import django
django.setup()
from django.test import Client
answer = Client(HTTP_HOST="localhost").post("/sign-in/", {"login": sys.argv[1], "password": sys.argv[2]})
print(answer.status_code, "次数太多" in answer.content.decode())
"""


def in_another_process(database: databases.Database, number: str, password: str) -> str:
    environment = database.environment | {"TUOGU_HTTP": "1", "TUOGU_SECRET_KEY": "x"}
    done = subprocess.run(
        [sys.executable, "-c", ANOTHER_PROCESS, number, password],
        env=environment, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return done.stdout.strip()


def test_two_processes_share_the_limit(committed_database: databases.Database):
    from tuogu.vault import create_key_file

    create_key_file(committed_database.directory / "keys")
    hashers = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    with override_settings(SECURE_SSL_REDIRECT=False, PASSWORD_HASHERS=hashers, TUOGU_DEMO=False):
        make_cast()
        number = staff_number(Role.AUDITOR)
        assert in_another_process(committed_database, number, PASSWORD) == "302 False", "the right one opens"
        client = Client(HTTP_HOST="localhost")  # the count is for one host name
        for _ in range(6):
            answer = client.post(reverse("account_login"), {"login": number, "password": "wrong-wrong-1"})
        assert "次数太多" in answer.content.decode()
        assert in_another_process(committed_database, number, PASSWORD) == "200 True"


@pytest.mark.django_db(databases="__all__")
def test_what_is_counted_lies_in_a_table_beside_the_ledger(db: None, settings: Any):
    from django.db import connections

    from tuogu.accesslog.router import side_alias

    caches["default"].set("a", [1], 60)
    with connections[side_alias()].cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM shared_cache WHERE cache_key LIKE %s", ["%:a"])
        assert cursor.fetchone() == (1,)
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
