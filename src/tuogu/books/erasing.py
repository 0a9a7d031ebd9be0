"""A customer's personal data is emptied for good, and an import that brings the person again is told so (L-07).

In: a customer number; the CUSTOMERS and POLICIES of a file. Out: an emptied row with a keyed tombstone; the customers of
the file who may be stored. Never: a contract or a fact of custody touched (they stand under a number that leads to nobody),
personal data back in the books without a living contract.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl
from django.db import transaction
from django.db.models import Q

from tuogu import vault
from tuogu.books import listing
from tuogu.books.models import Customer, ErasedCustomer
from tuogu.core.custody import business_date
from tuogu.core.tables import LIVE_STATES
from tuogu.rules import queries as rules

_EMPTIED = (
    "name_sealed", "name_hash", "sex", "birth_date", "id_type", "id_sealed", "id_hash", "id_tail_hash", "phone_sealed",
    "phone_hash", "phone_tail_hash", "address_sealed", "employer_sealed", "info_accurate", "complaint", "misconduct",
    "contactable", "contact_attempts", "community_code", "code_candidates", "code_confidence", "code_reason",
)  # fmt: skip
_PURPOSE = "erased"  # of the keyed hash: it matches nothing else in the database


@transaction.atomic
def erase_customer(number: str, *, by: int, at: datetime) -> bool:
    """Empty every personal column of the customer and leave a tombstone; False when there is nothing to empty."""
    row = Customer.objects.select_for_update().filter(number=number).first()
    if (
        row is None
        or ErasedCustomer.objects.filter(customer_number=number, returned_at__isnull=True).exists()
    ):
        return False
    ErasedCustomer.objects.create(
        customer_number=number, document_hash=_document(row.id_type, vault.open_text(row.id_sealed)), by_id=by,
        erased_at=at,
    )  # fmt: skip
    Customer.objects.filter(pk=row.pk).update(**dict.fromkeys(_EMPTIED), code_status="manual")
    today = business_date(at)
    listing.refresh(listing.touched(customers=[number]), rules.applicable(today), today)
    return True


def _document(id_type: str | None, id_number: str | None) -> bytes | None:
    """What a document is recognised by later: it cannot be turned back into the number without the key."""
    return None if not id_number else vault.keyed_hash(f"{id_type or ''}:{id_number}", _PURPOSE)


def without_erased(customers: pl.DataFrame, policies: pl.DataFrame, *, at: datetime) -> pl.DataFrame:
    """`customers` of a file without those who were erased, unless one of the file's policies is a living contract of
    theirs: then the data is needed again, and the tombstone says since when."""
    graves = list(ErasedCustomer.objects.filter(returned_at__isnull=True))
    if not graves:
        return customers
    numbers = {grave.customer_number for grave in graves}
    documents = {bytes(grave.document_hash) for grave in graves if grave.document_hash is not None}
    rows = customers.select("customer_number", "id_type", "id_number").iter_rows()
    known = {number: _document(kind, document) for number, kind, document in rows}
    theirs = {number for number, digest in known.items() if number in numbers or digest in documents}
    back = theirs & _in_contract(policies)
    digests = [digest for number in back if (digest := known[number]) is not None]
    returned = Q(customer_number__in=sorted(back)) | Q(document_hash__in=digests)
    ErasedCustomer.objects.filter(returned, returned_at__isnull=True).update(returned_at=at)
    return customers.filter(~pl.col("customer_number").is_in(sorted(theirs - back)))


def _in_contract(policies: pl.DataFrame) -> set[str]:
    """Customers whom a living contract of the file names."""
    living = policies.filter(pl.col("state").is_in(LIVE_STATES))
    return {*living["holder_number"].drop_nulls(), *living["insured_number"].drop_nulls()}
