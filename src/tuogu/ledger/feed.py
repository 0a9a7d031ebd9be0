"""How far the ledger can be read without missing anything.

In: nothing. Out: an entry id. Never: an id behind which a smaller one may still appear: writers share the lock that the
sealer holds alone (see sealing).
"""

from __future__ import annotations

from tuogu.ledger.models import Seal


def sealed_until() -> int:
    """Every entry up to this id is there for good; 0 before the first seal."""
    return int(Seal.objects.order_by("-number").values_list("last_entry_id", flat=True).first() or 0)
