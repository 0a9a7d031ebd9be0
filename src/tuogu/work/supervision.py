"""What is late, by whom, since when; whom nobody has visited; how much is held of which kind.

In: a scope, a day. Out: frames and pages. Never: a row out of scope, a share rounded up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.db.models import Count, F, Min, Q, QuerySet

from tuogu.books import queries as books
from tuogu.core.tables import empty
from tuogu.core.timeline import coverage as core_coverage
from tuogu.core.timeline.tables import STANDING
from tuogu.ledger import queries as ledger
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules
from tuogu.work import duties, evidence
from tuogu.work.ending import OPEN, judged
from tuogu.work.kinds import TaskOutcome
from tuogu.work.models import Task

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
    counted = rows.annotate(n=Count("pk", distinct=True), oldest=Min("due_date"))
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
    steps = rows.annotate(step=Count("escalations", distinct=True), holder=F(_HOLDER), street=F(_STREET))
    found = list(steps.order_by("due_date", "pk")[: size + 1])
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
        due_date__lt=on, end__isnull=True, subject__holdings__relation="custody",
        subject__holdings__custodian__isnull=False,
    )  # fmt: skip
    seen = books.visible_subjects(scope)
    return rows if seen is None else rows.filter(subject_id__in=seen)


def _late_rows(page: list[Any], on: date) -> list[LateRow]:
    lines = {
        row["subject_id"]: row
        for row in books.care_lines(task.subject_id for task in page).iter_rows(named=True)
    }
    known = duties.by_label(duties.versions())
    return [
        LateRow(
            task.pk, task.holder, lines[task.subject_id]["customer_number"], lines[task.subject_id]["policy_number"],
            task.subject_id, task.obligation, duties.title(task.obligation, task.rulebook, known, on), task.due_date,
            (on - task.due_date).days, task.street or "", task.step,
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


def coverage(scope: Scope, on: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Who has visited and checked everybody (S4-17, S4-19): core.timeline.coverage SHARES and GAPS of the policies within
    scope that somebody holds; holder = custodian id as text.
    """
    book = rules.applicable(on)
    wanted = list(core_coverage.required(book))
    rows = Task.objects.filter(
        obligation__in=wanted, opens_date__lte=on, subject__holdings__relation="custody",
        subject__holdings__custodian__isnull=False,
    ).exclude(end__outcome__in=[TaskOutcome.VOID, TaskOutcome.WAIVED])  # fmt: skip
    seen = books.visible_subjects(scope)
    rows = rows if seen is None else rows.filter(subject_id__in=seen)
    fields = [{"task": "pk"}.get(name, name) for name in OPEN]
    found = list(rows.order_by("pk").values_list(*fields, _HOLDER))
    tasks = pl.DataFrame(found, schema={**OPEN, "holder": pl.Int64}, orient="row").unique(
        "task", maintain_order=True
    )
    holders = tasks.select("subject_id", pl.col("holder").cast(pl.String)).unique()
    standing = _standing(tasks.drop("holder"), on)
    return core_coverage.shares(standing, holders, book), core_coverage.gaps(standing, holders, book)


def _standing(tasks: pl.DataFrame, on: date) -> pl.DataFrame:
    if tasks.is_empty():
        return empty(STANDING)
    named = books.care_lines(tasks["subject_id"]).select("subject_id", "customer_number")
    first: date = tasks["opens_date"].min()  # type: ignore[assignment]  # a column of days
    proof = evidence.evidence(named["customer_number"].unique().to_list(), first)
    done = judged(tasks, named, proof, on)
    joined = tasks.join(done, on="task", how="inner").with_columns(in_time=pl.col("done"))
    return joined.select(*STANDING)


def pieces(scope: Scope, on: date) -> pl.DataFrame:  # noqa: ARG001 - as of now; a day for the face of a report
    """PIECES: of what each custodian within scope holds, how much is assessed (an instalment is still to come) and how much
    is service only (S4-38; the source counts 215 and 26 without a definition, this is our reading)."""
    held = ledger.holdings(scope, kind="policy").select("subject_id", person="custodian_id")
    cases = books.care_cases(subjects=held["subject_id"]).select("subject_id", "next_due_date")
    counted = held.join(cases, on="subject_id").group_by("person")
    due = pl.col("next_due_date").is_not_null()
    told = counted.agg(assessed=due.sum().cast(pl.Int64), service=(~due).sum().cast(pl.Int64))
    return told.select(*PIECES).sort("person")
