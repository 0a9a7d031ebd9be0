"""What may wait for somebody in this room: sets that a page asks for a row before it reads any.

In: nothing. Out: querysets by name. Never: who it waits for (the reads with a scope say that).
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from tuogu.work.models import Conflict, Escalation


def pending() -> dict[str, QuerySet[Any]]:
    """Tasks brought before somebody, records that wait for a decision."""
    return {
        "told": Escalation.objects.filter(task__end__isnull=True),
        "conflicts": Conflict.objects.filter(end__isnull=True),
    }
