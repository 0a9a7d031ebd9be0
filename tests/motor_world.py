"""A branch with a small motor book, for tests of the clock and what follows it.

In: a cast. Out: motor policies in custody of the account manager of team 1, days counted from a fixed one (in a year whose
festivals nobody knows yet, so that nothing moves). Never: the clock of the machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from cast import Cast, staff_number
from listed_world import GONE, customer_rows, import_rows, policy_rows
from tuogu import clock
from tuogu.core.custody import SHANGHAI, business_date
from tuogu.core.motor.tables import MOTOR
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.privacy import actions as privacy
from tuogu.renewals import actions
from tuogu.renewals.firing import fire_one
from tuogu.renewals.models import FiredStep, MotorPolicy
from tuogu.work import actions as work
from tuogu.work.kinds import Purpose
from tuogu.work.said import Said

START = datetime(2031, 6, 3, 10, tzinfo=SHANGHAI)  # a Tuesday
EVERYTHING = Scope.everything()
SELLER = staff_number(Role.ACCOUNT_MANAGER)


@dataclass
class MotorWorld:
    """`V…` policies of customers `C…`; `day` counts from START."""

    cast: Cast
    day: int = 0
    filed: int = field(default=0)

    @property
    def at(self) -> datetime:
        return START + timedelta(days=self.day)

    @property
    def today(self) -> date:
        return business_date(self.at)

    def person(self, role: Role) -> int:
        return self.cast.people[role]

    @property
    def manager(self) -> int:
        return self.person(Role.ACCOUNT_MANAGER)

    @property
    def leader(self) -> int:
        return self.person(Role.TEAM_LEAD)

    @property
    def city(self) -> int:
        return self.person(Role.RENEWAL_ADMINISTRATOR)

    def subject(self, number: str) -> int:
        return int(MotorPolicy.objects.values_list("pk", flat=True).get(number=number))

    def holder(self, number: str, relation: str = Relation.CUSTODY) -> int | None:
        return custody.holders_of([self.subject(number)], relation=relation)[
            self.subject(number)
        ].custodian_id

    def import_motor(self, *rows: dict[str, Any], data_date: date | None = None) -> dict[str, int]:
        """Rows short: number, and what differs."""
        usual = {
            "plate_number": None, "frame_number": None, "premium_fen": 300_000, "agent_number": SELLER,
            "entrant_number": SELLER, "institution_code": "T1", "channel": "直销", "fleet_number": None, "important": False,
            "previous_number": None,
        }  # fmt: skip
        whole = []
        for row in rows:
            expiry = row["expiry_date"]
            start = row.get("start_date", expiry - timedelta(days=364))
            whole.append({**usual, "start_date": start, **row})
        frame = pl.DataFrame([[row[name] for name in MOTOR] for row in whole], schema=MOTOR, orient="row")
        return actions.import_motor(frame, data_date=data_date or self.today, by=self.city, at=self.at)

    def book(self, expiry_day: int, *differing: dict[str, Any]) -> list[str]:
        """Policies V1… of customers C000000… that expire so many days after START."""
        expiry = START.date() + timedelta(days=expiry_day)
        numbers = [f"V{i}" for i in range(1, len(differing) + 1)]
        self.import_motor(*(
            {"policy_number": number, "holder_number": f"C{i:06d}", "expiry_date": expiry, **row}
            for i, (number, row) in enumerate(zip(numbers, differing, strict=True))
        ))  # fmt: skip
        return numbers

    def roll(self) -> int:
        return actions.roll(by=org.machine(), at=self.at)

    def tick(self, hours: int = 0) -> int:
        return actions.tick(by=org.machine(), at=self.at + timedelta(hours=hours))

    def run_to(self, day: int) -> None:
        """Every day up to `day`, that one included."""
        while self.day < day:
            self.day += 1
            self.roll()

    def fired(self, number: str) -> dict[str, int]:
        """step (with its round from the second on) → days after START on which it fired."""
        rows = FiredStep.objects.filter(subject_id=self.subject(number)).order_by("pk")
        return {
            row.step if row.round == 1 else f"{row.step}:{row.round}": (row.fired_date - START.date()).days
            for row in rows
        }

    def talk(self, customer: str, *, by: int | None = None, **more: Any) -> int:
        """A call about renewal that reached the customer; returns the record."""
        self.filed += 1
        usual: dict[str, Any] = {
            "client_key": f"talk-{self.filed}", "customer": customer, "kind": "call", "outcome": "reached",
            "reason": "due_reminder", "purpose": str(Purpose.RENEWAL), "happened_at": self.at - timedelta(minutes=5),
        }  # fmt: skip
        return work.record(Said(**{**usual, **more}), by=by or self.manager, at=self.at).record_id

    def registered(self) -> None:
        """The gateway of text messages, assessed."""
        privacy.register_party(
            "sms_gateway", name="sms_gateway", purpose="续保提醒", ground="contract", assessed_date=START.date(),
            assessment_ref="PIA-2", until_date=START.date() + timedelta(days=400), by=org.machine(), at=START,
        )  # fmt: skip


class Renewals(MotorWorld):
    """A motor book that lives today: pages ask the machine's clock."""

    @property
    def at(self) -> Any:
        return clock.now()

    def stock(self, *days: int, **more: Any) -> list[str]:
        """V1… of customers C000000…, expiring so many days from today."""
        numbers = [f"V{place}" for place in range(1, len(days) + 1)]
        self.import_motor(*(
            {"policy_number": number, "holder_number": f"C{place:06d}", "plate_number": f"浙B{place:05d}",
             "expiry_date": self.today + timedelta(days=left), **more}
            for place, (number, left) in enumerate(zip(numbers, days, strict=True))
        ))  # fmt: skip
        actions.run_list(self.today, by=org.machine(), at=self.at)
        return numbers

    def settle(self, number: str, to: str) -> None:
        """Fire the step that the test needs, by hand: the clock's own days are tested elsewhere."""
        fire_one(self.subject(number), to, due=self.today, person=self.manager, reason="", at=self.at)


def make_motor(cast: Cast, customers: int = 8) -> MotorWorld:
    """Customers C000000… with phones, no motor policy yet."""
    rows = policy_rows(customers, agent=GONE)
    import_rows(cast, rows, customer_rows(rows))
    return MotorWorld(cast)
