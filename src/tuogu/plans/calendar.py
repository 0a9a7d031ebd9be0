"""The calendar of releases as other systems read it: what was approved falls due when, and what has been posted.

In: a scope, an id to go on from. Out: plain rows, oldest first. Never: a plan that the scope does not cover whole, a draft.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from tuogu.org.scope import Scope
from tuogu.plans.deferring import HELD_OF
from tuogu.plans.models import PlanRow, ScheduledRelease, StoredPlan
from tuogu.plans.reach import covered, reach


@dataclass(frozen=True)
class CalendarLine:
    """One attempt of an instalment of an approved plan."""

    id: int
    plan: int
    strategy: str
    instalment: int
    attempt: int
    due_date: date
    state: str  # scheduled | posted | cancelled | undone
    pieces: int
    batch: int | None


def calendar(scope: Scope, *, after: int, size: int) -> tuple[list[CalendarLine], bool]:
    """The next lines, and whether there are more: three queries, however many."""
    within = reach(scope)
    approved = StoredPlan.objects.filter(state=StoredPlan.State.APPROVED)
    seen = [pk for pk, codes in approved.values_list("pk", "institution_codes") if covered(codes, within)]
    rows = ScheduledRelease.objects.filter(plan_id__in=seen, pk__gt=after).select_related("plan")
    page = list(rows.order_by("pk")[: size + 1])
    wanted = Q(pk__in=[])
    for release in page[:size]:
        wanted |= Q(plan_id=release.plan_id, instalment=release.instalment)
    counted = PlanRow.objects.filter(wanted).values("plan_id", "instalment").annotate(n=Count("id"))
    pieces = {(row["plan_id"], row["instalment"]): int(row["n"]) for row in counted}
    lines = [
        CalendarLine(
            r.pk, r.plan_id, r.plan.strategy, r.instalment, r.attempt, r.due_date, r.state,
            r.outcome.get(HELD_OF) or pieces.get((r.plan_id, r.instalment), 0), r.batch_id,
        )
        for r in page[:size]
    ]  # fmt: skip
    return lines, len(page) > size
