"""What records prove: the one place that says which record meets which duty, and which starts one.

In: records that count (none that was corrected), what other rooms know. Out: EVIDENCE and EVENTS of `core.timeline`.
Never: a message or a call among visits (A-30), a record that reached nobody among the evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import polars as pl
from django.db.models import QuerySet

from tuogu.bulk import in_parts
from tuogu.core.tables import conform, empty
from tuogu.core.timeline.tables import EVENTS, EVIDENCE
from tuogu.work.kinds import Kind, Outcome, Service
from tuogu.work.models import Record, RecordPolicy

Source = Callable[[Iterable[str] | None, date], pl.DataFrame]
_EVIDENCE: list[Source] = []
_EVENTS: list[Source] = []
_MARKS: list[Callable[[], str]] = []
_GOT_THROUGH = (Outcome.MET, Outcome.REACHED, Outcome.SENT)
_COUNTS = {  # kind → outcomes with which it is evidence of its own kind
    Kind.VISIT: (Outcome.MET,),
    Kind.EVENT: (Outcome.MET,),
    Kind.HANDED: (Outcome.MET, Outcome.SENT),
    Kind.CALL: (Outcome.REACHED, Outcome.REFUSED),  # who refuses to meet has been spoken to
    Kind.WECHAT: (Outcome.SENT, Outcome.REACHED),
    Kind.SMS: (Outcome.SENT,),
    Kind.LETTER: (Outcome.SENT,),
    Kind.CARD: (Outcome.SENT,),
}
_TOLD = (Service.LOSS_NOTICE, Service.PAID)  # services that are evidence under their own code
_SECOND = 2  # the meeting after which the third is due
_BATCH = 10_000  # numbers of one query: below the parameter limits of both databases
_FIELDS = (
    "id",
    "customer_number",
    "kind",
    "outcome",
    "happened_date",
    "next_at",
    "services",
)


def also_tells(
    *, evidence: Source | None = None, events: Source | None = None, mark: Callable[[], str] | None = None
) -> None:
    """A room above adds what it knows: EVIDENCE or EVENTS of some customers (None = all) since a day; `mark` changes with
    it, for figures that are kept."""
    _EVIDENCE.extend([evidence] if evidence else [])
    _EVENTS.extend([events] if events else [])
    _MARKS.extend([mark] if mark else [])


def marks() -> list[str]:
    """What changes when another room learns something."""
    return [mark() for mark in _MARKS]


def kinds_of(kind: str, outcome: str, services: Iterable[str], appointed: bool) -> tuple[str, ...]:
    """The evidence kinds that a record gives for the customer and for each policy served."""
    counts = outcome in _COUNTS[Kind(kind)]
    told = [str(one) for one in _TOLD if one in services and outcome in _GOT_THROUGH]
    return (*([str(kind)] * counts), *told, *(["appointment"] * appointed))


def counting() -> QuerySet[Record]:
    """The records that stand: none that a later one corrects."""
    return Record.objects.filter(corrected_by__isnull=True)


def evidence(customers: Iterable[str] | None, since: date) -> pl.DataFrame:
    """EVIDENCE of these customers (None = all) from a day on: a line for the customer, one for each policy served."""
    rows = _read(customers, since)
    policies = _policies([row[0] for row in rows])
    told: list[tuple[int | None, str, str, date]] = []
    for pk, customer, kind, outcome, day, next_at, services in rows:
        proves = kinds_of(kind, outcome, services, next_at is not None)
        for subject, checked in ((None, False), *policies.get(pk, ())):
            told += [(subject, customer, one, day) for one in proves]
            told += [(subject, customer, "check_up", day)] * checked
    own = pl.DataFrame(told, schema=EVIDENCE, orient="row")
    return pl.concat([own, *(conform(source(customers, since), EVIDENCE) for source in _EVIDENCE)])


def evidence_elsewhere(since: date) -> pl.DataFrame:
    """What only other rooms know, of all customers since a day."""
    return pl.concat([empty(EVIDENCE), *(conform(source(None, since), EVIDENCE) for source in _EVIDENCE)])


def events_elsewhere(customers: Iterable[str] | None, since: date) -> pl.DataFrame:
    """EVENTS that only other rooms know."""
    return pl.concat([empty(EVENTS), *(conform(source(customers, since), EVENTS) for source in _EVENTS)])


def events_of(customer: str, since: date) -> pl.DataFrame:
    """EVENTS of one customer by the records since a day (that of the present custody): missed visits, and the second
    day with a meeting (S4-37)."""
    rows = [row for row in _read([customer], since) if row[2] == Kind.VISIT]
    policies = _policies([row[0] for row in rows])
    told: list[tuple[int, str, date]] = []
    met: list[date] = []
    for pk, _customer, _kind, outcome, day, *_ in rows:
        subjects = [subject for subject, _ in policies.get(pk, ())]
        if outcome == Outcome.NO_SHOW:
            told += [(subject, "missed_visit", day) for subject in subjects]
        elif outcome == Outcome.MET and day not in met:
            met.append(day)
            if len(met) == _SECOND:
                told += [(subject, "second_meeting", day) for subject in subjects]
    return pl.DataFrame(told, schema=EVENTS, orient="row").unique(maintain_order=True)


def _read(customers: Iterable[str] | None, since: date) -> list[tuple[Any, ...]]:
    rows = counting().filter(happened_date__gte=since).order_by("happened_date", "id")
    if customers is None:
        return list(rows.values_list(*_FIELDS))
    wanted = sorted(set(customers))
    parts = in_parts(wanted, _BATCH)
    return [row for part in parts for row in rows.filter(customer_number__in=part).values_list(*_FIELDS)]


def _policies(records: list[int]) -> dict[int, list[tuple[int, bool]]]:
    found: dict[int, list[tuple[int, bool]]] = {}
    for part in in_parts(records, _BATCH):
        rows = RecordPolicy.objects.filter(record_id__in=part)
        for record, subject, checked in rows.values_list("record_id", "subject_id", "checked"):
            found.setdefault(record, []).append((subject, checked))
    return found
