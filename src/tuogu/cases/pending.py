"""What may wait for somebody in this room: sets that a page asks for a row before it reads any.

In: nothing. Out: querysets by name. Never: who it waits for (the reads with a scope say that).
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from tuogu.cases.kinds import Kind, ReceiptAct
from tuogu.cases.models import Case, Receipt, ReceiptStep

OVER = (ReceiptAct.FEEDBACK, ReceiptAct.WITH_CAUSE, ReceiptAct.WITHOUT_CAUSE)


def pending() -> dict[str, QuerySet[Any]]:
    """Receipts not answered, refusals not ruled on, cases, papers."""
    steps = ReceiptStep.objects.filter(receipt=OuterRef("pk"))
    unanswered = Receipt.objects.exclude(Exists(steps.filter(act__in=OVER)))
    return {
        "receipts": unanswered,
        "refusals": unanswered.filter(Exists(steps.filter(act=ReceiptAct.REFUSED))),
        "cases": Case.objects.all(),  # whether one is open is asked with the scope, in one go
        "papers": Case.objects.filter(kind=Kind.PAPERS),
    }
