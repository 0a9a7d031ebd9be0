"""Decides on a draft: a second person approves it, which schedules its instalments, or sends it back.

In: a stored draft, who decides and why. Out: the decision, scheduled releases. Never: a planner who decides on the own
plan (who may only take it back), a decision without a person, an entry of the ledger.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from tuogu.core.custody import business_date
from tuogu.core.instalments import instalment_days
from tuogu.core.strategies import STRATEGIES
from tuogu.org import queries as staff
from tuogu.plans import reading
from tuogu.plans.failures import PlanRefused
from tuogu.plans.models import PlanRow, ScheduledRelease, StoredPlan


@transaction.atomic
def approve(plan_id: int, *, by: int, at: datetime, first_release_date: date, note: str = "") -> list[date]:
    """Approve a plan that awaits it and schedule its instalments; returns the days of those that hold anything.

    PlanRefused: decided already, the same person, hard violations without a note, a first day in the past, or a plan
    made on custody that a release has changed since.
    """
    stored = _awaiting(plan_id, by)
    if first_release_date < business_date(at):
        raise PlanRefused(f"首次发放日 {first_release_date} 早于今天")
    if stored.violations and not note.strip():
        raise PlanRefused(f"方案有 {stored.violations} 项超出规定；批准须写明理由")
    _decide(stored, StoredPlan.State.APPROVED, by, at, note)
    instalments = set(PlanRow.objects.filter(plan=stored).values_list("instalment", flat=True).distinct())
    _supersede(stored, by, at)
    days = instalment_days(
        STRATEGIES[stored.strategy],
        max(instalments, default=1),
        first_release_date,
        reading.rulebook_of(stored),
    )
    scheduled = [(n, day) for n, day in enumerate(days, start=1) if n in instalments]
    ScheduledRelease.objects.bulk_create(
        ScheduledRelease(plan=stored, instalment=n, due_date=day, changed_by_id=by, changed_at=at)
        for n, day in scheduled
    )
    return [day for _n, day in scheduled]


def _supersede(stored: StoredPlan, by: int, at: datetime) -> None:
    """An approved plan takes the place of its strategy's plans before: what they still had scheduled is cancelled (P-02)."""
    older = StoredPlan.objects.filter(strategy=stored.strategy, state=StoredPlan.State.APPROVED).exclude(
        pk=stored.pk
    )
    waiting = ScheduledRelease.objects.filter(plan__in=older, state=ScheduledRelease.State.SCHEDULED)
    waiting.update(
        state=ScheduledRelease.State.CANCELLED, override_reason=f"由方案 {stored.pk} 取代", changed_by_id=by,
        changed_at=at,
    )  # fmt: skip
    older.update(state=StoredPlan.State.ARCHIVED)


@transaction.atomic
def reject(plan_id: int, *, by: int, at: datetime, note: str) -> None:
    """Send a plan back; PlanRefused without a reason, by its maker, or when it was decided already."""
    if not note.strip():
        raise PlanRefused("退回方案须写明理由")
    _decide(_awaiting(plan_id, by), StoredPlan.State.REJECTED, by, at, note)


@transaction.atomic
def withdraw(plan_id: int, *, by: int, at: datetime) -> None:
    """The maker takes an own draft back before anybody decided, so that it no longer blocks the next (P-25)."""
    stored = _undecided(plan_id, "不能撤回")
    if stored.made_by_id != by:
        raise PlanRefused("只有编制人可以撤回方案；他人请退回")
    _decide(stored, StoredPlan.State.REJECTED, by, at, "编制人撤回")


def _undecided(plan_id: int, refused: str) -> StoredPlan:
    stored = StoredPlan.objects.select_for_update().filter(pk=plan_id).first()
    if stored is None:
        raise PlanRefused(f"没有方案 {plan_id}")
    if stored.state != StoredPlan.State.AWAITING:
        raise PlanRefused(f"方案 {plan_id} 已是“{stored.get_state_display()}”，{refused}")
    return stored


def _awaiting(plan_id: int, by: int) -> StoredPlan:
    stored = _undecided(plan_id, "不能再审批")
    if stored.made_by_id == by:
        raise PlanRefused("制表人不能审批自己的方案，须由另一人审批")
    if not staff.is_person(by):
        raise PlanRefused("审批须由在册人员以个人令牌进行")
    return stored


def _decide(stored: StoredPlan, state: str, by: int, at: datetime, note: str) -> None:
    stored.state, stored.decided_by_id, stored.decided_at, stored.decision_note = state, by, at, note.strip()
    stored.save(update_fields=["state", "decided_by", "decided_at", "decision_note"])
