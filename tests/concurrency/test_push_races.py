"""The same push eight times at once: one effect, one answer, on either database."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

import databases
from api_world import customers, institutions, make_machine, policies
from cast import make_cast
from listed_world import OTHER
from tuogu.books.models import ImportRun
from tuogu.integration.models import Push
from tuogu.ledger.models import Entry
from tuogu.vault import create_key_file

pytestmark = pytest.mark.database
committed_database = databases.committed_database
AT_ONCE = 6


def test_concurrent_duplicates_have_one_effect(committed_database: Any, settings: Any):
    settings.TUOGU_DEMO, settings.SECURE_SSL_REDIRECT = True, False
    create_key_file(committed_database.directory / "keys")
    cast = make_cast()
    machine = make_machine(cast)
    machine.post("/institutions", institutions(cast))
    machine.post("/customers", customers(cast, 0, 2))
    runs, content = ImportRun.objects.count(), policies(cast, 0, 2, agent=OTHER)
    together = Barrier(AT_ONCE)

    def push(_number: int) -> tuple[int, str]:
        try:
            together.wait(30)
            answer = machine.post("/policies", content, idempotency="all-at-once")
            return answer.status_code, answer.content.decode()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(push, range(AT_ONCE)))
    assert {status for status, _ in answers} == {200}, answers
    assert len({text for _, text in answers}) == 1
    assert json.loads(answers[0][1])["accepted"] == 2
    assert ImportRun.objects.count() == runs + 1
    assert Entry.objects.filter(relation="custody").count() == 2
    assert Push.objects.filter(idempotency_key="all-at-once").count() == 1
