"""The cast of the web tests: a branch with two teams, one signed-in person for each post, and a colleague or two.

In: a database. Out: who they are by role, and a client that is signed in as one of them. Never: a real password hash
(slow), a second factor (tests of the door set one up themselves).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from django.test import Client

import branch as tiny
from tuogu import clock
from tuogu.accounts import actions as accounts
from tuogu.accounts.models import Account
from tuogu.core.tables import INSTITUTIONS
from tuogu.org import actions
from tuogu.org import queries as org
from tuogu.org.roles import Role

PASSWORD = "ein-langes-Wort-7"
TREE = [
    ("H", "总公司", "head", None), ("B", "宁波分公司", "branch", "H"), ("D", "收展部", "department", "B"),
    ("T1", "收展一组", "team", "D"), ("T2", "收展二组", "team", "D"), ("X", "外地分公司", "branch", "H"),
]  # fmt: skip
POSTED_AT = {Role.TEAM_LEAD: "T1", Role.ACCOUNT_MANAGER: "T1"}  # everybody else at the branch


@dataclass(frozen=True)
class Cast:
    """Custodian ids and staff numbers. `people` by role; `other` works in team 2, `stranger` in another branch."""

    people: dict[Role, int]
    numbers: dict[int, str]
    other: int
    stranger: int
    today: date
    now: datetime

    def client(self, role: Role) -> Client:
        """A browser in which the person of that post is signed in."""
        return self.client_of(self.people[role])

    def client_of(self, person: int) -> Client:
        """A browser in which this person is signed in."""
        client = Client()
        client.force_login(
            Account.objects.get(person_id=person), backend="tuogu.accounts.adapter.StaffBackend"
        )
        return client


def staff_number(role: Role) -> str:
    """The staff number that the cast gives to a role."""
    return f"90{list(Role).index(role):02d}"


def make_cast() -> Cast:
    """Write the cast into the database that is connected."""
    now, today, machine = clock.now(), clock.business_today(), org.machine()
    earlier = now - timedelta(days=30)
    rows = [
        {"institution_code": c, "name": n, "level": v, "parent_code": p, "region_code": None}
        for c, n, v, p in TREE
    ]
    actions.sync_institutions(pl.DataFrame(rows, schema=INSTITUTIONS), by=machine, at=earlier)
    people = [_row(staff_number(role), role.label, POSTED_AT.get(role, "T1"), "B") for role in Role]
    people += [_row("9101", "方二组", "T2", "B"), _row("9201", "外地人", "X", "X")]
    actions.sync_people(tiny.people(*people), by=machine, at=earlier)
    ids = dict(org.staff_ids().select("staff_number", "custodian_id").iter_rows())
    by_role = {role: ids[staff_number(role)] for role in Role}
    for role, person in by_role.items():
        code = POSTED_AT.get(role, "B")
        actions.appoint(person, role, institution_code=code, from_date=today, by=machine, at=now)
        accounts.make_account(
            person=person,
            login=staff_number(role),
            password=PASSWORD,
            by=machine,
            at=now,
            must_change=False,
            demo=True,
        )
    actions.set_duty(org.buffer_group(), by_role[Role.BUFFER_MEMBER], from_date=today, by=machine, at=now)
    return Cast(by_role, {i: n for n, i in ids.items()}, ids["9101"], ids["9201"], today, now)


def _row(number: str, name: str, team: str, institution: str) -> dict[str, Any]:
    return {
        "staff_number": number, "name": f"{name}甲", "team_code": team, "institution_code": institution,
        "phone": f"1390000{number}", "address": "宁波市海曙区白云街道白沙社区12幢304室",
    }  # fmt: skip
