"""Tasks that a room above asks for by the set, and takes back by the set.

In: subjects with a due day. Out: rows of Task and TaskEnd. Never: the same task twice, a task that nobody holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import polars as pl
from django.db import connection, transaction

from tuogu.bulk import drop, in_parts, load
from tuogu.core.custody import business_date
from tuogu.core.tables import Schema, conform
from tuogu.ledger import actions as ledger
from tuogu.ledger.kinds import Relation
from tuogu.rules import queries as rules
from tuogu.work import making
from tuogu.work.kinds import Asked, Reason, TaskOutcome
from tuogu.work.models import Task, TaskEnd

ASKED: Schema = {"subject_id": pl.Int64, "opens_date": pl.Date, "due_date": pl.Date, "key": pl.String}
_END = f"""
INSERT INTO {TaskEnd._meta.db_table} (task_id, outcome, ended_date, record_id, reason, by_id, at)
SELECT t.id, %s, %s, NULL, %s, %s, %s FROM work_dropped d
JOIN {Task._meta.db_table} t ON t.subject_id = d.subject_id AND t.obligation = d.obligation
WHERE NOT EXISTS (SELECT 1 FROM {TaskEnd._meta.db_table} x WHERE x.task_id = t.id)
"""


@transaction.atomic
def ask_tasks(wanted: pl.DataFrame, obligation: Asked, reason: Reason, *, at: datetime) -> int:
    """Ask for ASKED of what somebody holds; returns how many are new. The key tells tasks of one subject apart for good: the
    same one on another day is the same task."""
    rows = conform(wanted, ASKED)
    if rows.is_empty():
        return 0
    today = business_date(at)
    ledger.lock_shared()
    known = _known(rows["subject_id"], obligation)
    new = rows.join(known, on=["subject_id", "key"], how="anti").with_columns(
        obligation=pl.lit(str(obligation)), anchor_date=pl.lit(today),
        opens_date=pl.min_horizontal("opens_date", "due_date"), needed=pl.lit(1), reason=pl.lit(str(reason)),
        rulebook=pl.lit(rules.applicable(today).version), relation=pl.lit(str(Relation.CUSTODY)),
    )  # fmt: skip
    return making.insert(new, at=at)


@transaction.atomic
def end_tasks(
    subjects: Iterable[int], obligations: Iterable[Asked], *, done: bool, reason: str, by: int, at: datetime
) -> int:
    """End what is open of these tasks: as done, or as owed no longer. Returns how many."""
    pairs = [(subject, str(one)) for subject in sorted(set(subjects)) for one in obligations]
    if not pairs:
        return 0
    frame = pl.DataFrame(pairs, schema={"subject_id": pl.Int64, "obligation": pl.String}, orient="row")
    outcome = TaskOutcome.DONE if done else TaskOutcome.VOID
    ops = connection.ops
    with connection.cursor() as cursor:
        load(cursor, "work_dropped", frame)
        cursor.execute(
            _END,
            [
                str(outcome),
                ops.adapt_datefield_value(business_date(at)),
                reason,
                by,
                ops.adapt_datetimefield_value(at),
            ],
        )
        ended = int(cursor.rowcount)
        drop(cursor, "work_dropped")
    return ended


def _known(subjects: Iterable[int], obligation: Asked) -> pl.DataFrame:
    wanted = sorted(set(subjects))
    found: list[tuple[int, str]] = []
    for part in in_parts(wanted, 10_000):  # below the parameter limits of both databases
        rows = Task.objects.filter(obligation=obligation, subject_id__in=part)
        found += rows.values_list("subject_id", "key")
    return pl.DataFrame(found, schema={"subject_id": pl.Int64, "key": pl.String}, orient="row")
