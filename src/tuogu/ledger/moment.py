"""One reading of the ledger's version for as long as somebody looks: a page that shows ten figures shows one moment.

In: a block of reads. Out: `version` asked of the database once inside it. Never: around a block that writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db.models import Count, F, Max, Subquery

from tuogu.ledger.models import Entry

_LATE_IDS = 1000  # an entry may be committed after others with ids up to so much higher
_known: ContextVar[list[str] | None] = ContextVar("ledger_version", default=None)


@contextmanager
def of_one_moment() -> Iterator[None]:
    """Inside, `version` is read once."""
    token = _known.set([])
    try:
        yield
    finally:
        _known.reset(token)


def version() -> str:
    """Changes with every entry: what was derived from the ledger under one version is stale under another.

    The count of the newest ids catches an entry that was committed after one with a higher id.
    """
    known = _known.get()
    if known:
        return known[0]
    newest = Entry.objects.order_by("-id").annotate(floor=F("id") - _LATE_IDS).values("floor")[:1]
    found = Entry.objects.filter(id__gt=Subquery(newest)).aggregate(newest=Max("id"), late=Count("id"))
    read = f"{found['newest'] or 0}:{found['late']}"
    if known is not None:
        known.append(read)
    return read
