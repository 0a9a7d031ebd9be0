"""Several people want the same pieces, one person claims from several windows: one winner a piece, no limit overrun."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

import databases
from cast import make_cast
from pool_race import race
from pool_world import PoolWorld, make_world, ruled
from tuogu.ledger import queries as custody
from tuogu.org.roles import Role
from tuogu.pools.models import Claim
from tuogu.vault import create_key_file

pytestmark = [pytest.mark.database, pytest.mark.req("P-09")]
committed_database = databases.committed_database
KINDS = ("buffer", "department", "campaign", "other")


@pytest.fixture
def world(committed_database: Any) -> PoolWorld:
    create_key_file(settings.TUOGU_KEY_FILE)
    made = make_world(make_cast(), count=8)
    ruled(made.cast, per_day=dict.fromkeys(KINDS, 3), series=["collection"])
    return made


def test_each_piece_has_one_winner_and_nobody_claims_beyond_the_day(
    world: PoolWorld, committed_database: Any
) -> None:
    people = [world.manager, world.cast.other, world.cast.people[Role.TEAM_LEAD]]
    connections.close_all()
    at = world.cast.now.isoformat()
    reports = race(committed_database, 6, numbers=world.here, people=people, at=at)  # two windows each
    won = Counter(number for report in reports for number in report["won"])
    assert won == Counter(world.here), "eight pieces, nine places: each piece has exactly one winner"
    by_person = Counter(row.person_id for row in Claim.objects.all())
    assert max(by_person.values()) == 3
    for report in reports:
        for number in report["won"]:
            assert world.holder(number) == report["person"]
    said = {why[:4] for report in reports for why in report["why"]}
    assert said <= {"已不在公", "刚刚被 ", "刚刚被别", "今天已从"}, said
    assert custody.verify().problems == ()
