"""What supervisors watch beside the late list: where it is late, what was brought before whom, who has planned.

In: a scope, a day. Out: rows and frames. Never: a row out of scope, a query for each row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db.models import Count, Min, Q, QuerySet

from tuogu.books import queries as books
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.work.kinds import Kind
from tuogu.work.models import Escalation, Task, WeekPlan
from tuogu.work.supervision import late_tasks

PLACES = {"community_code": pl.String, "count": pl.Int64, "oldest": pl.Date}
_COMMUNITY = "subject__listed__community_code"


@dataclass(frozen=True)
class EscalationRow:
    """A late task brought before somebody. `person` holds it now (None: closed since); told: None = nobody had that post;
    outcome: how the task ended since, '' = still open."""

    id: int
    step: int
    at: datetime
    told: int | None
    person: int | None
    obligation: str
    due_date: date
    outcome: str
    customer_number: str
    policy_number: str


@dataclass(frozen=True)
class Told:
    """What was brought before one person and is open still."""

    tasks: int
    oldest: date | None


@dataclass(frozen=True)
class FiledPlan:
    """The plan that counts for a person's week: how many lines, how many of them visits."""

    person: int
    filed_at: datetime
    lines: int
    visits: int


def late_places(scope: Scope, on: date) -> pl.DataFrame:
    """PLACES: how many tasks are late by community ('' = no code), and since when; the most first."""
    rows = late_tasks(scope, on).order_by().values_list(_COMMUNITY)
    counted = rows.annotate(n=Count("pk"), oldest=Min("due_date"))
    frame = pl.DataFrame(list(counted), schema=PLACES, orient="row").with_columns(
        pl.col("community_code").fill_null("")
    )
    return frame.sort("count", "community_code", descending=[True, False])


def task_within(scope: Scope, task_id: int) -> bool:
    """Whether there is such a task within scope."""
    return _seen(Task.objects.filter(pk=task_id), "subject_id", scope).exists()


def escalation_rows(scope: Scope, *, before: int | None = None, size: int = 40) -> list[EscalationRow]:
    """The newest first; `before`: the id of the last row of the page before."""
    rows = _seen(Escalation.objects.select_related("task", "task__end"), "task__subject_id", scope)
    rows = rows if before is None else rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[:size])
    subjects = {row.task.subject_id for row in found}
    lines = {line["subject_id"]: line for line in books.care_lines(subjects).iter_rows(named=True)}
    holders = ledger.holders_of(subjects)
    return [_escalation(row, lines.get(row.task.subject_id, {}), holders) for row in found]


def _escalation(
    row: Escalation, line: dict[str, str | None], holders: dict[int, ledger.Holder]
) -> EscalationRow:
    task = row.task
    held = holders.get(task.subject_id)
    return EscalationRow(
        row.pk, row.step, row.at, row.told_id, held.custodian_id if held else None, task.obligation, task.due_date,
        task.end.outcome if hasattr(task, "end") else "", line.get("customer_number") or "",
        line.get("policy_number") or "",
    )  # fmt: skip


def escalated_count(scope: Scope, since: datetime) -> int:
    """How many steps were taken from a moment on."""
    return _seen(Escalation.objects.filter(at__gte=since), "task__subject_id", scope).count()


def told_open(person: int) -> Told:
    """What was brought before this person and has not ended."""
    rows = Escalation.objects.filter(told_id=person, task__end__isnull=True)
    found = rows.aggregate(n=Count("task_id", distinct=True), oldest=Min("task__due_date"))
    return Told(found["n"], found["oldest"])


def week_plans_filed(scope: Scope, week_date: date) -> list[FiledPlan]:
    """Of people within scope, the newest plan of each for the week; by person."""
    rows = WeekPlan.objects.filter(week_date=week_date)
    people = org.custodians_within(scope)
    rows = rows if people is None else rows.filter(person_id__in=people)
    counted = rows.annotate(
        n=Count("lines"), visits=Count("lines", filter=Q(lines__kind=Kind.VISIT))
    ).order_by("pk")
    newest = {row.person_id: FiledPlan(row.person_id, row.filed_at, row.n, row.visits) for row in counted}
    return [newest[person] for person in sorted(newest)]


def _seen(rows: QuerySet[Any], subject: str, scope: Scope) -> QuerySet[Any]:
    seen = books.visible_subjects(scope)
    return rows if seen is None else rows.filter(**{f"{subject}__in": seen})
