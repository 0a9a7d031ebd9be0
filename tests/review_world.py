"""A department that keeps logs: a manager of accounts, the supervisor, the team head, the department's manager, quality.

In: the cast. Out: days of work, acts as people take them. Never: a shortcut past the room's own actions, except history that
would take weeks (`past_check`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cast import Cast
from tuogu.core.custody import business_date
from tuogu.core.draw import SALT_BYTES, commitment
from tuogu.data.workdays import is_working_day
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.review import actions
from tuogu.review import queries as review
from tuogu.review.models import Check

FULL = {
    "work": "电话五次，面访两位", "collection": "提醒两位", "development": "无", "achievement": "完成",
    "next_plan": "拜访三位",
}  # fmt: skip
EVERYTHING = Scope.everything()


@dataclass
class World:
    """Who is who, and the moment at which the next act happens."""

    cast: Cast
    owner: int
    supervisor: int
    head: int
    manager: int
    quality: int
    at: datetime

    @property
    def day(self) -> date:
        """The business day of the next act."""
        return business_date(self.at)

    def next_day(self, n: int = 1) -> date:
        """Go on by n working days."""
        for _ in range(n):
            self.at += timedelta(days=1)
            while not is_working_day(self.day):
                self.at += timedelta(days=1)
        return self.day

    def log(self, person: int | None = None, **texts: str) -> int:
        """File today's log."""
        who = person or self.owner
        return actions.file_log(who, self.day, {**FULL, **texts}, by=who, at=self.at)

    def mark(self, points: int, day: date | None = None, person: int | None = None) -> int:
        """The supervisor's mark, whole points."""
        found = actions.Found(found_points=points * 100, session="evening")
        return actions.inspect(
            "supervisor", person or self.owner, day or self.day, found, by=self.supervisor, at=self.at
        )

    def by_head(self, points: int, *, noted: bool) -> int:
        """The team head's look."""
        found = actions.Found(found_points=points * 100, noted=noted)
        return actions.inspect("head", self.owner, self.day, found, by=self.head, at=self.at)

    def drawn(self) -> int:
        """A settled lot of today that drew everybody who could be drawn (the share is set to all by the caller)."""
        lot = actions.open_lot("D", key=b"k" * 32, by=self.manager, at=self.at)
        parties = [(self.manager, b"m" * 32), (self.quality, b"q" * 32)]
        salts = {person: seed[:1] * SALT_BYTES for person, seed in parties}
        for person, seed in parties:
            actions.commit_lot(lot, commitment=commitment(salts[person], seed), by=person, at=self.at)
        for person, seed in parties:
            actions.reveal_lot(lot, salt=salts[person], seed=seed, by=person, at=self.at)
        return lot

    def random_check(
        self, points: int | None, *, outcome: str = "seen", person: int | None = None, **more: Any
    ) -> int:
        """The department's random check of somebody whom a lot of today drew."""
        who = person or self.owner
        found = actions.Found(outcome=outcome, found_points=None if points is None else points * 100, **more)
        lot = (
            next((one.id for one in review.lots(EVERYTHING) if one.lot_date == self.day), None)
            or self.drawn()
        )
        return actions.inspect("department", who, self.day, found, by=self.manager, at=self.at, lot=lot)

    def past_check(self, outcome: str) -> int:
        """A random check as it stands in the books, without its lot: for rows of many weeks."""
        made = Check.objects.create(
            level="department", person_id=self.owner, log_date=self.day, checked_date=self.day, outcome=outcome,
            log_id=review.log_of(self.owner, self.day).id if outcome == "seen" else None,
            found_points=1800 if outcome == "seen" else None, by_id=self.manager, at=self.at,
        )  # fmt: skip
        return int(made.pk)

    def judged(self) -> list[review.PenaltyLine]:
        """Bring the ledger up and read it, the oldest first."""
        actions.judge(by=org.machine(), at=self.at)
        return list(reversed(review.penalty_page(EVERYTHING, size=500)))

    def tell_all(self) -> int:
        """Tell everybody of what nobody was told of."""
        return actions.notify(review.untold(EVERYTHING), by=self.quality, at=self.at)


def make_world(cast: Cast) -> World:
    """The cast with a second line of posts: `other` leads above the team lead of team 1, within the department."""
    machine = org.machine()
    head = cast.other
    org_actions.appoint(
        head, Role.TEAM_LEAD, institution_code="D", from_date=cast.today, by=machine, at=cast.now
    )
    people = cast.people
    world = World(
        cast, people[Role.ACCOUNT_MANAGER], people[Role.TEAM_LEAD], head, people[Role.DEPARTMENT_MANAGER],
        people[Role.INSPECTOR], cast.now,
    )  # fmt: skip
    world.next_day()
    return world
