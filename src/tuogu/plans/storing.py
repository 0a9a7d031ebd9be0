"""Stores a plan as a draft that awaits a second person.

In: a plan of core with its book and violations. Out: the stored draft and one row a subject that it places. Never: a
change in the ledger's holdings, the same plan twice, a plan about policies that the ledger does not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl
from django.db import transaction

from tuogu.bulk import insert_rows
from tuogu.core.changes import BUFFER
from tuogu.core.plan import plan_digest
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import STRATEGIES, TERRITORY
from tuogu.core.tables import Book, Plan
from tuogu.org import queries as staff
from tuogu.plans import archive, subjects
from tuogu.plans.failures import PlanRefused
from tuogu.plans.models import PlanRow, PlanTable, ScheduledRelease, StoredPlan
from tuogu.plans.reach import speaking_of
from tuogu.plans.what_if import what_if
from tuogu.rules import actions as rules

_ROW = ("subject_id", "custodian_id", "head", "instalment", "unit_code", "lever")


@transaction.atomic
def store_plan(
    plan: Plan,
    book: Book,
    rulebook: Rulebook,
    violations: pl.DataFrame,
    *,
    by: int,
    at: datetime,
    adjusts: int | None = None,
) -> int:
    """Store `plan` as a draft that awaits a second person; returns its id. The same plan again is the same draft.
    `adjusts`: the draft that it revises by hand.

    PlanRefused where the strategy allows one pre-allocation pool at a time and the one before is not cleared (P-25).
    """
    digest = plan_digest(plan)
    before = StoredPlan.objects.filter(digest=digest).first()
    if before is not None:
        return before.pk
    if adjusts is None and plan.strategy in rulebook["pool.one_at_a_time"]:
        _require_cleared(plan.strategy, _institutions(plan, book, STRATEGIES[plan.strategy].subject))
    chosen = STRATEGIES[plan.strategy]
    stored = StoredPlan.objects.create(
        digest=digest, as_of=plan.as_of, seed=plan.seed, effort=plan.effort, book_digest=plan.book_digest,
        rulebook_id=rules.adopt(rulebook, by=by, at=at), violations=violations.height, made_by_id=by, made_at=at,
        placed=plan.placements.height, unplaced=plan.unplaced.height,
        institution_codes=_institutions(plan, book, chosen.subject),
        strategy=plan.strategy, relation=chosen.relation, subject_kind=chosen.subject, options=dict(plan.options),
        certificate=archive.certificate_as_json(plan.certificate) | {"data_date": book.books.data_date.isoformat()},
        adjusts_id=adjusts, adjusted=plan.adjusted.height,
    )  # fmt: skip
    PlanTable.objects.bulk_create(
        PlanTable(plan=stored, name=name, content=content, digest=archive.digest_of(content))
        for name, content in archive.pack(plan, book, violations).items()
    )
    insert_rows(PlanRow._meta.db_table, _plan_rows(plan, stored, by, at))
    return stored.pk


def _require_cleared(strategy: str, institutions: Sequence[str]) -> None:
    """A pre-allocation pool that nobody has decided on, or that still has something to release, blocks a new one of an
    institution that it speaks of."""
    own = StoredPlan.objects.filter(
        pk__in=speaking_of(institutions, StoredPlan.objects.filter(strategy=strategy))
    )
    drafts = own.filter(state=StoredPlan.State.AWAITING).select_related("rulebook").order_by("-pk")
    awaiting = next((draft for draft in drafts if not what_if(draft)), None)  # a what-if is no pool
    if awaiting is not None:
        raise PlanRefused(
            f"预分单池未清空：方案 {awaiting.pk} 还没有审批；请先批准、退回或由编制人撤回，再重新预分"
        )
    waiting = (
        ScheduledRelease.objects.filter(plan__in=own, state=ScheduledRelease.State.SCHEDULED)
        .order_by("plan_id")
        .first()
    )
    if waiting is not None:
        raise PlanRefused(
            f"预分单池未清空：方案 {waiting.plan_id} 已批准但还没有正式分单；请先下发或取消，再重新预分"
        )


def _institutions(plan: Plan, book: Book, subject: str) -> list[str]:
    """Codes of the institutions that manage what the plan speaks of; whose scope covers them all may see it."""
    column = "policy_number" if subject == "policy" else "holder_number"
    spoken = pl.concat([plan.placements["number"], plan.unplaced["policy_number"]])
    managed = book.books.policies.filter(pl.col(column).is_in(spoken.implode()))["institution_code"]
    return managed.drop_nulls().unique().sort().to_list()


def _plan_rows(plan: Plan, stored: StoredPlan, by: int, at: datetime) -> pl.DataFrame:
    """One row a placement, and for territories one a policy that must go back to the buffer group: subject, custodian and
    the head that the plan was made on."""
    held = subjects.standing_subjects(
        plan.placements["number"], kind=stored.subject_kind, relation=stored.relation
    )
    receivers = subjects.custodians_of(plan.placements["receiver"], by=by, at=at)
    placed = plan.placements.join(receivers, on="receiver", how="left").join(held, on="number", how="left")
    lost = placed.filter(pl.col("subject_id").is_null())
    if lost.height:
        raise PlanRefused(f"方案中有 {lost.height} 件不在台账，例如 {lost['number'][0]}；请先导入")
    rows = [placed]
    if stored.strategy == TERRITORY.name:
        rows.append(_returned(plan, held))
    return (
        pl.concat([frame.select(*_ROW) for frame in rows])
        .rename({"head": "expected_head"})
        .with_columns(
            pl.col("expected_head").fill_null(0),
            pl.col("unit_code").fill_null(""),
            plan_id=pl.lit(stored.pk, pl.Int64),
        )
        .sort("subject_id")
    )


def _returned(plan: Plan, held: pl.DataFrame) -> pl.DataFrame:
    """Policies that a territory plan takes out of a territory."""
    buffer = staff.buffer_group()
    rows = plan.unplaced.filter(custodian=BUFFER).join(held, left_on="policy_number", right_on="number")
    return rows.filter(pl.col("holder_id") != buffer).with_columns(
        custodian_id=pl.lit(buffer, pl.Int64), instalment=pl.lit(1, pl.Int64), unit_code=pl.lit(""),
        lever=pl.lit("return"),
    )  # fmt: skip
