"""The rows of a plan beside today's ledger: who shall hold each subject, and who holds it now, in the plan's relation.

In: a stored plan. Out: one frame, STANDING. Never: a row that the plan does not speak of; a judgement about it (what may
be posted is judged by the ledger).
"""

from __future__ import annotations

import polars as pl

from tuogu.ledger import queries as custody
from tuogu.plans import memory
from tuogu.plans.models import PlanRow, ScheduledRelease, StoredPlan

_PLANNED = {
    "subject_id": pl.Int64,
    "custodian_id": pl.Int64,  # who shall hold it
    "expected_head": pl.Int64,  # the entry in force when the plan was made
    "instalment": pl.Int64,
    "unit_code": pl.String,
    "lever": pl.String,  # unit | adjacent | return (back to the buffer group)
}
STANDING = _PLANNED | {
    "number": pl.String,
    "holder_id": pl.Int64,  # who holds it now; null = closed, or nobody yet
    "head": pl.Int64,
}


def standing(stored: StoredPlan, instalment: int | None = None) -> pl.DataFrame:
    """STANDING of a plan or of one instalment, by subject, read now."""
    rows = PlanRow.objects.filter(plan=stored)
    if instalment is not None:
        rows = rows.filter(instalment=instalment)
    found = list(rows.order_by("subject_id").values_list(*_PLANNED))
    columns = list(zip(*found, strict=True)) or [()] * len(_PLANNED)
    planned = pl.DataFrame(
        [
            pl.Series(name, values, dtype=kind)
            for (name, kind), values in zip(_PLANNED.items(), columns, strict=True)
        ]
    )
    held = custody.standing_of(rows.values("subject_id"), relation=stored.relation)
    return planned.join(held, on="subject_id", how="left").select(*STANDING)


def standing_now(stored: StoredPlan) -> pl.DataFrame:
    """`standing` of the whole plan, kept in memory until custody or a schedule changes."""
    return memory.derived((stored.digest, "standing", version(stored)), lambda: standing(stored))


def version(stored: StoredPlan) -> tuple[int, str, int]:
    """Changes with every entry of the ledger and with every new attempt, which takes its heads anew."""
    return stored.pk, custody.version(), ScheduledRelease.objects.filter(plan=stored).count()


def to_post(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of STANDING that a release would ask to post: those that the planned person does not hold already."""
    return rows.filter(pl.col("holder_id").is_null() | (pl.col("holder_id") != pl.col("custodian_id")))
