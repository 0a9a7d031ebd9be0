"""What may wait for somebody in this room: sets that a page asks for a row before it reads any.

In: nothing. Out: querysets by name. Never: who it waits for.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from tuogu.books.models import ImportRevert


def pending() -> dict[str, QuerySet[Any]]:
    """Imports that somebody wants taken back."""
    return {"reverts": ImportRevert.objects.filter(state=ImportRevert.State.ASKED)}
