"""What may wait for somebody in this room: sets that a page asks for a row before it reads any.

In: nothing. Out: querysets by name. Never: who it waits for.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from tuogu.regions.models import CodebookProposal


def pending() -> dict[str, QuerySet[Any]]:
    """Changes of the code book that nobody has decided on."""
    return {"codebook": CodebookProposal.objects.filter(verdict__isnull=True)}
