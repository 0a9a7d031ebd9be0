"""A branch whose department has a pool with pieces in it: for tests of claims, returns and what is hidden.

In: a cast. Out: policies in custody of the pool of department D, some of another branch, the account manager able to claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from cast import Cast
from listed_world import GONE, import_rows, policy_rows
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import EntryKind, Relation, SubjectKind
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.pools import actions as pools
from tuogu.rules import actions as adopting
from tuogu.rules import queries as rules


@dataclass(frozen=True)
class PoolWorld:
    """`pool`: of department D; `here`: numbers in it that are managed by D; `away`: by another branch."""

    cast: Cast
    pool: int
    here: list[str]
    away: list[str]

    @property
    def manager(self) -> int:
        return self.cast.people[Role.ACCOUNT_MANAGER]

    def claim(self, *numbers: str, by: int | None = None, at: datetime | None = None) -> list[pools.Claimed]:
        return pools.claim(numbers, by=by or self.manager, at=at or self.cast.now)

    def why(self, number: str, by: int | None = None) -> str:
        """Why a claim is refused; '' = it was done."""
        return self.claim(number, by=by)[0].why

    def roll(self, days: int) -> pools.Rolled:
        """The turn of the day `days` after the cast's."""
        return pools.roll(by=org.machine(), at=self.later(days))

    def later(self, days: int) -> datetime:
        return self.cast.now + timedelta(days=days)

    def holder(self, number: str) -> int | None:
        return custody.holders_by_number([number], kind=SubjectKind.POLICY)[number]


def make_world(cast: Cast, count: int = 12, **columns: Any) -> PoolWorld:
    """`count` pieces of department D and two of branch X in the pool of D."""
    here = [row | columns for row in policy_rows(count, agent=GONE, institution="D")]
    away = policy_rows(2, agent=GONE, institution="X", first=count)
    import_rows(cast, here + away)
    pool = org.pool("department:D")
    org_actions.set_duty(
        pool, cast.people[Role.DEPARTMENT_MANAGER], from_date=cast.today, by=org.machine(), at=cast.now
    )
    numbers = [row["policy_number"] for row in here + away]
    hand_over(cast, numbers, pool)
    return PoolWorld(cast, pool, numbers[:count], numbers[count:])


def hand_over(cast: Cast, numbers: list[str], to: int, *, key: str = "to-pool", days: int = 0) -> None:
    """A release of these policies to a custodian, by two people; `days`: so many days later."""
    heads = custody.heads_by_number(numbers, kind=SubjectKind.POLICY)
    rows = pl.DataFrame(
        [(heads[n].subject_id, to, heads[n].entry_id) for n in numbers],
        schema={"subject_id": pl.Int64, "custodian_id": pl.Int64, "expected_head": pl.Int64}, orient="row",
    )  # fmt: skip
    done = ledger.post_batch(
        rows, kind=EntryKind.RELEASE, relation=Relation.CUSTODY, key=key, by=cast.people[Role.RESOURCE_CLERK],
        approved_by=cast.people[Role.BRANCH_MANAGER], effective_date=cast.today + timedelta(days=days),
        recorded_at=cast.now + timedelta(days=days), rule="test", reason_code="plan",
    )  # fmt: skip
    assert done.posted == len(numbers)


def ruled(cast: Cast, **changes: Any) -> None:
    """A rulebook in force from today on, with other values: `per_day=…` of [pools], or `people__capacity_per_30_days=…`."""
    named = {key if "__" in key else f"pools__{key}": value for key, value in changes.items()}
    book = replace(rules.applicable(cast.today).replace(**named), effective_date=cast.today)
    adopting.adopt(book, by=cast.people[Role.BRANCH_MANAGER], at=cast.now)
    assert rules.applicable(cast.today).version == book.version
