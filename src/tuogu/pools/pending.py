"""What may wait for somebody in this room: sets that a page asks for a row before it reads any.

In: nothing. Out: querysets by name. Never: who it waits for (the reads with a scope say that).
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from tuogu.pools.standing import standing_claims


def pending() -> dict[str, QuerySet[Any]]:
    """Pieces that somebody has claimed and holds."""
    return {"claims": standing_claims()}
