"""What is late, by whom, since when; how much is held of which kind.

In: a scope, a day. Out: frames and pages. Never: a row out of scope.

Cost of what is late: tasks whose day has passed, ended ones too, by the index of the day, each asked in the index of ends;
what is due later is not read. It grows with the years of tasks kept: docs/growth.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from tuogu.books import queries as books
from tuogu.ledger import queries as ledger
from tuogu.org.scope import Scope
from tuogu.work import duties
from tuogu.work.kinds import Asked
from tuogu.work.models import Escalation, Task, TaskEnd

LATE = {
    "person": pl.Int64,
    "obligation": pl.String,
    "area": pl.String,
    "count": pl.Int64,
    "oldest": pl.Date,
}
PIECES = {"person": pl.Int64, "assessed": pl.Int64, "service": pl.Int64}
_HOLDER = "subject__holdings__custodian_id"
_STREET = "subject__listed__street_code"
_COMMUNITY = "subject__listed__community_code"
_STREET_DIGITS = 9  # of an official code; longer ones name a community


@dataclass(frozen=True)
class LateRow:
    """One late task. step: how far it was escalated, 0 = not yet."""

    id: int
    person: int
    customer_number: str
    policy_number: str
    subject_id: int
    obligation: str
    title: str
    due_date: date
    days_late: int
    street_code: str
    step: int


@dataclass(frozen=True)
class LatePage:
    """The oldest first; `after`: where to go on, None = the end."""

    rows: list[LateRow]
    after: str | None


def late(scope: Scope, on: date) -> pl.DataFrame:
    """LATE: how many open tasks are past their day, by holder, duty and street ('' = no code), and since when."""
    rows = late_tasks(scope, on).order_by().values_list(_HOLDER, "obligation", _STREET)
    counted = rows.annotate(n=Count("pk"), oldest=Min("due_date"))  # a policy has one custody
    frame = pl.DataFrame(list(counted), schema=LATE, orient="row")
    return frame.with_columns(pl.col("area").fill_null("")).sort("person", "obligation", "area")


def late_rows(
    scope: Scope, on: date, *, person: int | None = None, obligation: str = "", area: str = "", after: str = "",
    size: int = 40,
) -> LatePage:  # fmt: skip
    """A page of them; `after` is the mark of the page before (`due day.task`)."""
    rows = _narrowed(late_tasks(scope, on), person, obligation, area)
    due, _dot, task = after.partition(".")
    if task.isdigit() and _is_day(due):
        rows = rows.filter(Q(due_date__gt=due) | Q(due_date=due, pk__gt=int(task)))
    named = rows.annotate(holder=F(_HOLDER), street=F(_STREET))
    found = list(named.order_by("due_date", "pk")[: size + 1])
    page = found[:size]
    mark = f"{page[-1].due_date}.{page[-1].pk}" if len(found) > size else None
    return LatePage(_late_rows(page, on), mark)


def late_count(
    scope: Scope, on: date, *, person: int | None = None, obligation: str = "", area: str = ""
) -> int:
    """How many there are: the second request of the list."""
    return _narrowed(late_tasks(scope, on), person, obligation, area).count()


def _narrowed(rows: QuerySet[Task], person: int | None, obligation: str, area: str) -> QuerySet[Task]:
    rows = rows.filter(obligation=obligation) if obligation else rows
    rows = rows.filter(**{_COMMUNITY if len(area) > _STREET_DIGITS else _STREET: area}) if area else rows
    return rows if person is None else rows.filter(subject_id__in=ledger.held_by([person]))


def late_tasks(scope: Scope, on: date) -> QuerySet[Task]:
    """Open tasks past their day of policies within scope that somebody holds."""
    rows = Task.objects.filter(
        ~Exists(TaskEnd.objects.filter(task_id=OuterRef("pk"))), due_date__lt=on,
        subject__holdings__relation="custody", subject__holdings__custodian__isnull=False,
    ).exclude(obligation__in=[Asked.RENEWAL, Asked.NEXT_YEAR])  # fmt: skip  # motor renewal keeps its own board
    seen = books.visible_subjects(scope)
    return rows if seen is None else rows.filter(subject_id__in=seen)


def _late_rows(page: list[Any], on: date) -> list[LateRow]:
    lines = {
        row["subject_id"]: row
        for row in books.care_lines(task.subject_id for task in page).iter_rows(named=True)
    }
    known = duties.by_label(duties.versions())
    told = Escalation.objects.filter(task__in=page).order_by().values_list("task_id")
    steps = dict(told.annotate(n=Count("pk")))
    return [
        LateRow(
            task.pk, task.holder, lines[task.subject_id]["customer_number"], lines[task.subject_id]["policy_number"],
            task.subject_id, task.obligation, duties.title(task.obligation, task.rulebook, known, on), task.due_date,
            (on - task.due_date).days, task.street or "",
            steps.get(task.pk, 0),
        )
        for task in page
        if task.subject_id in lines
    ]  # fmt: skip


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def pieces(scope: Scope, on: date) -> pl.DataFrame:  # noqa: ARG001 - as of now; a day for the face of a report
    """PIECES: of what each custodian within scope holds, how much is assessed (an instalment is still to come) and how much
    is service only (S4-38; the source counts 215 and 26 without a definition, this is our reading)."""
    held = books.held_pieces(scope)
    return pl.DataFrame(held, schema=PIECES, orient="row").sort("person")
