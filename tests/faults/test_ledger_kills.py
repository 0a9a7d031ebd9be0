"""`kill -9` while the ledger is written: nothing acknowledged is lost, nothing is half done."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from typing import Any

import pytest
from django.db import connections

import databases
from ledger_kill import ROWS, killing
from ledger_world import make_world, open_policies

pytestmark = [pytest.mark.database, pytest.mark.req("S0-19", "N-01")]
committed_database = databases.committed_database


def world_with(count: int) -> dict[str, Any]:
    """A committed world with `count` open policies, as plain values; no connection stays open."""
    world = make_world()
    subjects = open_policies(world, count, None) if count else []
    connections.close_all()
    return {**asdict(world), "subjects": subjects}


def check_random_kills(database: Any, kills: int, seed: int) -> int:
    """Returns how many acts were acknowledged before the kills."""
    reports = killing(database, "random_kills", kills=kills, seed=seed, world=world_with(0))
    assert len(reports) == kills
    for report in reports:
        assert report["lost"] == [], report
        assert report["problems"] == [], report
        assert set(map(tuple, report["sizes"])) <= {("open", ROWS), ("release", ROWS - 1)}, report
    entries = [report["entries"] for report in reports]
    assert entries == sorted(entries), "nothing that was there is gone"
    return sum(len(report["acknowledged"]) for report in reports)


def test_a_few_kills_lose_nothing_and_leave_nothing_half_done(committed_database: Any) -> None:
    assert check_random_kills(committed_database, kills=5, seed=1) > 10


@pytest.mark.faults
def test_a_hundred_kills_lose_nothing_and_leave_nothing_half_done(committed_database: Any) -> None:
    assert check_random_kills(committed_database, kills=100, seed=2) > 300


def test_a_release_killed_at_any_of_its_statements_is_whole_or_absent(committed_database: Any) -> None:
    reports = killing(committed_database, "every_statement", world=world_with(30))
    assert len(reports) > 10, "a release is more than ten statements"
    assert [report["problems"] for report in reports] == [[]] * len(reports)
    releases = [report["releases"] for report in reports]
    assert releases[:10] == [0] * 10
    assert [after - before in (0, 1) for before, after in pairwise(releases)] == [True] * (len(releases) - 1)
    assert reports[-1]["said"] == ["released"]
    assert releases[-1] >= 1, "the commit stands before the last statements, which only tidy up"


def test_without_its_transaction_the_same_kills_leave_half_a_release(committed_database: Any) -> None:
    """The guard is taken away: the check must see what it is there to see."""
    reports = killing(committed_database, "every_statement", world=world_with(30), careless=True)
    found = {code for report in reports for code in report["problems"]}
    assert {"batch_size", "holding_differs"} <= found
