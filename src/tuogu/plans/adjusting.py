"""A draft revised by hand (N-04): chosen placements go to somebody else, with a reason, and are judged again.

In: a draft that awaits, who shall get what and why. Out: what the revision would be, or its stored draft; the draft that was
revised stays. Never: a plan that somebody decided on, a row moved without person and reason, a revision that breaks a rule
which the house does not let people break openly (`plans.adjust_openly`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db import transaction

from tuogu.core.adjust import MOVES, adjusted
from tuogu.core.check_words import rule_word
from tuogu.core.coding import CodeOverflow
from tuogu.core.custody import business_date
from tuogu.core.plan import checked
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Certificate, Plan
from tuogu.org import queries as org
from tuogu.plans import reading
from tuogu.plans.failures import PlanRefused
from tuogu.plans.held import receivers
from tuogu.plans.models import Adjustment, StoredPlan
from tuogu.plans.storing import store_plan
from tuogu.rules import queries as rules

_KEY = ("rule", "key")


@dataclass(frozen=True)
class Move:
    """One row of the plan and who shall get it instead: a staff number, 'department:<code>', 'pool:<key>' or 'buffer'."""

    number: str
    receiver: str
    reason: str


@dataclass(frozen=True)
class Revision:
    """What a revision is or would be. `refused`: VIOLATIONS that stop it; `openly`: further ones that a person may make
    with a reason, which the approver sees; `rows` really move."""

    rows: int
    before: Certificate
    after: Certificate
    refused: pl.DataFrame
    openly: pl.DataFrame
    plan: Plan
    book: Book
    rulebook: Rulebook
    violations: pl.DataFrame


def revision(plan_id: int, moves: Iterable[Move], *, by: int, at: datetime) -> Revision:
    """What these moves would make of the draft; writes nothing. PlanRefused: decided already, a what-if's like, nobody to
    sign, rows or receivers that there are none of."""
    return _revision(_draft(plan_id), moves, by, at)


@transaction.atomic
def adjust(
    plan_id: int, moves: Iterable[Move], *, reason: str, source: str, by: int, at: datetime
) -> tuple[int, Revision]:
    """Store the revision as a draft of its own that awaits a second person; the draft before stays. PlanRefused as in
    `revision`, without a reason, or where it breaks what may not be broken: nothing is stored then."""
    if not reason.strip():
        raise PlanRefused("人工调整须写明理由")
    stored = _draft(plan_id, locked=True)
    found = _revision(stored, moves, by, at)
    if found.refused.height:
        raise PlanRefused(_said(found.refused))
    new = store_plan(
        found.plan, found.book, found.rulebook, found.violations, by=by, at=at, adjusts=stored.pk
    )
    if Adjustment.objects.filter(revision_id=new).exists():
        raise PlanRefused(f"同样的调整已存为方案 {new}")
    Adjustment.objects.create(
        revision_id=new, original=stored, number=_number(stored) + 1, rows=found.rows, source=source,
        reason=reason.strip(), openly=found.openly.height, by_id=by, at=at,
    )  # fmt: skip
    return new, found


def _draft(plan_id: int, *, locked: bool = False) -> StoredPlan:
    rows = StoredPlan.objects.select_related("rulebook")
    stored = (rows.select_for_update(of=("self",)) if locked else rows).filter(pk=plan_id).first()
    if stored is None:
        raise PlanRefused(f"没有方案 {plan_id}")
    if stored.state != StoredPlan.State.AWAITING:
        raise PlanRefused(f"方案 {plan_id} 已是“{stored.get_state_display()}”，只有待审批的方案可以人工调整")
    return stored


def _revision(stored: StoredPlan, moves: Iterable[Move], by: int, at: datetime) -> Revision:
    signer = _signer(by)
    plan, book = reading.load_plan(stored.pk)
    rulebook = reading.rulebook_of(stored)
    wanted = _known(moves, plan)
    try:
        changed = adjusted(plan, book, rulebook, wanted, by=signer, day=business_date(at))
    except CodeOverflow as full:
        raise PlanRefused(str(full)) from full
    whole, violations = checked(changed, book, rulebook)
    rows = _rows_moved(plan, whole)
    if not rows:
        raise PlanRefused("所选的行已经归这些接收人，没有要调整的")
    new = further(violations, reading.table_of(stored.pk, "violations"))
    may_break = pl.col("rule").is_in(rules.applicable(business_date(at))["plans.adjust_openly"])
    return Revision(
        rows, plan.certificate, whole.certificate, new.filter(~may_break), new.filter(may_break), whole, book, rulebook,
        violations,
    )  # fmt: skip


def _signer(by: int) -> str:
    people = org.staff_ids().filter(pl.col("custodian_id") == by)
    if people.is_empty():
        raise PlanRefused("人工调整须由在册人员进行")
    return str(people["staff_number"][0])


def _known(moves: Iterable[Move], plan: Plan) -> pl.DataFrame:
    """MOVES; PlanRefused names the first row or receiver that there is none of."""
    rows = [(m.number, m.receiver, m.reason.strip()) for m in moves]
    wanted = pl.DataFrame(rows, schema=MOVES, orient="row")
    if wanted.is_empty():
        raise PlanRefused("没有选任何一行")
    strange = wanted.join(plan.placements, on="number", how="anti")
    if strange.height:
        raise PlanRefused(f"方案没有分配 {strange['number'][0]}（共 {strange.height} 行），不能调整")
    nobody = wanted.join(receivers(), on="receiver", how="anti")
    if nobody.height:
        raise PlanRefused(f"没有接收人 {nobody['receiver'][0]}")
    if wanted.filter(pl.col("reason") == "").height:
        raise PlanRefused("每一行都要写明调整理由")
    return wanted


def _rows_moved(before: Plan, after: Plan) -> int:
    now = after.placements.select("number", to="receiver")
    both = before.placements.select("number", "receiver").join(now, on="number")
    return both.filter(pl.col("receiver") != pl.col("to")).height


def further(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Breaches that the plan did not have, or had in another amount."""
    return now.join(before, on=[*_KEY, "value"], how="anti", nulls_equal=True)


def _number(stored: StoredPlan) -> int:
    last = Adjustment.objects.filter(revision=stored).values_list("number", flat=True).first()
    return int(last or 0)


def _said(refused: pl.DataFrame) -> str:
    first = "；".join(f"{rule_word(rule)}（{req}）{key}：{detail}" for rule, req, key, detail in refused.select(
        "rule", "req", "key", "detail").head(5).iter_rows())  # fmt: skip
    return f"这次调整违反不可放宽的规定 {refused.height} 项：{first}"
