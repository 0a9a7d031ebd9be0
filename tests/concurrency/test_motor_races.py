"""The open round of motor renewal: everybody claims at once, each policy has one winner and one naming."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

import databases
from motor_books import make_city, moment, row, store
from motor_race import race
from tuogu.ledger import queries as custody
from tuogu.org import queries as org
from tuogu.renewals import actions
from tuogu.renewals.models import MotorPolicy, Naming
from tuogu.vault import create_key_file

pytestmark = [pytest.mark.database, pytest.mark.req("S3-04", "S3-06")]
committed_database = databases.committed_database
RUN, OPEN = date(2026, 3, 1), date(2026, 3, 8)


def test_each_policy_has_one_winner_also_when_its_branch_names_somebody(committed_database: Any) -> None:
    create_key_file(settings.TUOGU_KEY_FILE)
    city = make_city()
    numbers = [f"P{i}" for i in range(8)]
    store(*(row(n, RUN + timedelta(days=80), agent_number=None) for n in numbers), day=date(2026, 2, 20))
    actions.run_list(RUN, by=org.machine(), at=moment(RUN))
    actions.roll_claims(by=org.machine(), at=moment(OPEN, 1))
    people = [city.ids[n] for n in ("A1", "A2", "B1", "B2")]
    connections.close_all()
    reports = race(committed_database, 5, people=people, numbers=numbers, at=moment(OPEN).isoformat())
    won = Counter(number for report in reports for number in report["won"])
    assert set(won) == set(numbers)
    named = dict(Naming.objects.order_by("pk").values_list("subject__number", "person_id"))
    assert Naming.objects.count() == len(numbers)  # one winner each, whoever said nothing new is not written
    now = custody.holders_of(MotorPolicy.objects.values_list("pk", flat=True))
    holders = {custody.numbers_of([subject])[subject]: one.custodian_id for subject, one in now.items()}
    assert holders == named
