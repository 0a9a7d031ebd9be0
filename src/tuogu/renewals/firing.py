"""Steps that happened become rows, by the set.

In: STEPS with who is responsible. Out: rows of FiredStep, only what is new. Never: the same step of a case twice.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from django.db import connection

from tuogu.bulk import drop, load
from tuogu.core.custody import business_date
from tuogu.core.motor.tables import STEPS
from tuogu.core.tables import Schema, conform
from tuogu.renewals.models import FiredStep

FIRING: Schema = {**STEPS, "person_id": pl.Int64}
_TABLE = FiredStep._meta.db_table
_INSERT = f"""
INSERT INTO {_TABLE} (subject_id, step, "round", due_date, fired_date, person_id, reason, at)
SELECT n.subject_id, n.step, n.turn, n.due_date, %s, n.person_id, n.reason, %s FROM renewals_firing n
WHERE NOT EXISTS (SELECT 1 FROM {_TABLE} f WHERE f.subject_id = n.subject_id AND f.step = n.step AND f."round" = n.turn)
ORDER BY n.subject_id, n.due_date, n.step
"""


def fire(steps: pl.DataFrame, *, at: datetime) -> int:
    """Store FIRING; returns how many are new. The caller's transaction."""
    rows = conform(steps, FIRING).rename({"round": "turn"})
    if rows.is_empty():
        return 0
    with connection.cursor() as cursor:
        load(cursor, "renewals_firing", rows)
        cursor.execute(
            _INSERT,
            [
                connection.ops.adapt_datefield_value(business_date(at)),
                connection.ops.adapt_datetimefield_value(at),
            ],
        )
        made = int(cursor.rowcount)
        drop(cursor, "renewals_firing")
    return made


def fire_one(
    subject: int, step: str, *, due: date, person: int | None, reason: str, at: datetime
) -> FiredStep:
    """The next round of one step of one case: an act of a person, or an hour that passed."""
    last = FiredStep.objects.filter(subject_id=subject, step=step).order_by("-round").first()
    return FiredStep.objects.create(
        subject_id=subject, step=step, round=last.round + 1 if last else 1, due_date=due,
        fired_date=business_date(at), person_id=person, reason=reason, at=at,
    )  # fmt: skip
