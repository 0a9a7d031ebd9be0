"""Writes of the plans: store a draft, decide on it, release its instalments, cancel, undo, schedule again.

Keyword-only `by` (custodian id) and `at` (moment). A person who made a plan never decides on it, and whoever releases is
not whoever approved: the database refuses both. Every release checks the stored plan anew before it posts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import transaction

from tuogu.bulk import insert_rows
from tuogu.core.capacity import CapacityReport, release_dates
from tuogu.core.changes import BUFFER
from tuogu.core.check import check_plan
from tuogu.core.custody import business_date
from tuogu.core.plan import plan_digest
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.results import UndoResult
from tuogu.org import queries as staff
from tuogu.org.scope import Scope
from tuogu.plans import archive, queries
from tuogu.plans.capacity import release_capacity
from tuogu.plans.failures import PlanRefused
from tuogu.plans.models import PlanRow, PlanTable, ScheduledRelease, StoredPlan
from tuogu.rules import actions as rules

__all__ = [
    "PlanRefused", "Refused", "Released", "approve", "cancel", "describe", "reject", "release_due", "schedule_again",
    "store_plan", "undo_release",
]  # fmt: skip
RULE_RELEASE = "S0-23"
RULE_UNDO = "N-06"


@dataclass(frozen=True)
class Released:
    """One instalment that was posted. `unchanged` rows already were with the person planned."""

    plan: int
    instalment: int
    batch: int
    posted: int
    unchanged: int
    stale: pl.DataFrame
    seal_number: int | None


@dataclass(frozen=True)
class Refused:
    """One instalment that is due and was not posted, with why."""

    plan: int
    instalment: int
    reason: str


@transaction.atomic
def store_plan(
    plan: Plan, book: Book, rulebook: Rulebook, violations: pl.DataFrame, *, by: int, at: datetime
) -> int:
    """Store `plan` as a draft that awaits a second person; returns its id. The same plan again is the same draft."""
    digest = plan_digest(plan)
    before = StoredPlan.objects.filter(digest=digest).first()
    if before is not None:
        return before.pk
    stored = StoredPlan.objects.create(
        digest=digest, as_of=plan.as_of, seed=plan.seed, effort=plan.effort, book_digest=plan.book_digest,
        rulebook_id=rules.adopt(rulebook, by=by, at=at), violations=violations.height, made_by_id=by, made_at=at,
        certificate=archive.certificate_as_json(plan.certificate) | {"data_date": book.books.data_date.isoformat()},
    )  # fmt: skip
    PlanTable.objects.bulk_create(
        PlanTable(plan=stored, name=name, content=content, digest=archive.digest_of(content))
        for name, content in archive.pack(plan, book, violations).items()
    )
    insert_rows(PlanRow._meta.db_table, _plan_rows(plan, stored.pk))
    return stored.pk


def _plan_rows(plan: Plan, plan_id: int) -> pl.DataFrame:
    """One row an assignment, and one a policy that must go back to the buffer group: subject, custodian and the head
    of custody that the plan was made on."""
    held = custody.holdings(Scope.everything(), kind="policy").select(
        policy_number="number", subject_id="subject_id", holder_id="custodian_id", expected_head="head"
    )
    people = staff.staff_ids().select("staff_number", "custodian_id")
    assigned = plan.assignments.select("policy_number", "staff_number", "instalment", "unit_code", "lever")
    placed = assigned.join(people, on="staff_number", how="left").join(held, on="policy_number", how="left")
    lost = placed.filter(pl.col("subject_id").is_null() | pl.col("custodian_id").is_null())
    if lost.height:
        raise PlanRefused(
            f"方案中有 {lost.height} 件不在台账或接收人不在册，例如 {lost['policy_number'][0]}；请先导入"
        )
    buffer = staff.buffer_group()
    returned = plan.unplaced.filter(custodian=BUFFER).join(held, on="policy_number")
    returned = returned.filter(pl.col("holder_id") != buffer).with_columns(
        custodian_id=pl.lit(buffer, pl.Int64), instalment=pl.lit(1, pl.Int64), unit_code=pl.lit(""),
        lever=pl.lit("return"),
    )  # fmt: skip
    columns = ("subject_id", "custodian_id", "expected_head", "instalment", "unit_code", "lever")
    rows = pl.concat([placed.select(columns), returned.select(columns)])
    return rows.with_columns(plan_id=pl.lit(plan_id, pl.Int64)).sort("subject_id")


@transaction.atomic
def approve(plan_id: int, *, by: int, at: datetime, first_release_date: date, note: str = "") -> list[date]:
    """Approve a plan that awaits it and schedule its instalments; returns their days.

    PlanRefused: decided already, the same person, hard violations without a note, a first day in the past, or a plan
    made on custody that a release has changed since.
    """
    stored = _awaiting(plan_id, by)
    if first_release_date < business_date(at):
        raise PlanRefused(f"首次发放日 {first_release_date} 早于今天")
    if stored.violations and not note.strip():
        raise PlanRefused(f"方案有 {stored.violations} 项超出规定；批准须写明理由(--note)")
    _decide(stored, StoredPlan.State.APPROVED, by, at, note)
    instalments = set(PlanRow.objects.filter(plan=stored).values_list("instalment", flat=True).distinct())
    _supersede(stored, by, at)
    days = release_dates(first_release_date, queries.rulebook_of(stored))
    ScheduledRelease.objects.bulk_create(
        ScheduledRelease(plan=stored, instalment=n, due_date=day, changed_by_id=by, changed_at=at)
        for n, day in enumerate(days, start=1)
        if n in instalments
    )
    return list(days)


def _supersede(stored: StoredPlan, by: int, at: datetime) -> None:
    """An approved plan takes the place of the ones before: what they still had scheduled is cancelled (P-02)."""
    older = StoredPlan.objects.filter(state=StoredPlan.State.APPROVED).exclude(pk=stored.pk)
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


def _awaiting(plan_id: int, by: int) -> StoredPlan:
    stored = StoredPlan.objects.select_for_update().filter(pk=plan_id).first()
    if stored is None:
        raise PlanRefused(f"没有方案 {plan_id}")
    if stored.state != StoredPlan.State.AWAITING:
        raise PlanRefused(f"方案 {plan_id} 已是“{stored.get_state_display()}”，不能再审批")
    if stored.made_by_id == by:
        raise PlanRefused("制表人不能审批自己的方案，须由另一人审批")
    if not staff.is_person(by):
        raise PlanRefused("审批须由在册人员以个人令牌进行")
    return stored


def _decide(stored: StoredPlan, state: str, by: int, at: datetime, note: str) -> None:
    stored.state, stored.decided_by_id, stored.decided_at, stored.decision_note = state, by, at, note.strip()
    stored.save(update_fields=["state", "decided_by", "decided_at", "decision_note"])


def release_due(
    *, by: int, at: datetime, plan_id: int | None = None, override_reason: str = ""
) -> list[Released | Refused]:
    """Post every instalment that is due on the business day of `at`, each in a transaction of its own.

    An instalment is refused, and listed, when its stored plan no longer passes the check or when its visits exceed what
    working days allow; the latter may be overridden with a reason. Posting again changes nothing.
    """
    today = business_date(at)
    due = ScheduledRelease.objects.filter(state=ScheduledRelease.State.SCHEDULED, due_date__lte=today)
    if plan_id is not None:
        due = due.filter(plan_id=plan_id)
    ids = due.order_by("due_date", "plan_id", "instalment").values_list("pk", flat=True)
    return [_release(pk, by=by, at=at, override_reason=override_reason.strip()) for pk in list(ids)]


@transaction.atomic
def _release(pk: int, *, by: int, at: datetime, override_reason: str) -> Released | Refused:
    scheduled = ScheduledRelease.objects.select_for_update().select_related("plan").get(pk=pk)
    stored = scheduled.plan
    if scheduled.state != ScheduledRelease.State.SCHEDULED:
        return Refused(stored.pk, scheduled.instalment, "已由他人处理")
    if stored.decided_by_id == by:
        return Refused(stored.pk, scheduled.instalment, "审批人不能自己下发，须由另一人下发")
    reason = _still_sound(stored)
    if reason:
        return Refused(stored.pk, scheduled.instalment, reason)
    report = release_capacity(stored, scheduled.instalment, business_date(at))
    if not report.accepted and (not override_reason or by == stored.made_by_id):
        return Refused(stored.pk, scheduled.instalment, _over_capacity(report))
    rows, unchanged = _rows_to_post(stored, scheduled.instalment)
    result = ledger.post_batch(
        rows,
        key=f"plan:{stored.digest[:32]}:{scheduled.instalment}:{scheduled.attempt}",
        by=by, approved_by=stored.decided_by_id, effective_date=business_date(at), recorded_at=at,
        rule=RULE_RELEASE, reason_code=f"instalment_{scheduled.instalment}",
    )  # fmt: skip
    scheduled.state, scheduled.batch_id = ScheduledRelease.State.POSTED, result.batch_id
    scheduled.changed_by_id, scheduled.changed_at = by, at
    if not report.accepted:
        scheduled.override_reason, scheduled.override_by_id = override_reason, by
    scheduled.outcome = {"posted": result.posted, "stale": result.stale.height, "unchanged": unchanged}
    scheduled.save()
    return Released(
        stored.pk,
        scheduled.instalment,
        result.batch_id,
        result.posted,
        unchanged,
        result.stale,
        result.seal_number,
    )


def _still_sound(stored: StoredPlan) -> str:
    """Check the stored plan against its stored inputs; '' when it is what was approved."""
    plan, book = queries.load_plan(stored.pk)
    if plan_digest(plan) != stored.digest:
        return "方案内容与审批时不一致，已停止下发"
    found = check_plan(plan, book, queries.rulebook_of(stored)).height
    return (
        "" if found == stored.violations else f"重新检查得到 {found} 项超限，审批时为 {stored.violations} 项"
    )


def _over_capacity(report: CapacityReport) -> str:
    return (
        "拜访产能不足："
        + ";".join(report.refusals[:3])
        + "。可改为分季发放，或由制表人以外的人写明理由（--override）后放行"
    )


def _rows_to_post(stored: StoredPlan, instalment: int) -> tuple[pl.DataFrame, int]:
    """ASKED rows of the instalment, without those that the planned person holds already."""
    rows = PlanRow.objects.filter(plan=stored, instalment=instalment).order_by("subject_id")
    frame = pl.DataFrame(
        list(rows.values_list("subject_id", "custodian_id", "expected_head")),
        schema={"subject_id": pl.Int64, "custodian_id": pl.Int64, "expected_head": pl.Int64},
        orient="row",
    )
    held = custody.holdings(Scope.everything(), kind="policy").select("subject_id", holder_id="custodian_id")
    moving = frame.join(held, on="subject_id", how="left").filter(
        pl.col("holder_id").is_null() | (pl.col("holder_id") != pl.col("custodian_id"))
    )
    return moving.drop("holder_id"), frame.height - moving.height


@transaction.atomic
def cancel(scheduled_id: int, *, by: int, at: datetime, reason: str) -> None:
    """Cancel an instalment before its day; PlanRefused once it was posted."""
    scheduled = _scheduled(scheduled_id)
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
def undo_release(scheduled_id: int, *, by: int, approved_by: int, at: datetime) -> UndoResult:
    """Take a posted instalment back by a compensating batch; rows that have changed since are listed as conflicts."""
    scheduled = _scheduled(scheduled_id)
    if scheduled.state not in {ScheduledRelease.State.POSTED, ScheduledRelease.State.UNDONE}:
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
        }
        scheduled.save()
    return result


@transaction.atomic
def schedule_again(scheduled_id: int, *, due_date: date, by: int, at: datetime) -> int:
    """A new attempt of a cancelled or undone instalment on another day; its heads are taken anew."""
    old = _scheduled(scheduled_id)
    if old.state not in {ScheduledRelease.State.CANCELLED, ScheduledRelease.State.UNDONE}:
        raise PlanRefused(f"该期次为“{old.get_state_display()}”，不需要重新安排")
    if due_date < business_date(at):
        raise PlanRefused(f"发放日 {due_date} 早于今天")
    if ScheduledRelease.objects.filter(
        plan=old.plan, instalment=old.instalment, attempt__gt=old.attempt
    ).exists():
        raise PlanRefused("该期次已重新安排过")
    heads = dict(custody.holdings(Scope.everything(), kind="policy").select("subject_id", "head").iter_rows())
    rows = list(PlanRow.objects.filter(plan=old.plan, instalment=old.instalment))
    for row in rows:
        row.expected_head = heads.get(row.subject_id, row.expected_head)
    PlanRow.objects.bulk_update(rows, ["expected_head"], batch_size=500)
    new = ScheduledRelease.objects.create(
        plan=old.plan, instalment=old.instalment, attempt=old.attempt + 1, due_date=due_date, changed_by_id=by,
        changed_at=at,
    )  # fmt: skip
    return new.pk


def _scheduled(scheduled_id: int) -> ScheduledRelease:
    scheduled = ScheduledRelease.objects.select_for_update().filter(pk=scheduled_id).first()
    if scheduled is None:
        raise PlanRefused(f"没有待发放期次 {scheduled_id}")
    return scheduled


def describe(outcome: Released | Refused) -> dict[str, Any]:
    """An outcome as plain values, for a table or JSON."""
    if isinstance(outcome, Refused):
        return {"plan": outcome.plan, "instalment": outcome.instalment, "refused": outcome.reason}
    return {
        "plan": outcome.plan, "instalment": outcome.instalment, "batch": outcome.batch, "posted": outcome.posted,
        "unchanged": outcome.unchanged, "stale": outcome.stale.height, "seal": outcome.seal_number,
    }  # fmt: skip
