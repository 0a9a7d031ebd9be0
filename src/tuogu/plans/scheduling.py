"""The calendar of releases: cancel an instalment before its day, schedule a cancelled or undone one again.

In: a scheduled release. Out: its new state or a new attempt. Never: an entry of the ledger, a posted release cancelled.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from django.db import connection, transaction

from tuogu.bulk import drop, load
from tuogu.core.custody import business_date
from tuogu.ledger import queries as custody
from tuogu.plans.failures import PlanRefused
from tuogu.plans.models import PlanRow, ScheduledRelease
from tuogu.plans.taken_back import taken_back_rows


@transaction.atomic
def cancel(scheduled_id: int, *, by: int, at: datetime, reason: str) -> None:
    """Cancel an instalment before its day; PlanRefused once it was posted."""
    scheduled = locked(scheduled_id)
    if scheduled.state != ScheduledRelease.State.SCHEDULED:
        advice = (
            "，只能撤销，不能取消" if scheduled.state == ScheduledRelease.State.POSTED else "，不需要再取消"
        )
        raise PlanRefused(f"该期次为“{scheduled.get_state_display()}”{advice}")
    if not reason.strip():
        raise PlanRefused("取消发放须写明理由")
    scheduled.state, scheduled.override_reason = ScheduledRelease.State.CANCELLED, reason.strip()
    scheduled.changed_by_id, scheduled.changed_at = by, at
    scheduled.save()


@transaction.atomic
def schedule_again(scheduled_id: int, *, due_date: date, by: int, at: datetime) -> int:
    """A new attempt of a cancelled or undone instalment on another day, or of a posted one for the rows that an undo took
    back from it. The heads of what it will post are taken anew; rows that the planned person holds are not posted again."""
    old = locked(scheduled_id)
    if old.state == ScheduledRelease.State.POSTED:
        if not taken_back_rows(old).exists():
            raise PlanRefused("该期次为“已发放”，没有下发后又被撤回的件，不需要重新安排")
    elif old.state not in {ScheduledRelease.State.CANCELLED, ScheduledRelease.State.UNDONE}:
        raise PlanRefused(f"该期次为“{old.get_state_display()}”，不需要重新安排")
    if due_date < business_date(at):
        raise PlanRefused(f"发放日 {due_date} 早于今天")
    if ScheduledRelease.objects.filter(
        plan=old.plan, instalment=old.instalment, attempt__gt=old.attempt
    ).exists():
        raise PlanRefused("该期次已重新安排过")
    _take_heads_anew(old)
    new = ScheduledRelease.objects.create(
        plan=old.plan, instalment=old.instalment, attempt=old.attempt + 1, due_date=due_date, changed_by_id=by,
        changed_at=at,
    )  # fmt: skip
    return new.pk


def _take_heads_anew(release: ScheduledRelease) -> None:
    """What the new attempt will post is judged against custody as it stands now. Where an attempt stays posted, that is
    only what an undo took back: what somebody moved on purpose since is left where it is."""
    attempts = ScheduledRelease.objects.filter(plan=release.plan, instalment=release.instalment)
    posted = attempts.filter(state=ScheduledRelease.State.POSTED).order_by("-attempt").first()
    rows = taken_back_rows(posted) if posted else PlanRow.objects.filter(
        plan=release.plan, instalment=release.instalment
    )  # fmt: skip
    now = custody.standing_of(rows.values("subject_id"), relation=release.plan.relation)
    heads = now.select("subject_id", pl.col("head").fill_null(0))
    with connection.cursor() as cursor:
        load(cursor, "plans_heads", heads)
        cursor.execute(
            """UPDATE plans_planrow SET expected_head = h.head FROM plans_heads h
               WHERE h.subject_id = plans_planrow.subject_id AND plan_id = %s AND instalment = %s""",
            [release.plan_id, release.instalment],
        )
        drop(cursor, "plans_heads")


def locked(scheduled_id: int) -> ScheduledRelease:
    """The release, locked until the transaction ends; PlanRefused when there is none."""
    scheduled = ScheduledRelease.objects.select_for_update().filter(pk=scheduled_id).first()
    if scheduled is None:
        raise PlanRefused(f"没有待发放期次 {scheduled_id}")
    return scheduled
