"""What ends a task: enough records, a subject that owes it no longer, a later custody that begins the duty anew.

In: open tasks, evidence, cases. Out: rows of TaskEnd. Never: a task ended twice, one ended as done without a record
or a person who says so, a task judged by another rulebook than its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import polars as pl
from django.db import connection

from tuogu.bulk import drop, fetch, load, relation_of
from tuogu.core.custody import business_date
from tuogu.core.tables import Schema
from tuogu.core.timeline.meeting import standing
from tuogu.core.timeline.occurrences import owed_to
from tuogu.core.timeline.tables import OCCURRENCES, STANDING
from tuogu.work import duties, evidence
from tuogu.work.kinds import Asked, TaskOutcome
from tuogu.work.models import Record, TaskEnd

OPEN: Schema = {
    "task": pl.Int64, "subject_id": pl.Int64, "obligation": pl.String, "key": pl.String, "anchor_date": pl.Date,
    "opens_date": pl.Date, "due_date": pl.Date, "needed": pl.Int64, "reason": pl.String, "rulebook": pl.String,
}  # fmt: skip
_OPEN = """
SELECT t.id, t.subject_id, t.obligation, t.key, t.anchor_date, t.opens_date, t.due_date, t.needed, t.reason, t.rulebook
FROM {asked} work_task t LEFT JOIN work_taskend x ON x.task_id = t.id
WHERE x.task_id IS NULL AND t.due_date <= %s {narrowed} ORDER BY t.id
"""
_HELD = _OPEN.format(
    asked="""(SELECT DISTINCT h.subject_id FROM ledger_holding h
      WHERE h.custodian_id = %s AND h.relation IN ('custody', 'development')) a CROSS JOIN""",
    narrowed="AND t.subject_id = a.subject_id",
)
_ENDED = f"""
INSERT INTO {TaskEnd._meta.db_table} (task_id, outcome, ended_date, record_id, reason, by_id, at)
SELECT task, outcome, ended_date, NULL, reason, NULL, %s FROM work_ended
"""
JUDGED: Schema = {"task": pl.Int64, **{name: STANDING[name] for name in ("done", "state", "met_date")}}
_RECEIVED = ("received",)  # anchors that begin anew with a custody


def open_tasks(subjects: Iterable[int] | None = None, *, due_by: date = date.max) -> pl.DataFrame:
    """OPEN of these subjects, or all, by task; with `due_by` only what is due by then."""
    last = [due_by.isoformat()]
    with connection.cursor() as cursor:
        if subjects is None:
            return fetch(cursor, OPEN, _OPEN.format(asked="", narrowed=""), last)
        with relation_of(cursor, "work_asked", "subject_id", pl.Int64, subjects) as (relation, given):
            begun = _OPEN.format(asked=f"{relation} a CROSS JOIN", narrowed="AND t.subject_id = a.subject_id")
            return fetch(
                cursor, OPEN, begun, [*given, *last]
            )  # CROSS JOIN: SQLite then begins with the few asked for


def open_tasks_held(custodian: int, *, due_by: date = date.max) -> pl.DataFrame:
    """OPEN of what a custodian holds in person or may develop, due by a day, by task."""
    with connection.cursor() as cursor:
        return fetch(cursor, OPEN, _HELD, [custodian, due_by.isoformat()])


def judged(tasks: pl.DataFrame, customers: pl.DataFrame, proof: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """JUDGED of the tasks of duties: how much of each is done, by the rules of its own version.

    `customers`: subject_id, customer_number; `proof`: EVIDENCE.
    """
    known = duties.by_label(duties.versions())
    parts = [pl.DataFrame(schema=JUDGED)]
    for (label,), rows in tasks.filter(~asked()).group_by("rulebook", maintain_order=True):
        own = known.get(str(label)) or {one.key: one for one in duties.current(as_of).duties}
        owed = rows.join(customers, on="subject_id", how="left").select("task", *OCCURRENCES)
        found = standing(owed.drop("task"), proof, list(own.values()), as_of)
        parts.append(
            pl.concat([owed.select("task"), found.select("done", "state", "met_date")], how="horizontal")
        )
    return pl.concat(parts)


def asked() -> pl.Expr:
    """Tasks that people and records asked for, no duty of the rulebook."""
    return pl.col("obligation").is_in(list(Asked.values))


def end_met(customer: str, record: Record, cases: pl.DataFrame, *, by: int, at: datetime) -> int:
    """End what this customer's records have met by now; `record` is the one that made it enough. Returns how many."""
    tasks = open_tasks(cases["subject_id"])
    if tasks.is_empty():
        return 0
    earliest = min(tasks["opens_date"].min(), record.happened_date)  # type: ignore[type-var]  # a column of days
    proof = evidence.evidence([customer], earliest)  # type: ignore[arg-type]
    named = cases.select("subject_id", "customer_number")
    met = judged(tasks, named, proof, business_date(at)).filter(pl.col("met_date").is_not_null())
    rows = [
        TaskEnd(task_id=task, outcome=TaskOutcome.DONE, ended_date=day, record=record, by_id=by, at=at)
        for task, day in met.select("task", "met_date").iter_rows()
    ]
    return len(TaskEnd.objects.bulk_create(rows))


def end_proved(
    tasks: pl.DataFrame, customers: pl.DataFrame, proof: pl.DataFrame, as_of: date, *, at: datetime
) -> int:
    """End by the set what earlier records, or what other rooms know, have met; returns how many."""
    met = judged(tasks, customers, proof, as_of).filter(pl.col("met_date").is_not_null())
    return _store(met.select("task", ended_date="met_date"), TaskOutcome.DONE, "此前的记录已满足", at=at)


def end_gone(tasks: pl.DataFrame, cases: pl.DataFrame, as_of: date, *, at: datetime) -> int:
    """End as void what is owed no longer: the policy closed, or is of another class by now; returns how many."""
    known = duties.by_label(duties.versions())
    held = cases.filter(pl.col("custodian_id").is_not_null())
    closed = cases.filter(pl.col("custodian_id").is_null())
    void = [tasks.join(closed, on="subject_id", how="semi").select("task")]
    for (label, obligation), rows in tasks.filter(~asked()).group_by(
        "rulebook", "obligation", maintain_order=True
    ):
        duty = known.get(str(label), {}).get(str(obligation))
        if duty is not None:
            still = held.filter(owed_to(duty)).select("subject_id")
            void.append(rows.join(still, on="subject_id", how="anti").select("task"))
    gone = pl.concat(void).unique().with_columns(ended_date=pl.lit(as_of))
    return _store(gone, TaskOutcome.VOID, "保单已终止，或不再适用", at=at)


def end_superseded(tasks: pl.DataFrame, cases: pl.DataFrame, as_of: date, *, at: datetime) -> int:
    """End as void what was counted from a custody that is over, once the new one has begun the duty; returns how many."""
    every = duties.versions()
    keys = {one.key for version in every for one in version.duties if one.anchor in _RECEIVED}
    began = cases.select("subject_id", "received_date").drop_nulls()
    counted = tasks.filter(pl.col("obligation").is_in(sorted(keys))).join(began, on="subject_id")
    anew = counted.filter(pl.col("anchor_date") == pl.col("received_date")).select("subject_id", "obligation")
    old = counted.filter(pl.col("anchor_date") < pl.col("received_date")).join(
        anew, on=["subject_id", "obligation"], how="semi"
    )
    void = old.select("task", ended_date=pl.lit(as_of))
    return _store(void, TaskOutcome.VOID, "责任人已变更，自新的接手日重新计", at=at)


def _store(ended: pl.DataFrame, outcome: str, reason: str, *, at: datetime) -> int:
    if ended.is_empty():
        return 0
    rows = ended.with_columns(outcome=pl.lit(str(outcome)), reason=pl.lit(reason))
    with connection.cursor() as cursor:
        load(cursor, "work_ended", rows.select("task", "outcome", "ended_date", "reason"))
        cursor.execute(_ENDED, [connection.ops.adapt_datetimefield_value(at)])
        drop(cursor, "work_ended")
    return ended.height
