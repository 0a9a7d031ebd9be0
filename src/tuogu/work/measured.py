"""What figures ask of records and tasks, as known at a moment: who was reached how, what was owed and when done (S4-40).

In: days, a moment of knowledge (None = now). Out: frames. Never: a record that was corrected by then, a letter or a card
among messages (A-50), anything but a face visit among visits (A-30), a task void or waived by then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db.models import Count, Max, Q

from tuogu.work.kinds import Kind, Outcome, TaskOutcome
from tuogu.work.models import Record, Task, TaskEnd

CONTACTS: dict[str, Any] = {
    "customer_number": pl.String,
    "person_id": pl.Int64,
    "kind": pl.String,  # call | message | visit
    "happened_date": pl.Date,
}
_HEARD: dict[str, Any] = {
    "customer_number": pl.String,
    "happened_date": pl.Date,
    "recorded_date": pl.Datetime("us", "UTC"),
    "corrected_date": pl.Datetime("us", "UTC"),
}
DUTIES: dict[str, Any] = {
    "task": pl.String,
    "subject_id": pl.Int64,
    "due_date": pl.Date,
    "done_date": pl.Date,
}
_MESSAGE = Q(kind__in=[Kind.SMS, Kind.WECHAT], outcome__in=[Outcome.SENT, Outcome.REACHED])
_CALL = Q(kind=Kind.CALL, outcome__in=[Outcome.REACHED, Outcome.REFUSED])  # who refuses has been spoken to
_VISIT = Q(kind=Kind.VISIT, outcome=Outcome.MET)
_AS = {Kind.SMS: "message", Kind.WECHAT: "message", Kind.CALL: "call", Kind.VISIT: "visit"}


def contacts_measured(first: date, until: date, *, known_at: datetime | None = None) -> pl.DataFrame:
    """CONTACTS that got through, from `first` to `until` (half open), one row a record."""
    rows = Record.objects.filter(_MESSAGE | _CALL | _VISIT, happened_date__gte=first, happened_date__lt=until)
    if known_at is None:
        rows = rows.filter(corrected_by__isnull=True)
    else:
        rows = rows.filter(
            Q(corrected_by__isnull=True) | Q(corrected_by__recorded_at__gt=known_at),
            recorded_at__lte=known_at,
        )
    fields = rows.order_by("pk").values_list("customer_number", "person_id", "kind", "happened_date")
    found = pl.DataFrame(list(fields), schema=CONTACTS, orient="row")
    return found.with_columns(
        pl.col("kind").replace_strict({str(k): v for k, v in _AS.items()}, return_dtype=pl.String)
    )


def heard(customers: Iterable[str] | None = None) -> pl.DataFrame:
    """Contacts that got through, each with the day on which it was recorded and the one on which it was corrected (null =
    it stands): what was known of them on any day can be told (P-07). `customers`: only of these."""
    rows = Record.objects.filter(_MESSAGE | _CALL | _VISIT).order_by("pk")
    rows = rows if customers is None else rows.filter(customer_number__in=sorted(set(customers)))
    fields = rows.values_list("customer_number", "happened_date", "recorded_at", "corrected_by__recorded_at")
    found = pl.DataFrame(list(fields), schema=_HEARD, orient="row")
    days = pl.col("recorded_date", "corrected_date").dt.convert_time_zone("Asia/Shanghai").dt.date()
    return found.with_columns(days)


def duties_measured(first: date, until: date, *, known_at: datetime | None = None) -> pl.DataFrame:
    """DUTIES due from `first` to `until` (half open), by task."""
    rows = Task.objects.filter(due_date__gte=first, due_date__lt=until)
    ended = Q(end__isnull=False)
    if known_at is not None:
        rows = rows.filter(made_at__lte=known_at)
        ended &= Q(end__at__lte=known_at)
    rows = rows.exclude(ended & ~Q(end__outcome=TaskOutcome.DONE))
    fields = rows.order_by("pk").values_list(
        "pk", "subject_id", "due_date", "end__outcome", "end__ended_date", "end__at"
    )
    found = [
        (str(pk), subject, due, day if outcome == TaskOutcome.DONE and _known(at, known_at) else None)
        for pk, subject, due, outcome, day, at in fields
    ]
    return pl.DataFrame(found, schema=DUTIES, orient="row")


def _known(at: datetime | None, known_at: datetime | None) -> bool:
    return at is not None and (known_at is None or at <= known_at)


def measured_mark() -> str:
    """Changes with every record, task and end of a task."""
    records = Record.objects.aggregate(n=Count("pk"), last=Max("pk"))
    tasks = Task.objects.aggregate(n=Count("pk"), last=Max("pk"))
    return f"{records['n']}.{records['last']}.{tasks['n']}.{tasks['last']}.{TaskEnd.objects.count()}"
