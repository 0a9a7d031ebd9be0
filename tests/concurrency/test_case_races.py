"""Two people of quality decide the same case at the same instant: one decision stands, the other is told so."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import connections

import databases
from case_race import race
from case_world import CaseWorld, make_world
from cast import make_cast
from tuogu.cases.models import CaseStep
from tuogu.ledger import queries as custody
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.vault import create_key_file

pytestmark = [pytest.mark.database, pytest.mark.req("S1-31", "S0-24")]
committed_database = databases.committed_database
WORKERS = 4


@pytest.fixture
def world(committed_database: Any) -> CaseWorld:
    create_key_file(settings.TUOGU_KEY_FILE)
    made = make_world(make_cast(), count=1)
    org_actions.appoint(
        made.cast.other, Role.INSPECTOR, institution_code="B", from_date=made.cast.today, by=org.machine(),
        at=made.cast.now,
    )  # fmt: skip
    return made


@pytest.mark.parametrize("other", ["return", "confirm"])
def test_of_two_decisions_at_once_one_stands(world: CaseWorld, committed_database: Any, other: str) -> None:
    case = world.open("difficult")
    world.search(case)
    world.text(case, "report", report="六种方式均无法联系")
    before = CaseStep.objects.filter(case_id=case).count()
    steps = [
        {"name": "confirm", "by": world.person(Role.INSPECTOR)},
        {"name": other, "by": world.cast.other, "texts": {"reason": "再找一找"} if other == "return" else {}},
    ]
    connections.close_all()
    told = race(committed_database, WORKERS, case=case, steps=steps, at=world.cast.now.isoformat())

    done, refused = [one for one in told if "state" in one], [one for one in told if "refused" in one]
    assert (len(done), len(refused)) == (1, WORKERS - 1)
    assert world.state(case) == done[0]["state"]
    assert CaseStep.objects.filter(case_id=case).count() == before + 1
    assert all("没有写入任何数据" in one["refused"] for one in refused)
    moved = world.holder() != world.manager
    assert moved == (done[0]["state"] == "confirmed"), "custody follows the decision that stands"
    assert custody.verify().problems == ()
