"""The open round and the second allocation of motor renewal: everybody claims at once, each policy has one winner and one
naming."""

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
from tuogu.ledger.kinds import Relation
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.renewals import actions, queries
from tuogu.renewals.models import MotorPolicy, Naming
from tuogu.vault import create_key_file

pytestmark = pytest.mark.database
committed_database = databases.committed_database
RUN, OPEN = date(2026, 3, 1), date(2026, 3, 8)
EXPIRY = RUN + timedelta(days=80)
FINAL = EXPIRY - timedelta(days=5)


@pytest.mark.req("S3-04", "S3-06")
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


@pytest.mark.req("S3-13")
def test_what_a_leader_gave_up_has_one_new_person(committed_database: Any) -> None:
    """The city's round: everybody takes it at the same instant. One wins; the others are told; the owner stays."""
    create_key_file(settings.TUOGU_KEY_FILE)
    city, machine = make_city(), org.machine()
    store(row("P1", EXPIRY), day=date(2026, 2, 20))
    subject = int(MotorPolicy.objects.values_list("pk", flat=True).get(number="P1"))
    actions.run_list(RUN, by=machine, at=moment(RUN))
    actions.roll(by=machine, at=moment(FINAL, 6))
    leader = Scope.everything()
    org_actions.appoint(
        city.ids["A2"], Role.BRANCH_MANAGER, everywhere=True, from_date=RUN, by=machine, at=moment(RUN)
    )
    actions.confirm_final(subject, can_renew=False, why="联系不上", by=city.ids["A2"], at=moment(FINAL))
    actions.tick(by=machine, at=moment(FINAL + timedelta(days=1), 10))
    assert [one.round for one in queries.second_waiting(leader, moment(FINAL + timedelta(days=1), 11))] == [
        "second_city"
    ]
    people = [city.ids[number] for number in ("A2", "B1", "B2")]
    connections.close_all()
    at = moment(FINAL + timedelta(days=1), 11).isoformat()
    reports = race(committed_database, len(people), job="second", people=people, subject=subject, at=at)
    (winner,) = [report["person"] for report in reports if report["won"]]
    assert {report["why"] for report in reports if not report["won"]} <= {"RenewalRefused", "RenewalUnknown"}
    assert list(Naming.objects.filter(round="second_city").values_list("person_id", flat=True)) == [winner]
    assert custody.holders_of([subject])[subject].custodian_id == winner
    owner = custody.holders_of([subject], relation=Relation.OWNERSHIP)[subject].custodian_id
    assert owner == city.ids["A1"]
