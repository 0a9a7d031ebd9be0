"""Once a day: duties that open become tasks, what is owed no longer ends.

In: the stored policies with their custody, what other rooms know, the day. Out: rows of Task and TaskEnd. Never: a
task twice, a task whose last day lay before the room was first used, a different result when the day is rolled again.

What opens is looked for in the days since the last roll and some before; for policies about which something was
stored since (imported, handed over), in a whole year before, so that a policy year that has begun is found, too.

Cost: one read of the policies and of the open tasks. Grows with both, not with what was done in earlier years.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl
from django.db import connection, transaction
from django.db.models import Max, Min

from tuogu.books import queries as books
from tuogu.bulk import fetch
from tuogu.core.custody import business_date
from tuogu.ledger import actions as ledger
from tuogu.rules import queries as rules
from tuogu.work import ending, evidence, making
from tuogu.work.models import Rolled

_WHOLE_DAYS = 400  # a policy year and the days by which a duty may open ahead
_PAUSE = timedelta(days=1)


@transaction.atomic
def roll(*, by: int, at: datetime) -> int:  # noqa: ARG001 - rounds name who acts; here nobody decides
    """Make the tasks of the day; returns how many were made and ended."""
    ledger.lock_shared()
    today = business_date(at)
    began, last = _bounds(today)
    cases = books.care_cases()
    before = _newest()
    made = _make(cases, began, last, today, at=at)
    tasks = ending.open_tasks()
    ended = _end(tasks, cases, before, last, today, at=at)
    if not Rolled.objects.filter(day=today).exists():
        Rolled.objects.create(day=today, made=made, ended=ended, at=at)
    return made + ended


def _bounds(today: date) -> tuple[date, date | None]:
    """The first day ever rolled (today, if none), and the last one before today."""
    known = Rolled.objects.aggregate(first=Min("day"), last=Max("day"))
    return known["first"] or today, known["last"]


def _make(cases: pl.DataFrame, began: date, last: date | None, today: date, *, at: datetime) -> int:
    live = cases.filter(pl.col("custodian_id").is_not_null())
    whole = today - timedelta(days=_WHOLE_DAYS)
    usual = today - timedelta(days=int(rules.applicable(today)["work.look_back_days"]))
    since = whole if last is None else min(usual, last - _PAUSE)
    told_since = pl.lit(last is None) | (pl.col("told_date") >= (last or today)).fill_null(True)
    fresh = told_since.any().over(
        "customer_number"
    )  # a customer stays whole: some duties are owed once a customer
    told = evidence.events_elsewhere(None, whole)
    made = 0
    for part, first in ((live.filter(fresh), whole), (live.filter(~fresh), since)):
        found = making.owed(part, told, first, today)
        made += making.make(found.filter(pl.col("due_date") >= began), at=at)
    return made


def _end(
    tasks: pl.DataFrame, cases: pl.DataFrame, before: int, last: date | None, today: date, *, at: datetime
) -> int:
    """Void first, so that nothing is ended twice; then what is proved already: of new tasks by earlier records, of all
    by what other rooms have learnt since."""
    gone = ending.end_gone(tasks, cases, today, at=at)
    tasks = ending.open_tasks() if gone else tasks  # the reading costs more than the judging
    superseded = ending.end_superseded(tasks, cases, today, at=at)
    tasks = ending.open_tasks() if superseded else tasks
    ended = gone + superseded
    named = cases.select("subject_id", "customer_number")
    new = tasks.filter(pl.col("task") > before)
    if len(new):
        customers = new.join(named, on="subject_id")["customer_number"].unique().to_list()
        first: date = new["opens_date"].min()  # type: ignore[assignment]  # a column of days
        proved = ending.end_proved(new, named, evidence.evidence(customers, first), today, at=at)
        tasks = ending.open_tasks() if proved else tasks
        ended += proved
    since = (last or today) - timedelta(days=_WHOLE_DAYS)
    elsewhere = evidence.evidence_elsewhere(since)
    if len(elsewhere):
        theirs = tasks.join(named, on="subject_id").filter(
            pl.col("customer_number").is_in(elsewhere["customer_number"].unique().implode())
        )
        customers = theirs["customer_number"].unique().to_list()
        proof = evidence.evidence(customers, since)
        ended += ending.end_proved(theirs.drop("customer_number"), named, proof, today, at=at)
    return ended


def _newest() -> int:
    with connection.cursor() as cursor:
        found = fetch(cursor, {"id": pl.Int64}, "SELECT COALESCE(MAX(id), 0) FROM work_task")
    return int(found["id"][0])
