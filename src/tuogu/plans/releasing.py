"""Posts the instalments that are due, and lists what was refused or left out.

In: approved plans, the business day. Out: batches of the ledger, one a due instalment. Never: an instalment posted twice,
a plan that no longer passes its check, a release by the person who approved it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import transaction

from tuogu.core.capacity import CapacityReport
from tuogu.core.check import check_plan
from tuogu.core.custody import business_date
from tuogu.core.plan import plan_digest
from tuogu.core.strategies import STRATEGIES
from tuogu.ledger import actions as ledger
from tuogu.ledger.kinds import EntryKind
from tuogu.plans import reading
from tuogu.plans.capacity import release_capacity
from tuogu.plans.deferring import HELD_OF, first_return, present
from tuogu.plans.failures import PlanRefused
from tuogu.plans.filings import not_filed
from tuogu.plans.models import ScheduledRelease, StoredPlan
from tuogu.plans.offering import willing
from tuogu.plans.standing import standing, to_post
from tuogu.rules import queries as rules


@dataclass(frozen=True)
class Released:
    """One instalment that was posted. `unchanged` rows already were with the person planned; `held` ones wait for somebody
    who is away, until `again`."""

    plan: int
    instalment: int
    batch: int
    posted: int
    unchanged: int
    stale: pl.DataFrame
    seal_number: int | None
    held: pl.DataFrame
    again: date | None


@dataclass(frozen=True)
class Refused:
    """One instalment that is due and was not posted, with why."""

    plan: int
    instalment: int
    reason: str


def release_due(
    *, by: int, at: datetime, plan_id: int | None = None, override_reason: str = ""
) -> list[Released | Refused]:
    """Post every instalment that is due on the business day of `at`, each in a transaction of its own.

    An instalment is refused, and listed, when its stored plan no longer passes the check or when its visits exceed what
    working days allow; the latter may be overridden with a reason. Posting again changes nothing.
    """
    today = business_date(at)
    if plan_id is not None:
        _require_decided(plan_id)
    due = ScheduledRelease.objects.filter(state=ScheduledRelease.State.SCHEDULED, due_date__lte=today)
    if plan_id is not None:
        due = due.filter(plan_id=plan_id)
    ids = due.order_by("due_date", "plan_id", "instalment").values_list("pk", flat=True)
    return [_release(pk, by=by, at=at, override_reason=override_reason.strip()) for pk in list(ids)]


def _require_decided(plan_id: int) -> None:
    """Nothing is released without an approved pre-allocation (P-25)."""
    stored = StoredPlan.objects.filter(pk=plan_id).first()
    if stored is None:
        raise PlanRefused(f"没有方案 {plan_id}，不能正式分单；请先预分并审批")
    if stored.state in {StoredPlan.State.AWAITING, StoredPlan.State.REJECTED}:
        raise PlanRefused(f"方案 {plan_id} 为“{stored.get_state_display()}”，不能正式分单；须先由第二人批准")


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
    chosen = STRATEGIES[stored.strategy]
    second = bool(override_reason) and by != stored.made_by_id
    unfiled = _unfiled(stored, scheduled.instalment)
    if unfiled and not (second and rules.applicable(business_date(at))["plans.filing_override"]):
        return Refused(stored.pk, scheduled.instalment, unfiled)
    report = release_capacity(stored, scheduled.instalment, business_date(at))
    if not report.accepted and not second:
        return Refused(stored.pk, scheduled.instalment, _over_capacity(report))
    planned = standing(stored, scheduled.instalment)
    asked = to_post(planned)
    rows, said_no = willing(stored, asked)  # L-03: also of those who refused after the plan was made
    rows, held = present(rows, business_date(at))  # P-06: as the calendar stands on the day itself
    unchanged = planned.height - asked.height
    result = ledger.post_batch(
        rows,
        key=batch_key(stored, scheduled),
        by=by, approved_by=stored.decided_by_id, effective_date=business_date(at), recorded_at=at,
        kind=EntryKind.RETURN_TO_POOL if chosen.returns else EntryKind.RELEASE, relation=stored.relation,
        rule=chosen.req, reason_code=f"instalment_{scheduled.instalment}",
    )  # fmt: skip
    stale = pl.concat([result.stale, said_no])
    scheduled.state, scheduled.batch_id = ScheduledRelease.State.POSTED, result.batch_id
    scheduled.changed_by_id, scheduled.changed_at = by, at
    if unfiled or not report.accepted:
        scheduled.override_reason, scheduled.override_by_id = override_reason, by
    told = {"posted": result.posted, "stale": stale.height, "unchanged": unchanged}
    scheduled.outcome = scheduled.outcome | told  # an attempt for held rows says so from the beginning
    for reason, count in said_no.group_by("reason").len().iter_rows():
        scheduled.outcome[reason] = count
    again = _once_they_are_back(scheduled, held, by, at)
    scheduled.save()
    return Released(
        stored.pk,
        scheduled.instalment,
        result.batch_id,
        result.posted,
        unchanged,
        stale,
        result.seal_number,
        held,
        again,
    )


def _once_they_are_back(
    scheduled: ScheduledRelease, held: pl.DataFrame, by: int, at: datetime
) -> date | None:
    """A further attempt for the rows held back, on the first day that one of their receivers is there again; its day."""
    if held.is_empty():
        return None
    day = first_return(held, business_date(at))
    scheduled.outcome["held"] = held.height
    ScheduledRelease.objects.create(
        plan_id=scheduled.plan_id, instalment=scheduled.instalment, attempt=scheduled.attempt + 1, due_date=day,
        changed_by_id=by, changed_at=at, outcome={HELD_OF: held.height},
    )  # fmt: skip
    return day


def _unfiled(stored: StoredPlan, instalment: int) -> str:
    """What departments have still to file before a first wave; '' = nothing (S2-15)."""
    asked = instalment == 1 and STRATEGIES[stored.strategy].filings_first
    return not_filed(stored, instalment) if asked else ""


def batch_key(stored: StoredPlan, scheduled: ScheduledRelease) -> str:
    """Idempotency key of an instalment's batch; its last four digits say instalment and attempt."""
    return f"plan:{stored.digest[:32]}:{scheduled.instalment:02d}{scheduled.attempt:02d}"


def _still_sound(stored: StoredPlan) -> str:
    """Check the stored plan against its stored inputs; '' when it is what was approved."""
    plan, book = reading.load_plan(stored.pk)
    if plan_digest(plan) != stored.digest:
        return "方案内容与审批时不一致，已停止下发"
    found = check_plan(plan, book, reading.rulebook_of(stored)).height
    return (
        "" if found == stored.violations else f"重新检查得到 {found} 项超限，审批时为 {stored.violations} 项"
    )


def _over_capacity(report: CapacityReport) -> str:
    return (
        "拜访产能不足："
        + "；".join(report.refusals[:3])
        + "。可改为分季发放，或由制表人以外的人写明理由后放行"
    )


def describe(outcome: Released | Refused) -> dict[str, Any]:
    """An outcome as plain values, for a table or JSON."""
    if isinstance(outcome, Refused):
        return {"plan": outcome.plan, "instalment": outcome.instalment, "refused": outcome.reason}
    return {
        "plan": outcome.plan, "instalment": outcome.instalment, "batch": outcome.batch, "posted": outcome.posted,
        "unchanged": outcome.unchanged, "stale": outcome.stale.height, "seal": outcome.seal_number,
        "held": outcome.held.height, "held_until": outcome.again and outcome.again.isoformat(),
    }  # fmt: skip
