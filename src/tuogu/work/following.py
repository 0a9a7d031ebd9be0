"""What a record brings about: an appointment to keep, data to repair, a questionnaire still to be signed, a visit to
make good.

In: the record just stored, the customer's policies. Out: tasks asked for or ended. Never: a task that nobody holds, a
second one for the same thing.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl

from tuogu.core.custody import business_date
from tuogu.core.rulebook import Rulebook
from tuogu.rules import queries as rules
from tuogu.work import duties, evidence, making
from tuogu.work.kinds import Asked, Kind, Outcome, Reason, TaskOutcome
from tuogu.work.models import Record, SatisfactionForm, Task, TaskEnd
from tuogu.work.said import Said
from tuogu.work.whose import Theirs

_YEAR_DAYS = 366  # how far back meetings are counted where the custody has no day of its own
_BESIDE = timedelta(days=1)


def follow(said: Said, row: Record, found: Theirs, *, by: int, at: datetime) -> int:
    """Ask what follows from the record and end what it settles; returns how many asked tasks it ended."""
    ended = _settle(said, row, found, by=by, at=at)
    book = rules.applicable(business_date(at))
    first = found.first(row.person_id)
    if first is None:
        return ended
    if said.next_at is not None:
        due = business_date(said.next_at)
        ask(first, Asked.APPOINTMENT, due, key=row.client_key, reason=row.reason, book=book, at=at)
    if _repair(said, book):  # S4-36
        due = row.happened_date + timedelta(days=int(book["work.repair_days"]))
        if not _open(found, Asked.DATA_REPAIR):
            ask(
                first, Asked.DATA_REPAIR, due, key=row.client_key, reason=Reason.DATA_CHANGE, book=book, at=at
            )
    if _unsigned(said, row):  # S1-33
        due = row.happened_date + timedelta(days=int(book["work.satisfaction_days"]))
        ask(first, Asked.SATISFACTION, due, key="", reason=Reason.REVIEW, book=book, at=at)
    _begin(row, found, at=at)
    return ended


def ask(
    first: tuple[int, str], obligation: str, due: date, *, key: str, reason: str, book: Rulebook, at: datetime
) -> int:
    """Insert one task from today on; 0 where it is there."""
    today = business_date(at)
    subject, relation = first
    rows = pl.DataFrame(
        {
            "subject_id": [subject], "obligation": [str(obligation)], "key": [key], "anchor_date": [today],
            "opens_date": [min(today, due)], "due_date": [due], "needed": [1], "reason": [str(reason)],
            "rulebook": [book.version], "relation": [relation],
        }
    )  # fmt: skip
    return making.insert(rows, at=at)


def _settle(said: Said, row: Record, found: Theirs, *, by: int, at: datetime) -> int:
    """End the appointment that was kept, or is another one now, and the questionnaire that is signed."""
    ends = []
    if said.next_at is not None or said.kind in (Kind.VISIT, Kind.CALL, Kind.EVENT):
        for task in _open(found, Asked.APPOINTMENT):
            kept = _promised(task) == said.kind or said.outcome == Outcome.MET
            if kept or said.next_at is not None:
                outcome = TaskOutcome.DONE if kept else TaskOutcome.VOID
                ends.append((task, outcome, "" if kept else "已改约"))
    if said.satisfaction is not None:
        ends += [(task, TaskOutcome.DONE, "") for task in _open(found, Asked.SATISFACTION)]
    TaskEnd.objects.bulk_create(
        TaskEnd(
            task=task, outcome=outcome, ended_date=row.happened_date, record=row, reason=why, by_id=by, at=at
        )
        for task, outcome, why in ends
    )
    return sum(outcome == TaskOutcome.DONE for _task, outcome, _why in ends)


def _promised(task: Task) -> str | None:
    """By which kind of contact the appointment was to be kept."""
    return Record.objects.filter(client_key=task.key).values_list("next_kind", flat=True).first()


def _open(found: Theirs, obligation: str) -> list[Task]:
    subjects = found.cases["subject_id"].to_list() + ([found.development[0]] if found.development else [])
    subjects += [subject for subject, _number, _custodian in found.elsewhere]
    return list(Task.objects.filter(subject_id__in=subjects, obligation=obligation, end__isnull=True))


def _repair(said: Said, book: Rulebook) -> bool:
    return (
        said.no_visit in book["service.no_visit_repairs"]
        or said.outcome == Outcome.WRONG_CONTACT
        or said.answers.get("address_changed") == "yes"
    )


def _unsigned(said: Said, row: Record) -> bool:
    """The first face visit of the customer, without the signed questionnaire."""
    if said.kind != Kind.VISIT or said.outcome != Outcome.MET or said.satisfaction is not None:
        return False
    if SatisfactionForm.objects.filter(
        record=row
    ).exists():  # carried on from the record that this one corrects
        return False
    visits = evidence.counting().filter(
        customer_number=row.customer_number, kind=Kind.VISIT, outcome=Outcome.MET
    )
    return not visits.exclude(pk=row.pk).exists()


def _begin(row: Record, found: Theirs, *, at: datetime) -> None:
    """The duties that the record itself starts: to make good a missed visit (S1-25), the third meeting (S4-37)."""
    if row.kind != Kind.VISIT or found.live.is_empty():
        return
    received = found.live["received_date"].max()
    since = received if isinstance(received, date) else row.happened_date - timedelta(days=_YEAR_DAYS)
    told = evidence.events_of(row.customer_number, min(since, row.happened_date))
    told = told.filter(pl.col("day") >= row.happened_date)
    if len(told):
        day = row.happened_date
        found_now = making.owed(found.live, told, day, max(business_date(at), day) + _BESIDE)
        kinds = told["kind"].unique().to_list()
        making.make(found_now.filter(_started_by(kinds)), at=at)


def _started_by(kinds: list[str]) -> pl.Expr:
    keys = {duty.key for one in duties.versions() for duty in one.duties if duty.anchor in kinds}
    return pl.col("obligation").is_in(sorted(keys))
