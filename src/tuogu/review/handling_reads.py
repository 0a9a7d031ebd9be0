"""Receipts and month closes as pages show them.

In: a scope or a person. Out: lines. Never: a receipt of somebody outside the scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from tuogu import vault
from tuogu.core.inspection.tables import RECEIPT_STEPS
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.review.models import MonthClose, Receipt
from tuogu.rules import queries as rules


@dataclass(frozen=True)
class ReceiptLine:
    """Policies given to a person. `lacking`: steps not done, of an answer; `with_cause`: None = not judged."""

    id: int
    batch_key: str
    person: int
    given_date: date
    due_date: date
    policies: int
    answered_date: date | None
    lacking: tuple[str, ...]
    refused: bool
    reason: str
    with_cause: bool | None


@dataclass(frozen=True)
class CloseLine:
    """One filing of a month."""

    month: date
    institution_code: str
    number: int
    owed: int
    passed: int
    facts: int
    by: int
    at: datetime


def receipts(scope: Scope, *, size: int = 40, before: int | None = None) -> list[ReceiptLine]:
    """The newest first."""
    rows, within = Receipt.objects.all(), org.custodians_within(scope)
    if within is not None:
        rows = rows.filter(person_id__in=within)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return _lines(rows.order_by("-pk")[:size])


def receipts_of(person: int) -> list[ReceiptLine]:
    """A person's own, the newest first."""
    return _lines(Receipt.objects.filter(person_id=person).order_by("-pk"))


def receipt_of(scope: Scope, receipt_id: int) -> ReceiptLine | None:
    """One within scope."""
    within, rows = org.custodians_within(scope), Receipt.objects.filter(pk=receipt_id)
    found = _lines(rows if within is None else rows.filter(person_id__in=within))
    return found[0] if found else None


def batches_to_receive(limit: int = 20) -> list[dict[str, object]]:
    """The newest batches of the ledger that nobody was asked a receipt for."""
    known = set(Receipt.objects.values_list("batch_key", flat=True))
    found = ledger.batches(limit=limit)
    return [row for row in found if row["key"] not in known and row["posted"] and row["undoes_id"] is None]


def closes(scope: Scope) -> list[CloseLine]:
    """What was filed of months, the newest first, of institutions within scope."""
    rows = MonthClose.objects.order_by("-month", "-pk")
    if not scope.all_rows:
        rows = rows.filter(institution_code__in=org.institutions_within(scope))
    return [
        CloseLine(r.month, r.institution_code, r.number, r.owed, r.passed, r.facts, r.by_id, r.at)
        for r in rows[:60]
    ]


def _lines(rows: QuerySet[Receipt]) -> list[ReceiptLine]:
    found = list(rows.select_related("answer", "judged"))
    answers = [getattr(row, "answer", None) for row in found]
    reasons = vault.open_texts(answer.reason_sealed if answer else None for answer in answers)
    lines = []
    for row, answer, reason in zip(found, answers, reasons, strict=True):
        days = int(rules.applicable(row.given_date)["inspection.receipt_days"])
        lacking = tuple(
            word
            for step, word in RECEIPT_STEPS.items()
            if answer and not answer.refused and step not in answer.steps
        )
        judged = getattr(row, "judged", None)
        lines.append(
            ReceiptLine(
                int(row.pk), row.batch_key, row.person_id, row.given_date, row.given_date + timedelta(days=days),
                row.policies, answer.answered_date if answer else None, lacking, bool(answer and answer.refused),
                reason or "", judged.with_cause if judged else None,
            )
        )  # fmt: skip
    return lines
