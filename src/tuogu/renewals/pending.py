"""What may wait for somebody: one row is enough.

In: nothing. Out: named sets. Never: for whom.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from tuogu.renewals.models import CallOutLine, Improvement, ListedCase, RewardPolicy, Sampled


def pending() -> dict[str, QuerySet[Any]]:
    """Listed policies; lines of call lists, drawn customers, orders and policies of rewards without an answer."""
    return {
        "renewals": ListedCase.objects.all(),  # whether one waits is asked with the scope, in one go
        "renewal_calls": CallOutLine.objects.filter(outcome__isnull=True),
        "renewal_samples": Sampled.objects.filter(answers__isnull=True),
        "renewal_orders": Improvement.objects.all(),
        "renewal_rewards": RewardPolicy.objects.filter(approval__isnull=True),
    }
