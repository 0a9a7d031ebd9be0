"""Takes a posted instalment back, by two people: one asks and says why, another confirms, refuses, or lets it be.

In: a posted release. Out: a line of its undo log, and on confirmation one compensating batch. Never: an undo by one person,
a changed log (the database refuses), a row reverted that something happened to since.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tuogu.ledger import actions as ledger
from tuogu.ledger.results import UndoResult
from tuogu.org import queries as staff
from tuogu.plans.failures import PlanRefused
from tuogu.plans.models import ScheduledRelease, UndoStep
from tuogu.plans.scheduling import locked

RULE_UNDO = "N-06"
Step = UndoStep.Step


@transaction.atomic
def ask_undo(scheduled_id: int, *, by: int, at: datetime, reason: str) -> int:
    """Ask that a posted release be undone; custody stays as it is until another person confirms. Returns the step's
    number. PlanRefused: not posted, asked already, no reason, not a person."""
    scheduled = _posted(scheduled_id)
    if not reason.strip():
        raise PlanRefused("申请撤销须写明理由")
    if not staff.is_person(by):
        raise PlanRefused("撤销须由在册人员申请")
    if pending_undo(scheduled) is not None:
        raise PlanRefused("该期次已有人申请撤销，等待另一人确认")
    return _note(scheduled, Step.ASKED, by, at, reason)


@transaction.atomic
def withdraw_undo(scheduled_id: int, *, by: int, at: datetime) -> None:
    """Take one's own request back; custody stays as it is."""
    scheduled, asked = _asked(scheduled_id)
    if asked.by_id != by:
        raise PlanRefused("只有申请人可以撤回申请；他人请选“不同意”")
    _note(scheduled, Step.WITHDRAWN, by, at, "")


@transaction.atomic
def refuse_undo(scheduled_id: int, *, by: int, at: datetime, reason: str) -> None:
    """Another person declines the request, with a reason; custody stays as it is."""
    scheduled, asked = _asked(scheduled_id)
    if asked.by_id == by:
        raise PlanRefused("申请人不能自己决定，须由另一人决定")
    if not reason.strip():
        raise PlanRefused("不同意撤销须写明理由")
    _note(scheduled, Step.REFUSED, by, at, reason)


@transaction.atomic
def confirm_undo(scheduled_id: int, *, by: int, at: datetime) -> UndoResult:
    """Another person confirms: the compensating batch is posted, signed by who asked and who confirmed."""
    scheduled, asked = _asked(scheduled_id)
    if asked.by_id == by:
        raise PlanRefused("申请人不能确认自己的撤销，须由另一人确认")
    _note(scheduled, Step.CONFIRMED, by, at, "")
    return undo_release(scheduled_id, by=asked.by_id, approved_by=by, at=at)


@transaction.atomic
def undo_release(scheduled_id: int, *, by: int, approved_by: int, at: datetime) -> UndoResult:
    """Take a posted instalment back by a compensating batch; rows that have changed since are listed as conflicts."""
    scheduled = locked(scheduled_id)
    undoable = scheduled.state in {ScheduledRelease.State.POSTED, ScheduledRelease.State.UNDONE}
    if not undoable or scheduled.batch_id is None:
        raise PlanRefused(f"该期次为“{scheduled.get_state_display()}”，没有可撤销的批次")
    result = ledger.undo_batch(
        scheduled.batch_id, key=f"undo:{scheduled.batch_id}", by=by, approved_by=approved_by, recorded_at=at,
        rule=RULE_UNDO, reason_code="undo_release",
    )  # fmt: skip
    if not result.already:
        scheduled.state, scheduled.changed_by_id, scheduled.changed_at = ScheduledRelease.State.UNDONE, by, at
        scheduled.outcome = scheduled.outcome | {
            "undone": result.posted,
            "conflicts": result.conflicts.height,
            "redirected": result.redirected.height,
        }
        scheduled.save()
        _cancel_what_was_held(scheduled, by, at)
    return result


def _cancel_what_was_held(scheduled: ScheduledRelease, by: int, at: datetime) -> None:
    """What waited for people who were away does not go out by itself once its instalment was taken back."""
    later = ScheduledRelease.objects.filter(
        plan_id=scheduled.plan_id, instalment=scheduled.instalment, attempt__gt=scheduled.attempt,
        state=ScheduledRelease.State.SCHEDULED,
    )  # fmt: skip
    later.update(
        state=ScheduledRelease.State.CANCELLED, changed_by_id=by, changed_at=at,
        override_reason=f"第 {scheduled.attempt} 次下发已撤销",
    )  # fmt: skip


def pending_undo(scheduled: ScheduledRelease) -> UndoStep | None:
    """The request that waits for a second person, or None."""
    if scheduled.state != ScheduledRelease.State.POSTED:
        return None
    last = UndoStep.objects.filter(scheduled=scheduled).order_by("-number").first()
    return last if last is not None and last.step == Step.ASKED else None


def _posted(scheduled_id: int) -> ScheduledRelease:
    scheduled = locked(scheduled_id)
    if scheduled.state != ScheduledRelease.State.POSTED:
        raise PlanRefused(f"该期次为“{scheduled.get_state_display()}”，没有可撤销的批次")
    return scheduled


def _asked(scheduled_id: int) -> tuple[ScheduledRelease, UndoStep]:
    scheduled = _posted(scheduled_id)
    asked = pending_undo(scheduled)
    if asked is None:
        raise PlanRefused("没有等待确认的撤销申请")
    return scheduled, asked


def _note(scheduled: ScheduledRelease, step: str, by: int, at: datetime, reason: str) -> int:
    number = UndoStep.objects.filter(scheduled=scheduled).count() + 1
    UndoStep.objects.create(
        scheduled=scheduled, number=number, step=step, by_id=by, at=at, reason=reason.strip()
    )
    return number
