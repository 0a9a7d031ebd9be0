"""What may wait for somebody in this room: sets that a page asks for a row before it reads any. Never: for whom."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from tuogu.campaigns.models import Campaign


def pending() -> dict[str, QuerySet[Any]]:
    """Campaigns that run."""
    return {"campaigns": Campaign.objects.filter(end__isnull=True)}
