"""Receipts as pages list them and as inspections judge them (S1-34).

In: a scope and who looks; a period. Out: plain rows; RECEIPTS of `core.inspection`. Never: a receipt of a batch that was
taken back among what is judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
from django.db.models import Exists, OuterRef, Q, QuerySet

from tuogu.cases import whose
from tuogu.cases.failures import CaseUnknown
from tuogu.cases.kinds import ASKED_FOR, ReceiptAct
from tuogu.cases.models import Receipt, ReceiptLine, ReceiptStep
from tuogu.cases.pending import OVER
from tuogu.core.inspection.tables import RECEIPTS
from tuogu.core.tables import conform
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.scope import Scope


@dataclass(frozen=True)
class ReceiptRow:
    """One receipt. `done`: act → day; `undone`: the batch was taken back, nothing is owed."""

    id: int
    person: int
    batch: int
    given_date: date
    due_date: date
    pieces: int
    done: dict[str, date]
    reason: str
    undone: bool

    @property
    def open(self) -> bool:
        """Whether an answer is still owed."""
        return not self.undone and not set(OVER) & self.done.keys()

    @property
    def lacking(self) -> tuple[str, ...]:
        """What the rule asks for and has not been done."""
        return tuple(act for act in ASKED_FOR if act not in self.done)

    def late(self, today: date) -> bool:
        """Whether the answer came, or is still to come, after the last day."""
        answered = self.done.get(ReceiptAct.FEEDBACK)
        return not self.undone and (answered or today) > self.due_date


def receipt_page(
    scope: Scope, person: int, *, view: str, today: date, before: int | None = None, size: int = 40
) -> list[ReceiptRow]:
    """The newest receipts, or those older than `before`. `view`: open, late, all."""
    rows = _visible(scope, person)
    if view in ("open", "late"):
        ended = ReceiptStep.objects.filter(receipt=OuterRef("pk"), act__in=OVER)
        rows = rows.exclude(Exists(ended))
    if view == "late":
        rows = rows.filter(due_date__lt=today)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return _told(list(rows.order_by("-pk")[:size]))


def receipts_waiting(person: int, today: date) -> list[ReceiptRow]:
    """What this person, or somebody or a pool that the person stands for, has not answered yet; the nearest day first."""
    ended = ReceiptStep.objects.filter(receipt=OuterRef("pk"), act__in=OVER)
    mine = Receipt.objects.filter(person_id__in=whose.stands_for(person, today)).exclude(Exists(ended))
    return [row for row in _told(list(mine.order_by("due_date", "pk"))) if row.open]


def refusals_waiting(scope: Scope, person: int) -> list[ReceiptRow]:
    """Refusals within scope that nobody has ruled on, none of this person's own; the oldest first."""
    steps = ReceiptStep.objects.filter(receipt=OuterRef("pk"))
    rows = _visible(scope, person).exclude(person=person).filter(Exists(steps.filter(act=ReceiptAct.REFUSED)))
    return [
        row
        for row in _told(list(rows.exclude(Exists(steps.filter(act__in=OVER))).order_by("pk")))
        if row.open
    ]


def receipt(scope: Scope, person: int, receipt_id: int, today: date) -> ReceiptRow:
    """One receipt; CaseUnknown when there is none within scope or of whom the person stands for."""
    mine = Receipt.objects.filter(pk=receipt_id, person_id__in=whose.stands_for(person, today))
    found = _told(list(_visible(scope, person).filter(pk=receipt_id)) or list(mine))
    if not found:
        raise CaseUnknown(f"没有接单 {receipt_id}")
    return found[0]


def receipt_lines(receipt_id: int) -> list[tuple[str, str]]:
    """(policy, customer) of a receipt that the caller has found within scope: the list that is bound."""
    lines = ReceiptLine.objects.filter(receipt=receipt_id).order_by("subject_id")
    return [
        (number or "", holder) for number, holder in lines.values_list("subject__number", "customer_number")
    ]


def took_part_in_receipt(receipt_id: int) -> set[int]:
    """Who received it, took a step of it or ruled on a refusal."""
    received = Receipt.objects.filter(pk=receipt_id).values_list("person_id", flat=True)
    return {*received, *ReceiptStep.objects.filter(receipt_id=receipt_id).values_list("by_id", flat=True)}


def receipts_for_inspection(first: date, last: date) -> pl.DataFrame:
    """RECEIPTS of everything handed out from `first` to `last`, both included, as it stands now."""
    rows = [row for row in _told(list(_given(first, last))) if not row.undone]
    numbers = {i: known.staff_number for i, known in org.known_as(row.person for row in rows).items()}
    told = [
        {
            "receipt": str(row.id), "staff_number": numbers.get(row.person), "given_date": row.given_date,
            **{str(act): act in row.done for act in ASKED_FOR}, "feedback_date": row.done.get(ReceiptAct.FEEDBACK),
            "refused_date": row.done.get(ReceiptAct.REFUSED), "with_cause": _cause(row.done),
        }
        for row in rows
    ]  # fmt: skip
    return conform(pl.DataFrame(told, schema=RECEIPTS), RECEIPTS)


def _cause(done: Iterable[str]) -> bool | None:
    if ReceiptAct.WITH_CAUSE in done:
        return True
    return False if ReceiptAct.WITHOUT_CAUSE in done else None


def _given(first: date, last: date) -> QuerySet[Receipt]:
    return Receipt.objects.filter(given_date__gte=first, given_date__lte=last).order_by("pk")


def _visible(scope: Scope, person: int) -> QuerySet[Receipt]:
    people = org.custodians_within(scope)
    rows = Receipt.objects.all()
    return rows if people is None else rows.filter(Q(person=person) | Q(person__in=people))


def _told(rows: Sequence[Receipt]) -> list[ReceiptRow]:
    done: dict[int, dict[str, date]] = defaultdict(dict)
    reasons: dict[int, str] = {}
    for step in ReceiptStep.objects.filter(receipt_id__in=[row.pk for row in rows]).order_by("pk"):
        done[step.receipt_id][step.act] = step.day
        if step.reason:
            reasons[step.receipt_id] = step.reason
    batches = ledger.posted_batches().filter(pk__in={row.batch_id for row in rows})
    undone = {one.id for one in ledger.told_batches(list(batches)) if one.undone_by is not None}
    return [
        ReceiptRow(
            row.pk, row.person_id, row.batch_id, row.given_date, row.due_date, row.pieces, done[row.pk],
            reasons.get(row.pk, ""), row.batch_id in undone,
        )
        for row in rows
    ]  # fmt: skip
