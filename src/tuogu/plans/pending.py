"""What may wait for somebody in this room beside the plans themselves: sets that a page asks for a row before it reads any.

In: a day. Out: querysets by name. Never: who it waits for (the reads with a scope say that).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from tuogu.plans.models import ReviewCase, RoundStep


def pending(on: date) -> dict[str, QuerySet[Any]]:
    """Steps of rounds whose day has gone by, reviews that nobody has decided."""
    return {
        "round_steps": RoundStep.objects.filter(due_date__lt=on),
        "reviews": ReviewCase.objects.filter(decided__isnull=True),
    }
