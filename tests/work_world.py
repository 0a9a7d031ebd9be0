"""A branch in which an account manager has been handed policies: for tests of tasks and records.

In: a cast. Out: orphan policies in custody of the manager, records written short. Never: a clock of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from cast import Cast
from listed_world import GONE, import_rows, policy_rows
from pool_world import hand_over
from tuogu.core.custody import business_date
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import SubjectKind
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.work import actions, queries

CARD = {"content": "保单年检", "attitude": "热情", "questions": "无"}


@dataclass
class WorkWorld:
    """`numbers`: policies that the manager holds, C… the customer of P…."""

    cast: Cast
    numbers: list[str]
    filed: int = 0

    @property
    def manager(self) -> int:
        return self.cast.people[Role.ACCOUNT_MANAGER]

    def later(self, days: float) -> datetime:
        return self.cast.now + timedelta(days=days)

    def day(self, days: int) -> date:
        return business_date(self.later(days))

    def roll(self, days: int = 0) -> int:
        return actions.roll(by=org.machine(), at=self.later(days))

    def said(self, customer: str, *, days: float = 0, **more: Any) -> actions.Said:
        """A call that reached the customer, or what `more` says."""
        self.filed += 1
        usual: dict[str, Any] = {
            "client_key": f"key-{self.filed}", "customer": customer, "kind": "call", "outcome": "reached",
            "reason": "explanation", "happened_at": self.later(days) - timedelta(minutes=5),
        }  # fmt: skip
        if more.get("kind") == "visit":
            usual |= {"outcome": "met", "card": CARD}
        if more.get("outcome", "met") != "met":
            usual["card"] = {}
        return actions.Said(**{**usual, **more})

    def record(self, customer: str, *, days: float = 0, by: int | None = None, **more: Any) -> actions.Filed:
        return actions.record(
            self.said(customer, days=days, **more), by=by or self.manager, at=self.later(days)
        )

    def visit(self, customer: str, *, days: float = 0, **more: Any) -> actions.Filed:
        return self.record(customer, days=days, kind="visit", **more)

    def tasks(self, days: int = 0, *, person: int | None = None, view: str = "all") -> list[queries.TaskRow]:
        return queries.tasks_of(person or self.manager, self.day(days), view=view)

    def owed(self, customer: str, days: int = 0, *, person: int | None = None) -> dict[str, queries.TaskRow]:
        """The open tasks of one customer by duty."""
        return {t.obligation: t for t in self.tasks(days, person=person) if t.customer_number == customer}

    def subject(self, number: str) -> int:
        return custody.heads_by_number([number], kind=SubjectKind.POLICY)[number].subject_id

    def give(self, numbers: list[str], to: int, *, key: str, days: int = 0) -> None:
        """Hand policies over by two people."""
        hand_over(replace(self.cast, now=self.later(days), today=self.day(days)), numbers, to, key=key)


def make_work(cast: Cast, count: int = 4, **columns: Any) -> WorkWorld:
    """`count` orphan policies, one a customer, released to the account manager today."""
    rows = [row | columns for row in policy_rows(count, agent=GONE)]
    import_rows(cast, rows)
    numbers = [row["policy_number"] for row in rows]
    hand_over(cast, numbers, cast.people[Role.ACCOUNT_MANAGER], key="to-manager")
    return WorkWorld(cast, numbers)
