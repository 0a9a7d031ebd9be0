"""Which leaves the ledger knows, and what each took over: for whoever must act on a leave.

In: the batches already read. Out: leaves in the order of the record, subjects as a subquery. Never: a subject's number.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from tuogu.core.custody import business_date
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.ledger.models import Batch, Entry, Holding


@dataclass(frozen=True)
class Leave:
    """One LEAVE batch: whose book, from which day on, why."""

    batch: int
    person: int
    left_date: date
    reason_code: str
    moved: int


@dataclass(frozen=True)
class TakenBack:
    """A leave that two people took back with the file that brought it."""

    batch: int
    by: int
    approved_by: int


def leaves_not_in(batches: Collection[int]) -> list[Leave]:
    """Every leave that stands but those of `batches`, in the order of the record."""
    rows = Batch.objects.filter(kind=EntryKind.LEAVE, leaver__isnull=False, undone_by=None).order_by("id")
    return [
        Leave(b.pk, b.leaver_id, b.effective_date, b.reason_code, b.posted)
        for b in rows
        if b.leaver_id and b.pk not in batches
    ]


def leaves_taken_back() -> list[TakenBack]:
    """Leaves that do not stand any more, in the order of the record."""
    rows = Batch.objects.filter(undoes__kind=EntryKind.LEAVE).order_by("id")
    return [
        TakenBack(leave, by, second)
        for leave, by, second in rows.values_list("undoes_id", "by_id", "approved_by_id")
    ]


def pieces_of(leaves: Collection[int]) -> dict[int, int]:
    """Those of these batches that are leaves which stand → how many of their pieces nobody has touched since."""
    rows = Batch.objects.filter(
        pk__in=list(leaves), kind=EntryKind.LEAVE, leaver__isnull=False, undone_by=None
    )
    held = Holding.objects.filter(entry__batch__in=rows).values("entry__batch").annotate(n=Count("*"))
    counted = {row["entry__batch"]: row["n"] for row in held.order_by()}
    return {batch: counted.get(batch, 0) for batch in rows.order_by("id").values_list("id", flat=True)}


def leavers_of(leaves: Collection[int]) -> list[int]:
    """The people whom these batches name as leavers."""
    rows = Batch.objects.filter(pk__in=list(leaves), leaver__isnull=False)
    return sorted(person for person in rows.values_list("leaver_id", flat=True) if person is not None)


def first_day() -> date | None:
    """The business day of the first act that the ledger records; None = none."""
    first = Batch.objects.order_by("id").values_list("recorded_at", flat=True).first()
    return None if first is None else business_date(first)


def subjects_of_batch(batch_id: int, *, relation: str = Relation.CUSTODY) -> QuerySet[Any]:
    """Ids of the subjects that a batch moved in one relation, as a subquery."""
    return Entry.objects.filter(batch_id=batch_id, relation=relation).values("subject_id")
