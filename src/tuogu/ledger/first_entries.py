"""What became of the subjects that one batch opened: whether anything but a set of batches has touched them since.

In: the opening batch and the batches that belong to the same act (an import also closes what had ended). Out: one row a
subject. Never: a judgement whether that matters; the caller decides.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from django.db import connection

from tuogu.bulk import fetch
from tuogu.ledger.kinds import EntryKind
from tuogu.ledger.models import Entry

OPENED = {
    "subject_id": pl.Int64,
    "number": pl.String,
    "custodian_id": pl.Int64,  # who holds it now; null = closed
    "since_date": pl.Date,  # of its present custody, or of its end
    "later_kind": pl.String,  # of the newest entry from elsewhere; null = untouched
    "later_custodian_id": pl.Int64,
}
_SQL = """
SELECT e.subject_id, j.number, h.custodian_id, h.since_date, l.kind, l.custodian_id
FROM ledger_entry e
JOIN ledger_subject j ON j.id = e.subject_id
JOIN ledger_holding h ON h.subject_id = e.subject_id AND h.relation = 'custody'
LEFT JOIN ledger_entry l ON l.id = (
  SELECT MAX(x.id) FROM ledger_entry x
  WHERE x.subject_id = e.subject_id AND (x.batch_id IS NULL OR x.batch_id NOT IN ({own})))
WHERE e.batch_id = %s AND e.relation = 'custody'
ORDER BY e.subject_id
"""


def opened_by(batch_id: int, own_batches: Sequence[int]) -> pl.DataFrame:
    """OPENED of every subject that got its first custodian in `batch_id`, by subject."""
    own = sorted({batch_id, *own_batches})
    marks = ", ".join(["%s"] * len(own))
    with connection.cursor() as cursor:
        return fetch(cursor, OPENED, _SQL.format(own=marks), [*own, batch_id])


def opening_batches(batches: Sequence[int], kind: str) -> list[int]:
    """Those of these batches that gave subjects of a kind their first custodian, in order."""
    rows = Entry.objects.filter(batch__in=list(batches), kind=EntryKind.OPEN, subject__kind=kind)
    return sorted(rows.values_list("batch_id", flat=True).distinct())
