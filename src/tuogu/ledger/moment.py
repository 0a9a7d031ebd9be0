"""The ledger's version: what pages derive from the ledger is kept under it.

In: nothing. Out: a text that changes with every entry. Never: two versions on one page (`tuogu.moment`).
"""

from __future__ import annotations

from django.db.models import Count, F, Max, Subquery

from tuogu.ledger.models import Entry
from tuogu.moment import once

_LATE_IDS = 1000  # an entry may be committed after others with ids up to so much higher


@once
def version() -> str:
    """Changes with every entry: what was derived from the ledger under one version is stale under another.

    The count of the newest ids catches an entry that was committed after one with a higher id.
    """
    newest = Entry.objects.order_by("-id").annotate(floor=F("id") - _LATE_IDS).values("floor")[:1]
    found = Entry.objects.filter(id__gt=Subquery(newest)).aggregate(newest=Max("id"), late=Count("id"))
    return f"{found['newest'] or 0}:{found['late']}"
