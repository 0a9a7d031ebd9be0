"""Contacts for one purpose, by subject: for rooms above that count them (S3-08).

In: a purpose, subjects (None = all). Out: CONTACTS, only records that stand. Never: a company's mass message (those are no
records), a record that reached nobody.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from django.db import connection

from tuogu.bulk import drop, fetch, load
from tuogu.core.tables import Schema
from tuogu.work.kinds import Outcome

CONTACTS: Schema = {
    "subject_id": pl.Int64, "record_id": pl.Int64, "person_id": pl.Int64, "kind": pl.String, "happened_date": pl.Date,
}  # fmt: skip
_SPOKEN = (Outcome.MET, Outcome.REACHED, Outcome.REFUSED)  # who refuses to meet has been spoken to
_SQL = """
SELECT p.subject_id, r.id, r.person_id, r.kind, r.happened_date FROM {asked} work_recordpolicy p
JOIN work_record r ON r.id = p.record_id
WHERE r.purpose = %s AND r.outcome IN (%s, %s, %s) {narrowed}
  AND NOT EXISTS (SELECT 1 FROM work_record c WHERE c.corrects_id = r.id)
ORDER BY p.subject_id, r.id
"""


def contacts_for(purpose: str, subjects: Iterable[int] | None = None) -> pl.DataFrame:
    """CONTACTS of a purpose, by subject and record; `person_id` answered for the subject when it happened."""
    params = [str(purpose), *(str(one) for one in _SPOKEN)]
    with connection.cursor() as cursor:
        if subjects is None:
            return fetch(cursor, CONTACTS, _SQL.format(asked="", narrowed=""), params)
        asked = pl.DataFrame({"subject_id": sorted(set(subjects))}, schema={"subject_id": pl.Int64})
        load(cursor, "work_contacted", asked)
        begun = _SQL.format(asked="work_contacted a CROSS JOIN", narrowed="AND p.subject_id = a.subject_id")
        found = fetch(cursor, CONTACTS, begun, params)
        drop(cursor, "work_contacted")
    return found
