"""Who holds what now in several relations at once, and how often each piece was handed out before.

In: relations, kinds of subjects. Out: one frame, CIRCULATION, by kind, number and relation. Never: a closed holding, a
subject whose number was erased, one query more for more rows.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl
from django.db import connection

from tuogu.bulk import fetch
from tuogu.ledger.kinds import EntryKind, Relation, SubjectKind

CIRCULATION = {
    "number": pl.String,
    "kind": pl.String,
    "relation": pl.String,
    "custodian_id": pl.Int64,
    "since_date": pl.Date,
    "times": pl.Int64,  # releases of the subject in this relation so far, also those taken back since
}
PLANNED = (Relation.CUSTODY, Relation.DEVELOPMENT, Relation.SUPERVISION)
PLANNED_KINDS = (SubjectKind.POLICY, SubjectKind.CUSTOMER)

_SQL = """
SELECT s.number, s.kind, h.relation, h.custodian_id, h.since_date, COALESCE(r.times, 0)
FROM ledger_holding h
JOIN ledger_subject s ON s.id = h.subject_id
LEFT JOIN (SELECT e.subject_id, e.relation, COUNT(*) AS times FROM ledger_entry e
           WHERE e.kind = %s GROUP BY e.subject_id, e.relation) r
       ON r.subject_id = h.subject_id AND r.relation = h.relation
WHERE h.custodian_id IS NOT NULL AND s.number IS NOT NULL AND h.relation IN ({relations}) AND s.kind IN ({kinds})
"""


def circulation(relations: Collection[str] = PLANNED, kinds: Collection[str] = PLANNED_KINDS) -> pl.DataFrame:
    """CIRCULATION of everything that is held now in these relations: one query."""
    sql = _SQL.format(relations=_marks(relations), kinds=_marks(kinds))
    params = [EntryKind.RELEASE.value, *map(str, relations), *map(str, kinds)]
    with connection.cursor() as cursor:
        return fetch(cursor, CIRCULATION, sql, params).sort("kind", "number", "relation")


def _marks(values: Collection[str]) -> str:
    return ", ".join(["%s"] * len(values))
