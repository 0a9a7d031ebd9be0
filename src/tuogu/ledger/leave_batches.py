"""Which leaves the ledger knows, and what each took over: for whoever must act on a leave.

In: the batches already read. Out: leaves in the order of the record, subjects as a subquery. Never: a subject's number.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import QuerySet

from tuogu.bulk import fetch
from tuogu.ledger.kinds import Relation
from tuogu.ledger.models import Entry

_LEAVE: dict[str, Any] = {
    "batch": pl.Int64, "person": pl.Int64, "left_date": pl.Date, "reason_code": pl.String, "moved": pl.Int64,
}  # fmt: skip
# Whose book it was: whoever held the subject of the batch's first entry on the day from which that entry took it over.
_LEAVES = """
SELECT b.id, (SELECT x.custodian_id FROM ledger_entry x
              WHERE x.subject_id = e.subject_id AND x.relation = e.relation AND x.seq < e.seq
                AND x.effective_date <= e.effective_date
                AND (x.effective_until IS NULL OR x.effective_until > e.effective_date)
              ORDER BY x.seq DESC LIMIT 1), b.effective_date, b.reason_code, b.posted
FROM ledger_batch b JOIN ledger_entry e ON e.id = (SELECT MIN(f.id) FROM ledger_entry f WHERE f.batch_id = b.id)
WHERE b.kind = 'leave' ORDER BY b.id
"""


@dataclass(frozen=True)
class Leave:
    """One LEAVE batch: whose book, from which day on, why."""

    batch: int
    person: int
    left_date: date
    reason_code: str
    moved: int


def leaves_not_in(batches: Collection[int]) -> list[Leave]:
    """Every leave but those of `batches`, in the order of the record."""
    with connection.cursor() as cursor:
        found = fetch(cursor, _LEAVE, _LEAVES)
    return [Leave(**row) for row in found.iter_rows(named=True) if row["batch"] not in batches]


def subjects_of_batch(batch_id: int, *, relation: str = Relation.CUSTODY) -> QuerySet[Any]:
    """Ids of the subjects that a batch moved in one relation, as a subquery."""
    return Entry.objects.filter(batch_id=batch_id, relation=relation).values("subject_id")
