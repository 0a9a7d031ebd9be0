"""Who holds what now, asked by number, and what somebody received of late: what a pool asks before it hands a piece out.

In: numbers, people, days. Out: heads, counts. Never: a subject whose number was erased, a query for each number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from tuogu.bulk import in_parts
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.ledger.models import Entry, Holding, Subject

_BATCH = 10_000  # numbers of one query: below the parameter limits of both databases
RECEIVING = (EntryKind.RELEASE, EntryKind.TRANSFER, EntryKind.CLAIM)


@dataclass(frozen=True)
class Head:
    """Who holds a number now (None = closed), since when, by which entry."""

    subject_id: int
    custodian_id: int | None
    since_date: date
    entry_id: int


def heads_by_number(
    numbers: Iterable[str], *, kind: str, relation: str = Relation.CUSTODY
) -> dict[str, Head]:
    """The heads of some subjects of one kind in one relation; numbers that nobody ever held are absent."""
    wanted, found = sorted(set(numbers)), dict[str, Head]()
    for part in in_parts(wanted, _BATCH):
        rows = Holding.objects.filter(relation=relation, subject__kind=kind, subject__number__in=part)
        fields = rows.values_list("subject__number", "subject_id", "custodian_id", "since_date", "entry_id")
        found |= {str(row[0]): Head(*row[1:]) for row in fields}
    return found


def numbers_held_by(custodian_ids: Iterable[int], *, kind: str, relation: str) -> QuerySet[Any]:
    """Numbers of what these custodians hold now, as a subquery for the lists of other rooms."""
    held = Holding.objects.filter(
        relation=relation, subject__kind=kind, custodian_id__in=sorted(set(custodian_ids))
    )
    return held.values("subject__number")


def received(
    person: int, on: date, *, days: int, kinds: Iterable[str] = RECEIVING, relation: str | None = None
) -> tuple[int, int]:
    """How many pieces a person was given within the `days` days that end with `on`, and how many of them on that day."""
    first = on - timedelta(days=days - 1)
    rows = Entry.objects.filter(
        custodian_id=person, kind__in=list(kinds), recorded_date__gte=first, recorded_date__lte=on
    )
    if relation is not None:
        rows = rows.filter(relation=relation)
    by_day = list(rows.values_list("recorded_date", flat=True))
    return len(by_day), by_day.count(on)


def oldest_held(custodian_id: int, *, relation: str) -> date:
    """Since when the oldest of what a custodian holds has been there; the caller knows that there is something."""
    rows = Holding.objects.filter(relation=relation, custodian_id=custodian_id).order_by("since_date")
    return rows.values_list("since_date", flat=True)[0]


def numbers_of(subjects: Iterable[int]) -> dict[int, str]:
    """The numbers of some subjects; those that were emptied are absent."""
    wanted, found = sorted(set(subjects)), dict[int, str]()
    for part in in_parts(wanted, _BATCH):
        rows = Subject.objects.filter(pk__in=part, number__isnull=False)
        found |= {pk: str(number) for pk, number in rows.values_list("pk", "number")}
    return found
