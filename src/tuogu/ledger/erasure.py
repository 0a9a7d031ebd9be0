"""Takes the number of a customer out of the ledger: what was posted stays, about somebody whom nobody can name (L-07).

In: a customer number. Out: how many subjects lost theirs. Never: an entry, a seal or a policy's subject touched; the
trigger on subjects allows this one change and no other.
"""

from __future__ import annotations

from tuogu.ledger.kinds import SubjectKind
from tuogu.ledger.models import Subject


def empty_number(number: str) -> int:
    """Empty the number of the customer's subjects. The chain of seals covers no number, so it verifies as before."""
    return Subject.objects.filter(number=number, kind=SubjectKind.CUSTOMER).update(number=None)
