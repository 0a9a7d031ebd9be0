"""A branch that was planned on the command line, behind the pages: for tests that walk through it as its people.

In: a folder. Out: the branch on a database of its own to which this process is connected, people at their posts, clients
in which they are signed in. Never: a branch shared by two test files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.test import Client, override_settings

import databases
from branches import Branch, copied_branch
from tuogu import clock
from tuogu.accounts import actions as accounts
from tuogu.accounts.models import Account
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import memory
from tuogu.process_memory import memory as cache

AGENTS_AT_DESKS = 10  # so that some agents of a small branch hold no post


@dataclass
class BranchSite:
    """A branch with people at their posts. `plan` awaits approval; nobody in particular made it."""

    branch: Branch
    plan: int
    people: dict[Role, int]
    clients: dict[int, Client] = field(default_factory=dict)

    def client(self, person: int) -> Client:
        """A browser in which this person is signed in."""
        if person not in self.clients:
            accounts.make_account(
                person=person, login=str(person), password="ein-langes-Wort-7", by=org.machine(), at=clock.now(),
                must_change=False,
            )  # fmt: skip
            client = Client()
            client.force_login(
                Account.objects.get(person_id=person), backend="tuogu.accounts.adapter.StaffBackend"
            )
            self.clients[person] = client
        return self.clients[person]


@contextmanager
def opened_branch(folder: Path, django_db_blocker: Any) -> Iterator[Branch]:
    """A branch of 3,000 customers, planned; this process is connected to its database while the block runs."""
    with ExitStack() as stack:
        database, branch = stack.enter_context(copied_branch(folder))
        stack.enter_context(django_db_blocker.unblock())
        stack.enter_context(databases.connected(database))
        stack.enter_context(override_settings(TUOGU_DEMO=True, SECURE_SSL_REDIRECT=False))
        memory.forget()
        cache.clear()
        yield branch


def appoint_desks(*, lead_of_one_team: bool) -> dict[Role, int]:
    """One person of the branch for each post at a desk, who may see everything; the lead may be held to one team."""
    today = clock.business_today()
    staff = org.people(Scope.everything(), today).sort("staff_number")
    desks = [role for role in Role if role is not Role.ACCOUNT_MANAGER]
    agents, planners = (staff.filter(series=s)["custodian_id"].to_list() for s in ("marketing", "planner"))
    people = dict(zip(desks, [*agents[:AGENTS_AT_DESKS], *planners, *agents[AGENTS_AT_DESKS:]], strict=False))
    team = staff.filter(series="collection")["team_code"][0] if lead_of_one_team else None
    for role, person in people.items():
        code = team if role is Role.TEAM_LEAD else None
        org_actions.appoint(
            person,
            role,
            institution_code=code,
            everywhere=code is None,
            from_date=today,
            by=org.machine(),
            at=clock.now(),
        )
    return people
