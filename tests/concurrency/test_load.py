"""Twenty people for twenty seconds on PostgreSQL: `make load` (five hundred, ten minutes), small."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import load_run

PEOPLE, SECONDS, THINK = 20, 20, 2.0


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
def test_twenty_people_at_once_meet_no_error_and_lose_nothing(tmp_path: Path):
    if not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed: the load cannot run")
        pytest.skip("!!! PostgreSQL is not installed: the load did not run !!!")
    pages, faults = load_run.run(PEOPLE, SECONDS, tmp_path, THINK)
    assert faults == []
    assert [page for page in pages if page.failures] == []
    assert pages[-1].requests >= PEOPLE * 3


def test_a_page_that_fails_or_is_slow_or_a_lost_record_fails_the_run():
    fine = load_run.Page("phone: today", 100, 0, 40, 500)
    whole = load_run.Page("", 100, 0, 40, 500)
    assert load_run.judged([fine, whole], []) == []
    assert load_run.judged([load_run.Page("phone: today", 100, 1, 40, 90), whole], []) == [
        "phone: today: 1 failed"
    ]
    assert load_run.judged([load_run.Page("phone: today", 100, 0, 40, 501), whole], []) == [
        "phone: today: p95 501 ms"
    ]
    assert load_run.judged([fine, whole], ["accepted, not stored: k"]) == ["accepted, not stored: k"]
    assert load_run.judged([load_run.Page("", 0, 0, 0, 0)], []) == ["nobody did anything"]


def test_the_share_is_of_requests_not_of_different_times():
    times = {10.0: 94, 600.0: 6}
    assert load_run._reached(times, 0.95) == 600
    assert load_run._reached({10.0: 95, 600.0: 5}, 0.95) == 10
