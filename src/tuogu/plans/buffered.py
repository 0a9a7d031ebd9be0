"""What the plans in force say of the policies in the buffer group: which wait for their day, which have no receiver and why.

In: a Scope. Out: the lines and pages of `books.pooled` with the plans' words in them. Never: a table decoded twice, more
queries for more plans, a policy that a plan has scheduled told as if a person had to look at it.
"""

from __future__ import annotations

import polars as pl
from django.db.models import Q

from tuogu.books import queries as books
from tuogu.ledger.kinds import Relation
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import memory
from tuogu.plans.attention import approved_territory
from tuogu.plans.models import PlanRow, ScheduledRelease, StoredPlan

POOL_REASONS = {  # reason of UNPLACED → of the buffer's table; an agent in post is no reason to be in the buffer
    "no_address_code": "uncoded", "lapsed": "lapsed", "hard": "problem", "problem": "problem", "difficult": "difficult",
    "no_capacity": "no_receiver", "no_manager": "no_receiver", "not_regular": "not_due", "paid_up": "not_due",
}  # fmt: skip


def buffer_lines(scope: Scope) -> list[books.PoolLine]:
    """Why the policies within scope are in the buffer group, with what the approved plan says about them."""
    return books.pool_lines(scope, org.buffer_group(), _said())


def buffer_page(scope: Scope, reason: str, *, after: int = 0, size: int = 40) -> books.PoolPage:
    """The policies behind one line of `buffer_lines`."""
    return books.pool_page(scope, org.buffer_group(), reason, _said(), after=after, size=size)


def _said() -> books.PlanWords:
    """What the plans in force that move custody say of policies in the buffer group.

    Whichever strategy has scheduled a policy, it waits for its day; why one has no receiver is the territory plan's to say,
    the only one that judges the whole stock.
    """
    waiting = _waiting()
    rows = PlanRow.objects.filter(_any_of(waiting)).exclude(custodian_id=org.buffer_group())
    stored = approved_territory()
    said = "-".join(f"{plan}.{instalment}" for plan, instalment in waiting)
    return books.PlanWords(
        rows.values("subject_id"),
        {} if stored is None else _unplaced(stored),
        f"{'' if stored is None else stored.digest[:16]}:{said}",
    )


def _waiting() -> list[tuple[int, int]]:
    """(plan, instalment) that approved plans have yet to release in custody."""
    scheduled = ScheduledRelease.objects.filter(
        plan__state=StoredPlan.State.APPROVED,
        plan__relation=Relation.CUSTODY,
        state=ScheduledRelease.State.SCHEDULED,
    )
    return sorted(scheduled.values_list("plan_id", "instalment"))


def _any_of(instalments: list[tuple[int, int]]) -> Q:
    """Rows of one of these instalments; of none where there is none."""
    found = Q(pk__in=[])
    for plan, instalment in instalments:  # plans in force are few: one a strategy
        found |= Q(plan_id=plan, instalment=instalment)
    return found


def _unplaced(stored: StoredPlan) -> dict[str, list[str]]:
    """Reason of the buffer's table → numbers that the plan has left without a receiver."""
    rows = memory.table(stored, "unplaced").select("policy_number", reason=pl.col("reason").replace_strict(
        POOL_REASONS, default=None, return_dtype=pl.String
    )).drop_nulls()  # fmt: skip
    found = rows.group_by("reason").agg("policy_number").sort("reason")
    return dict(found.iter_rows())
