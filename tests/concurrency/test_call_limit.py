"""Many calls of one key at once: no minute has more than its number, on either database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

import databases
from tuogu import clock
from tuogu.integration import actions
from tuogu.integration.models import CallDay

pytestmark = pytest.mark.database
committed_database = databases.committed_database
AT_ONCE, LIMIT, KEY = 24, 7, 41


def test_calls_at_once_cannot_overrun_the_minute(committed_database: Any):
    now = clock.now().replace(hour=5, minute=30, second=10)

    def call(_turn: int) -> bool:
        try:
            return actions.within_limit(KEY, per_minute=LIMIT, at=now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(call, range(AT_ONCE)))
    assert sum(allowed) == LIMIT

    later = now + timedelta(minutes=1)
    assert actions.within_limit(KEY, per_minute=LIMIT, at=later)
    assert CallDay.objects.get(key_id=KEY).minute_calls == 1
    late = [actions.within_limit(KEY, per_minute=LIMIT, at=now) for _ in range(LIMIT)]
    assert sum(late) == LIMIT - 1, (
        "a call that comes late takes from the newer minute and does not open the old one again"
    )
    assert actions.within_limit(KEY + 1, per_minute=LIMIT, at=now), "each key has its own"
    assert not actions.within_limit(KEY, per_minute=0, at=later + timedelta(minutes=1))
