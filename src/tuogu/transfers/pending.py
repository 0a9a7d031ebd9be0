"""What may wait for somebody in this room: sets that a page asks for a row before it reads any.

In: nothing. Out: querysets by name. Never: who it waits for (the reads with a scope say that).
"""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from tuogu.transfers.models import TransferRequest, TransferStep

WAITING = (TransferStep.Step.ASKED, TransferStep.Step.UNDO_ASKED)


def asked_for() -> QuerySet[TransferRequest]:
    """Requests and wishes to undo that wait for a second person."""
    last = TransferStep.objects.filter(request=OuterRef("pk")).order_by("-number").values("step")[:1]
    return TransferRequest.objects.annotate(last=Subquery(last)).filter(last__in=WAITING)


def pending() -> dict[str, QuerySet[Any]]:
    """Every set of this room."""
    return {"transfers": asked_for()}
