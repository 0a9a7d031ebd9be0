"""Decides on a draft: a second person approves it, which schedules its instalments, or sends it back.

In: a stored draft, who decides and why. Out: the decision, scheduled releases. Never: a planner who decides on the own
plan (who may only take it back), a decision without a person, an entry of the ledger.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from tuogu.core.custody import business_date
from tuogu.core.instalments import instalment_days
from tuogu.core.strategies import STRATEGIES
from tuogu.org import queries as staff
from tuogu.plans import reading
from tuogu.plans.failures import PlanRefused
from tuogu.plans.family import ancestors, relatives
from tuogu.plans.models import PlanRow, ScheduledRelease, StoredPlan
from tuogu.plans.overlaps import at_approval
from tuogu.plans.reach import covers, speaking_of
from tuogu.plans.what_if import what_if


@transaction.atomic
def approve(
    plan_id: int, *, by: int, at: datetime, first_release_date: date, note: str = "", overlap_reason: str = ""
) -> list[date]:
    """Approve a plan that awaits it and schedule its instalments; returns the days of those that hold anything.

    PlanRefused: decided already, a person who made it or adjusted it, a what-if by another rulebook than the one in force
    on its day, hard violations without a note, subjects that other plans give to others without `overlap_reason`, a first
    day in the past.
    """
    stored = _awaiting(plan_id, by)
    trial = what_if(stored)
    if trial:
        raise PlanRefused(trial)  # N-04
    if first_release_date < business_date(at):
        raise PlanRefused(f"首次发放日 {first_release_date} 早于今天")
    if stored.violations and not note.strip():
        raise PlanRefused(f"方案有 {stored.violations} 项超出规定；批准须写明理由")
    _acknowledge(stored, overlap_reason)
    _decide(stored, StoredPlan.State.APPROVED, by, at, note)
    _close_relatives(stored, by, at)
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


def _acknowledge(stored: StoredPlan, reason: str) -> None:
    """Subjects that another plan moves too are approved with open eyes: the approver says why (P-03)."""
    found = at_approval(stored)
    if not found:
        return
    if not reason.strip():
        said = "、".join(
            f"方案 {line.plan}（{STRATEGIES[line.strategy].label}）{line.subjects:,} 个" for line in found
        )
        raise PlanRefused(f"与其他方案重叠：{said}，接收人不同；须确认并写明理由后才能批准")
    stored.overlap_note = reason.strip()
    stored.save(update_fields=["overlap_note"])


def _close_relatives(stored: StoredPlan, by: int, at: datetime) -> None:
    """Of the revisions of one draft one is approved; the others that wait are closed with it."""
    waiting = [plan.pk for plan in relatives(stored) if plan.state == StoredPlan.State.AWAITING]
    StoredPlan.objects.filter(pk__in=waiting).update(
        state=StoredPlan.State.ARCHIVED,
        decided_by_id=by,
        decided_at=at,
        decision_note=f"由修订稿方案 {stored.pk} 取代",
    )


def _supersede(stored: StoredPlan, by: int, at: datetime) -> None:
    """An approved plan takes the place of its strategy's plans before that speak of an institution of its own: what they
    still had scheduled is cancelled (P-02). PlanRefused where that would cancel what the approver may not see (P-12)."""
    approved = StoredPlan.objects.filter(strategy=stored.strategy, state=StoredPlan.State.APPROVED)
    older = StoredPlan.objects.filter(
        pk__in=speaking_of(stored.institution_codes, approved.exclude(pk=stored.pk))
    )
    _require_sight(stored, older, by, at)
    waiting = ScheduledRelease.objects.filter(plan__in=older, state=ScheduledRelease.State.SCHEDULED)
    waiting.update(
        state=ScheduledRelease.State.CANCELLED, override_reason=f"由方案 {stored.pk} 取代", changed_by_id=by,
        changed_at=at,
    )  # fmt: skip
    older.update(state=StoredPlan.State.ARCHIVED)


def _require_sight(stored: StoredPlan, older: QuerySet[StoredPlan], by: int, at: datetime) -> None:
    """Of a wider plan that still has something to release, the part elsewhere is not this approver's to cancel."""
    scope = staff.scope_of(by, business_date(at))
    open_still = older.filter(scheduledrelease__state=ScheduledRelease.State.SCHEDULED).distinct()
    for plan, codes in open_still.values_list("pk", "institution_codes"):
        if not set(codes) <= set(stored.institution_codes) and not covers(scope, codes):
            raise PlanRefused(
                f"方案 {plan} 还有未到期的下发，并涉及你范围之外的机构；须由范围覆盖它的人员批准，或先取消它的下发"
            )


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
    if any(before.made_by_id == by for before in ancestors(stored)):
        raise PlanRefused("编制或调整过这份方案的人不能审批，须由另一人审批")
    if not staff.is_person(by):
        raise PlanRefused("审批须由在册人员以个人令牌进行")
    return stored


def _decide(stored: StoredPlan, state: str, by: int, at: datetime, note: str) -> None:
    stored.state, stored.decided_by_id, stored.decided_at, stored.decision_note = state, by, at, note.strip()
    stored.save(update_fields=["state", "decided_by", "decided_at", "decision_note"])
