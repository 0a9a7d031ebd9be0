"""Claims that stand: whose entry is still the head of its subject in the ledger.

In: nothing. Out: a query of claims. Never: a claim told as standing after the piece went on by whatever act.
"""

from __future__ import annotations

from django.db.models import F, QuerySet

from tuogu.pools.models import Claim


def standing_claims() -> QuerySet[Claim]:
    """The claims whose person holds the piece by that very claim."""
    return Claim.objects.filter(
        subject__holdings__relation=F("relation"), subject__holdings__entry_id=F("entry_id")
    )


def claimed_of(customer: str, person: int) -> bool:
    """Whether the person holds a piece of this customer by a claim of the own."""
    return standing_claims().filter(customer_number=customer, person_id=person).exists()
