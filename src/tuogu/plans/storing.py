"""Stores a plan as a draft that awaits a second person.

In: a plan of core with its book and violations. Out: the stored draft and one row a policy that it speaks of. Never: a
change of custody, the same plan twice, a plan about policies that the ledger does not know.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl
from django.db import transaction

from tuogu.bulk import insert_rows
from tuogu.core.changes import BUFFER
from tuogu.core.plan import plan_digest
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan
from tuogu.ledger import queries as custody
from tuogu.org import queries as staff
from tuogu.org.scope import Scope
from tuogu.plans import archive
from tuogu.plans.failures import PlanRefused
from tuogu.plans.models import PlanRow, PlanTable, StoredPlan
from tuogu.rules import actions as rules


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
        placed=plan.assignments.height, unplaced=plan.unplaced.height, institution_codes=_institutions(plan, book),
        certificate=archive.certificate_as_json(plan.certificate) | {"data_date": book.books.data_date.isoformat()},
    )  # fmt: skip
    PlanTable.objects.bulk_create(
        PlanTable(plan=stored, name=name, content=content, digest=archive.digest_of(content))
        for name, content in archive.pack(plan, book, violations).items()
    )
    insert_rows(PlanRow._meta.db_table, _plan_rows(plan, stored.pk))
    return stored.pk


def _institutions(plan: Plan, book: Book) -> list[str]:
    """Codes of the institutions that manage what the plan speaks of; whose scope covers them all may see it."""
    spoken = pl.concat([plan.assignments.select("policy_number"), plan.unplaced.select("policy_number")])
    managed = book.books.policies.join(spoken, on="policy_number", how="semi")["institution_code"]
    return managed.drop_nulls().unique().sort().to_list()


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
