"""Where some subjects stand in the plans: released, scheduled, waiting for a decision.

In: ids of subjects. Out: one line a row of a plan, the newest plan first. Never: a plan that was sent back or put away; more
queries for more subjects.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tuogu.plans.models import PlanRow, ScheduledRelease, StoredPlan


@dataclass(frozen=True)
class PlanPlace:
    """One subject in one plan. release: state of its instalment's newest attempt, '' before the plan is approved."""

    subject_id: int
    number: str | None
    plan: int
    as_of: date
    relation: str
    receiver: int
    instalment: int
    release: str
    release_label: str
    due_date: date | None

    @property
    def released(self) -> bool:
        """Whether it was handed out."""
        return self.release == ScheduledRelease.State.POSTED


def places_in_plans(subjects: Iterable[int]) -> list[PlanPlace]:
    """Two queries."""
    standing = (StoredPlan.State.AWAITING, StoredPlan.State.APPROVED)
    rows = list(
        PlanRow.objects.filter(subject_id__in=sorted(set(subjects)), plan__state__in=standing)
        .select_related("plan", "subject")
        .order_by("-plan_id", "subject_id")
    )
    releases = {
        (r.plan_id, r.instalment): r
        for r in ScheduledRelease.objects.filter(plan_id__in={row.plan_id for row in rows}).order_by(
            "attempt"
        )
    }
    return [_place(row, releases.get((row.plan_id, row.instalment))) for row in rows]


def _place(row: PlanRow, release: ScheduledRelease | None) -> PlanPlace:
    return PlanPlace(
        subject_id=row.subject_id,
        number=row.subject.number,
        plan=row.plan_id,
        as_of=row.plan.as_of,
        relation=row.plan.relation,
        receiver=row.custodian_id,
        instalment=row.instalment,
        release=release.state if release else "",
        release_label=str(release.get_state_display()) if release else str(row.plan.get_state_display()),
        due_date=release.due_date if release else None,
    )
