"""What may wait for somebody in this room: sets that a page asks for a row before it reads any.

In: nothing. Out: querysets by name. Never: who it waits for (the reads with a scope say that).
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from tuogu.corrections.models import Batch, Script

_S = Batch.State


def pending() -> dict[str, QuerySet[Any]]:
    """Lists at each station of their road, scripts that nobody has approved."""
    return {
        "lists_to_sign": Batch.objects.filter(state=_S.AWAITING),
        "lists_to_apply": Batch.objects.filter(state__in=(_S.SIGNED, _S.WITH_IT)),
        "lists_to_file": Batch.objects.filter(state=_S.APPLIED),
        "scripts": Script.objects.filter(approval__isnull=True),
    }
