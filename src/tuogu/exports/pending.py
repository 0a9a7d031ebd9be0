"""What may wait for somebody in this room: sets that a page asks for a row before it reads any.

In: nothing. Out: querysets by name. Never: who it waits for (the reads with a scope say that).
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from tuogu.exports.models import Act, Export

DECIDED = (Act.Kind.APPROVED, Act.Kind.DECLINED, Act.Kind.WITHDRAWN)


def undecided() -> QuerySet[Export]:
    """Exports that wait for a second person."""
    decided = Act.objects.filter(export=OuterRef("pk"), kind__in=DECIDED)
    return Export.objects.filter(~Exists(decided), needs_approval=True)


def pending() -> dict[str, QuerySet[Any]]:
    """Every set of this room."""
    return {"exports": undecided()}
