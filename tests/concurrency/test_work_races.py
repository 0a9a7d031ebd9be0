"""A phone sends its outbox on several lines at once, while custody moves: each record is stored once, or waits once."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import connections

import databases
from cast import make_cast
from tuogu.ledger import queries as custody
from tuogu.vault import create_key_file
from tuogu.work.models import Conflict, Record
from work_race import race
from work_world import WorkWorld, make_work

pytestmark = [pytest.mark.database, pytest.mark.req("P-21")]
committed_database = databases.committed_database
KEYS = 8


@pytest.fixture
def world(committed_database: Any) -> WorkWorld:
    create_key_file(settings.TUOGU_KEY_FILE)
    return make_work(make_cast(), count=2)


@pytest.mark.parametrize("moving", [False, True])
def test_the_same_keys_at_once_are_stored_once(
    world: WorkWorld, committed_database: Any, moving: bool
) -> None:
    rows = [{"policy": number, "customer": "C" + number[3:]} for number in world.numbers]
    connections.close_all()
    reports = race(
        committed_database, 4, person=world.manager, other=world.cast.other if moving else 0, rows=rows, keys=KEYS,
        at=world.cast.now.isoformat(),
    )  # fmt: skip
    told = [report for report in reports if "stored" in report]
    stored, waiting = Record.objects.count(), Conflict.objects.count()
    assert sum(report["stored"] for report in told) == stored
    assert stored + waiting == KEYS, "each is stored or waits, once"
    assert not set(Record.objects.values_list("client_key", flat=True)) & set(
        Conflict.objects.values_list("client_key", flat=True)
    )
    assert moving or waiting == 0
    assert all(sum(report.values()) == KEYS for report in told)
    assert custody.verify().problems == ()
