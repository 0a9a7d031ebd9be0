"""Occurrences become tasks, by the set.

In: OCCURRENCES with the label of their rulebook. Out: rows of Task for those that are not there yet. Never: the same
occurrence twice, a task for what nobody holds, a row at a time.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from django.db import connection

from tuogu.bulk import counted, drop, load
from tuogu.core.timeline.occurrences import occurrences_by_version
from tuogu.core.timeline.tables import CASES
from tuogu.work import duties
from tuogu.work.models import Task

_TABLE = Task._meta.db_table
_COLUMNS = (
    "subject_id",
    "obligation",
    "key",
    "anchor_date",
    "opens_date",
    "due_date",
    "needed",
    "reason",
    "rulebook",
)
_INSERT = f"""
INSERT INTO {_TABLE} ({", ".join(_COLUMNS)}, made_at)
SELECT {", ".join(f"n.{c}" for c in _COLUMNS)}, %s FROM work_new n
JOIN ledger_holding h ON h.subject_id = n.subject_id AND h.relation = n.relation AND h.custodian_id IS NOT NULL
WHERE NOT EXISTS (SELECT 1 FROM {_TABLE} t WHERE t.subject_id = n.subject_id AND t.obligation = n.obligation
                  AND t.anchor_date = n.anchor_date AND t.key = n.key)
ORDER BY n.subject_id, n.obligation, n.anchor_date
"""


def owed(cases: pl.DataFrame, events: pl.DataFrame, since: date, until: date) -> pl.DataFrame:
    """OCCURRENCES that open in these days, each by the rulebook of its anchor's day, with `rulebook`."""
    found = duties.versions()
    rows = occurrences_by_version(
        cases.select(*CASES), events, [(one.first, one.duties) for one in found], since, until
    )
    return duties.labelled(rows, found)


def make(occurrences: pl.DataFrame, *, at: datetime) -> int:
    """Insert those that are new; returns how many."""
    rows = occurrences.with_columns(key=pl.lit(""), relation=pl.lit("custody"))
    return insert(rows.select(*_COLUMNS, "relation"), at=at)


def insert(rows: pl.DataFrame, *, at: datetime) -> int:
    """Insert tasks (the columns of Task, `relation` by which the subject is held); what is there stays as it is."""
    if rows.is_empty():
        return 0
    with connection.cursor() as cursor:
        load(cursor, "work_new", rows.cast({"needed": pl.Int64}))
        cursor.execute(_INSERT, [connection.ops.adapt_datetimefield_value(at)])
        made = cursor.rowcount
        drop(cursor, "work_new")
        counted(cursor, made, "work_task")
    return int(made)
