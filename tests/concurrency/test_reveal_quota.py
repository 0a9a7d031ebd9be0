"""Eight requests of one person at once: the day's quota of clear looks holds on either database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

import databases
from tuogu import clock
from tuogu.accesslog import actions, queries
from tuogu.org import queries as org

pytestmark = pytest.mark.database
committed_database = databases.committed_database
AT_ONCE, QUOTA = 8, 3


def test_requests_at_once_cannot_overrun_the_quota(committed_database: Any):
    person, now = org.machine(), clock.now()

    def look(number: int) -> bool:
        try:
            actions.reveal(
                by=person, subject_kind="policy", subject=f"P{number}", fields="phone", reason="核对来电", per_day=QUOTA,
                at=now,
            )  # fmt: skip
        except actions.RevealRefused:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        allowed = list(pool.map(look, range(AT_ONCE)))
    assert sum(allowed) == QUOTA
    assert queries.reveals_left(person, clock.business_today(), QUOTA) == 0
