"""A branch with cases: orphans released to the account manager, ready to be signed for; for tests of the room `cases`.

In: a cast. Out: policies in the manager's hands by a release of two people, acts in short.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cast import Cast
from listed_world import GONE, import_rows, policy_rows
from pool_world import hand_over
from tuogu.cases import actions
from tuogu.cases.models import CaseStep
from tuogu.core.attempts import METHODS
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import SubjectKind
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.work import actions as work
from tuogu.work.said import CARD, Said


@dataclass(frozen=True)
class CaseWorld:
    """`policies`: numbers released to the manager; a policy P0000000n is of customer C00000n."""

    cast: Cast
    policies: list[str]

    def person(self, role: Role) -> int:
        return self.cast.people[role]

    @property
    def manager(self) -> int:
        return self.person(Role.ACCOUNT_MANAGER)

    def open(self, kind: str, place: int = 0, *, by: int | None = None, **more: Any) -> int:
        return actions.open_case(kind, self.policies[place], by=by or self.manager, at=self.cast.now, **more)

    def take(
        self, case: int, step: str, *, by: int | None = None, at: datetime | None = None, **given: Any
    ) -> actions.Taken:
        return actions.take(case, step, actions.Given(**given), by=by or self.manager, at=at or self.cast.now)

    def text(self, case: int, step: str, *, by: int | None = None, **texts: str) -> actions.Taken:
        return self.take(case, step, by=by, texts=texts)

    def search(self, case: int, methods: int = 6, *, days_ago: int = 0) -> None:
        """So many attempts, each by another method, on a day of its own."""
        for back, method in enumerate(list(METHODS)[:methods]):
            self.take(case, "attempt", method=method, day=self.cast.today - timedelta(days=back + days_ago))

    def state(self, case: int) -> str:
        return str(CaseStep.objects.filter(case_id=case).order_by("-seq").values_list("target", flat=True)[0])

    def holder(self, place: int = 0) -> int | None:
        return custody.holders_by_number([self.policies[place]], kind=SubjectKind.POLICY)[
            self.policies[place]
        ]

    def visit(self, place: int = 0, *, key: str = "v", day: date | None = None, outcome: str = "met") -> int:
        """A face visit recorded by the manager, some hours ago; returns its id."""
        happened = self.cast.now - timedelta(minutes=5)
        if day is not None:
            happened -= self.cast.today - day
        more: dict[str, Any] = {}
        if outcome != "met":
            more = {"next_at": self.cast.now + timedelta(days=2), "next_kind": "visit"}
        said = Said(
            client_key=f"{key}-{place}-{happened:%m%d}", customer=customer(self.policies[place]), kind="visit",
            outcome=outcome, reason="review", happened_at=happened,
            card=dict.fromkeys(CARD, "说明保单利益，客户认可") if outcome == "met" else {}, **more,
        )  # fmt: skip
        return work.record(said, by=self.manager, at=self.cast.now).record_id

    def tick(self, at: datetime | None = None) -> int:
        return actions.tick(by=org.machine(), at=at or self.cast.now)

    def roll(self, at: datetime | None = None) -> int:
        return actions.roll(by=org.machine(), at=at or self.cast.now)


def customer(policy: str) -> str:
    """Whose policy it is."""
    return f"C{int(policy[1:]):06d}"


def make_world(cast: Cast, count: int = 6, **columns: Any) -> CaseWorld:
    """`count` orphans released to the account manager by the clerk and the branch manager."""
    rows = [row | columns for row in policy_rows(count, agent=GONE)]
    import_rows(cast, rows)
    numbers = [row["policy_number"] for row in rows]
    hand_over(cast, numbers, cast.people[Role.ACCOUNT_MANAGER], key="to-manager")
    return CaseWorld(cast, numbers)
