"""Revisions of a draft as pages show them, and the rows that a person picks to move.

In: a plan within scope, a filter. Out: who adjusted what and why; numbers of rows with who gets them now. Never: a plan
outside the scope, a row that the plan does not place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from django.db.models import Q

from tuogu.core.tables import MONTH_COLUMNS
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import memory
from tuogu.plans.family import relatives
from tuogu.plans.heads import PlanHead, seen
from tuogu.plans.models import Adjustment, StoredPlan
from tuogu.plans.rows import in_street, named_by
from tuogu.plans.takers import Taker, takers


@dataclass(frozen=True)
class RevisionLine:
    """One revision: which draft it made of which."""

    plan: int
    original: int
    number: int
    rows: int
    source: str
    reason: str
    openly: int
    by: int
    by_name: str
    at: datetime
    state: str
    state_label: str


@dataclass(frozen=True)
class Chosen:
    """What of a plan's placements is meant; '' and 0 ask for nothing, all together narrow."""

    receiver: str = ""
    unit: str = ""
    community: str = ""
    month: int = 0
    instalment: int = 0
    lever: str = ""
    street: str = ""
    text: str = ""
    numbers: tuple[str, ...] = ()

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The same as fields of a form."""
        asked = {
            "receiver": self.receiver, "unit": self.unit, "community": self.community, "month": self.month or "",
            "instalment": self.instalment or "", "lever": self.lever, "street": self.street,
            "text": self.text, "numbers": ",".join(self.numbers),
        }  # fmt: skip
        return [(name, str(value)) for name, value in asked.items() if value]

    @property
    def anything(self) -> bool:
        """Whether it narrows at all: a whole plan is never meant by saying nothing."""
        return self != Chosen()


def revisions(head: PlanHead) -> list[RevisionLine]:
    """Every revision of the same origin as a plan that its scope has shown, in the order of being made."""
    own = Adjustment.objects.filter(Q(revision_id=head.id) | Q(original_id=head.id))
    if not own.exists():
        return []
    family = [head.id, *(plan.pk for plan in relatives(StoredPlan.objects.get(pk=head.id)))]
    rows = list(Adjustment.objects.filter(revision__in=family).select_related("revision").order_by("pk"))
    names = org.names({row.by_id for row in rows})
    return [
        RevisionLine(
            row.revision_id, row.original_id, row.number, row.rows, row.get_source_display(), row.reason, row.openly,
            row.by_id, names.get(row.by_id) or "", row.at, row.revision.state, row.revision.get_state_display(),
        )
        for row in rows
    ]  # fmt: skip


def chosen_rows(plan_id: int, scope: Scope, wanted: Chosen) -> pl.DataFrame:
    """number, receiver of the placements that are meant, by number."""
    stored = seen(plan_id, scope)
    frame = memory.table(stored, "placements")
    asked = {
        "receiver": wanted.receiver, "unit_code": wanted.unit, "instalment": wanted.instalment, "lever": wanted.lever,
    }  # fmt: skip
    for column, value in asked.items():
        if value:
            frame = frame.filter(pl.col(column) == value)
    if wanted.numbers:
        frame = frame.filter(pl.col("number").is_in(list(wanted.numbers)))
    if wanted.text:
        frame = frame.filter(named_by(wanted.text, "number"))
    if wanted.community or wanted.month or wanted.street:
        frame = frame.join(_of_territory(stored, wanted), on="number", how="semi")
    return frame.select("number", "receiver").sort("number")


def takers_of(plan_id: int, scope: Scope, numbers: Sequence[str], *, on: date) -> list[Taker]:
    """Who could take these rows of a draft, the acceptable ones first."""
    return takers(seen(plan_id, scope), sorted(set(numbers)), on=on)


def _of_territory(stored: StoredPlan, wanted: Chosen) -> pl.DataFrame:
    """Numbers of the assignments in a community or street, or due in a month; none of a plan without territories."""
    rows = memory.table(stored, "assignments")
    if wanted.community:
        rows = rows.filter(pl.col("community_code") == wanted.community)
    if wanted.street:
        rows = in_street(stored, rows, wanted.street)
    if wanted.month:
        rows = rows.filter(pl.col(MONTH_COLUMNS[wanted.month - 1]) > 0)
    return rows.select(number="policy_number")
