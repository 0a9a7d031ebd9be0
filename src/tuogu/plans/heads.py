"""Stored plans as lists show them, and who may see which: a plan is visible to whose scope covers it whole.

In: a Scope. Out: PlanHead, ReleaseRow. Never: a plan outside the scope (PlanUnknown, as if it were not there), a table
of a plan decoded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count

from tuogu.core.strategies import STRATEGIES
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans.deferring import HELD_OF
from tuogu.plans.failures import PlanUnknown
from tuogu.plans.models import PlanRow, ScheduledRelease, StoredPlan, UndoStep
from tuogu.plans.reach import covered, reach
from tuogu.plans.releasing import batch_key
from tuogu.plans.taken_back import taken_back
from tuogu.plans.what_if import what_ifs


@dataclass(frozen=True)
class PlanHead:
    """A plan in one line. `state` is awaiting, approved, rejected or archived."""

    id: int
    digest: str
    state: str
    state_label: str
    as_of: date
    data_date: date
    seed: int
    effort: int
    rulebook_version: str
    made_by: int
    made_by_name: str
    made_at: datetime
    decided_by: int | None
    decided_by_name: str
    decided_at: datetime | None
    note: str
    placed: int
    unplaced: int
    violations: int
    objective: int
    lower_bound: int
    gap: float
    metric: str
    moved_adjacent: int
    posted: int  # instalments
    instalments: int  # 0 before it is approved
    next_due: date | None  # of the releases that still wait
    strategy: str
    relation: str
    subject_kind: str
    options: dict[str, str]
    what_if: str  # why nobody can approve it: '' of a plan by the rulebook in force on its day
    adjusts: int | None  # the draft that it revises
    adjusted: int  # rows that a person moved by hand
    overlap_note: str

    @property
    def strategy_label(self) -> str:
        """The word for the way of allocating."""
        return STRATEGIES[self.strategy].label

    @property
    def total(self) -> int:
        """Policies that the plan speaks of."""
        return self.placed + self.unplaced

    @property
    def withdrawn(self) -> bool:
        """Whether its maker took it back: nobody else may."""
        return self.state == StoredPlan.State.REJECTED and self.decided_by == self.made_by

    @property
    def said(self) -> str:
        """What has become of it, in the words of a printed register."""
        if self.withdrawn:
            return "编制人已撤回，未生效"
        if self.state != StoredPlan.State.APPROVED:
            done = {
                "awaiting": "待审批，未生效",
                "rejected": "已退回，未生效",
                "archived": "已归档，由后来的方案取代",
            }
            return done[self.state]
        if self.posted == self.instalments:
            return "已批准，全部下发"
        return f"已批准，已下发 {self.posted}/{self.instalments} 期"


@dataclass(frozen=True)
class UndoLine:
    """One line of the undo log of a release."""

    step: str
    label: str
    by: int
    by_name: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class ReleaseRow:
    """One attempt of an instalment. `outcome` holds posted, stale, unchanged, held, undone, conflicts as far as known, and
    of_held where it is for rows that an earlier attempt held back."""

    id: int
    plan: int
    instalment: int
    attempt: int
    due_date: date
    state: str
    state_label: str
    pieces: int
    batch: int | None
    batch_key: str
    outcome: dict[str, Any]
    reason: str
    changed_by: int
    changed_by_name: str
    changed_at: datetime
    undo_log: tuple[UndoLine, ...]
    latest: bool  # no later attempt stands in its place
    taken_back: int  # rows posted, or held already when it was posted, that an undo took back afterwards

    @property
    def undo_asked(self) -> UndoLine | None:
        """The request that waits for a second person."""
        last = self.undo_log[-1] if self.undo_log else None
        return last if last and last.step == UndoStep.Step.ASKED and self.state == "posted" else None


def seen(plan_id: int, scope: Scope) -> StoredPlan:
    """The stored plan; PlanUnknown when there is none or the scope does not cover it."""
    stored = StoredPlan.objects.select_related("rulebook").filter(pk=plan_id).first()
    if stored is None or not covered(stored.institution_codes, reach(scope)):
        raise PlanUnknown(f"没有方案 {plan_id}")
    return stored


def plan_heads(scope: Scope) -> list[PlanHead]:
    """The plans that the scope covers, newest first."""
    return heads_of(plans_within(scope))


def plans_within(scope: Scope) -> list[StoredPlan]:
    """The stored plans that the scope covers, newest first, each with its rulebook."""
    within = reach(scope)
    rows = list(StoredPlan.objects.select_related("rulebook").order_by("-id"))
    return [stored for stored in rows if covered(stored.institution_codes, within)]


def plans_seen(plan_ids: Iterable[int], scope: Scope) -> frozenset[int]:
    """Those of these plans that the scope covers: a record links only to them."""
    within = reach(scope)
    rows = StoredPlan.objects.filter(pk__in=set(plan_ids)).values_list("pk", "institution_codes")
    return frozenset(plan for plan, codes in rows if covered(codes, within))


def batch_origins(batch_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Batch → plan and instalment that it released; a batch of another kind is absent."""
    rows = ScheduledRelease.objects.filter(batch_id__in=list(batch_ids))
    return {
        batch: (plan, part) for batch, plan, part in rows.values_list("batch_id", "plan_id", "instalment")
    }


def plan_head(plan_id: int, scope: Scope) -> PlanHead:
    """One plan; PlanUnknown as in `seen`."""
    return heads_of([seen(plan_id, scope)])[0]


def releases(plan_id: int, scope: Scope) -> list[ReleaseRow]:
    """The calendar of a plan, by instalment, the latest attempt last."""
    stored = seen(plan_id, scope)
    rows = list(
        ScheduledRelease.objects.filter(plan=stored).select_related("batch").order_by("instalment", "attempt")
    )
    pieces = dict(
        PlanRow.objects.filter(plan=stored)
        .values_list("instalment")
        .annotate(n=Count("id"))
        .values_list("instalment", "n")
    )
    steps = list(UndoStep.objects.filter(scheduled__plan=stored).order_by("number"))
    names = org.names({row.changed_by_id for row in rows} | {step.by_id for step in steps})
    last = {row.instalment: row.pk for row in rows}
    return [_release(stored, row, pieces, steps, names, last) for row in rows]


def release_row(release_id: int, scope: Scope) -> ReleaseRow:
    """One attempt of an instalment; PlanUnknown when there is none or its plan is not visible."""
    plan_id = ScheduledRelease.objects.filter(pk=release_id).values_list("plan_id", flat=True).first()
    if plan_id is None:
        raise PlanUnknown(f"没有期次 {release_id}")
    return next(row for row in releases(plan_id, scope) if row.id == release_id)


def _release(
    stored: StoredPlan,
    row: ScheduledRelease,
    pieces: dict[int, int],
    steps: list[UndoStep],
    names: dict[int, str | None],
    last: dict[int, int],
) -> ReleaseRow:
    log = tuple(
        UndoLine(s.step, s.get_step_display(), s.by_id, names.get(s.by_id) or "", s.at, s.reason)
        for s in steps
        if s.scheduled_id == row.pk
    )
    key = (row.batch.key or "") if row.batch else batch_key(stored, row)
    return ReleaseRow(
        row.pk, stored.pk, row.instalment, row.attempt, row.due_date, row.state, row.get_state_display(),
        row.outcome.get(HELD_OF) or pieces.get(row.instalment, 0), row.batch_id, key, row.outcome, row.override_reason,
        row.changed_by_id, names.get(row.changed_by_id) or "", row.changed_at, log, last[row.instalment] == row.pk,
        taken_back(row) if last[row.instalment] == row.pk else 0,
    )  # fmt: skip


def heads_of(rows: list[StoredPlan]) -> list[PlanHead]:
    """The head of each; nothing is asked for no plan."""
    if not rows:
        return []
    names = org.names({i for row in rows for i in (row.made_by_id, row.decided_by_id) if i is not None})
    calendar = _calendar([row.pk for row in rows])
    judged = what_ifs(rows)
    return [_head(row, names, calendar.get(row.pk, {}), judged[row.pk]) for row in rows]


def _calendar(plans: list[int]) -> dict[int, dict[int, tuple[str, date]]]:
    """plan → instalment → state and day of its latest attempt."""
    found: dict[int, dict[int, tuple[str, date]]] = {}
    rows = ScheduledRelease.objects.filter(plan_id__in=plans).order_by("attempt")
    for plan, instalment, state, due_date in rows.values_list("plan_id", "instalment", "state", "due_date"):
        found.setdefault(plan, {})[instalment] = (state, due_date)
    return found


def _head(
    row: StoredPlan, names: dict[int, str | None], calendar: dict[int, tuple[str, date]], what_if: str
) -> PlanHead:
    proof = row.certificate
    waiting = [due_date for state, due_date in calendar.values() if state == ScheduledRelease.State.SCHEDULED]
    posted = sum(state == ScheduledRelease.State.POSTED for state, _ in calendar.values())
    return PlanHead(
        row.pk, row.digest, row.state, row.get_state_display(), row.as_of, date.fromisoformat(proof["data_date"]),
        row.seed, row.effort, row.rulebook.version, row.made_by_id, names.get(row.made_by_id) or "", row.made_at,
        row.decided_by_id, names.get(row.decided_by_id or 0) or "", row.decided_at, row.decision_note, row.placed,
        row.unplaced, row.violations, proof["objective"], proof["lower_bound"], float(proof["gap"]), proof["metric"],
        proof["moved_adjacent"],
        posted, len(calendar), min(waiting, default=None), row.strategy, row.relation, row.subject_kind, row.options,
        what_if, row.adjusts_id, row.adjusted, row.overlap_note,
    )  # fmt: skip
