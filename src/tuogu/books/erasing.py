"""A customer's personal data is emptied for good, and an import that brings the person again is told so (L-07).

In: a customer number; the CUSTOMERS and POLICIES of a file. Out: an emptied row with a keyed tombstone; the customers of
the file who may be stored. Never: a contract or a fact of custody touched (they stand under a number that leads to nobody),
personal data back in the books without a living contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db import transaction

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


@dataclass(frozen=True)
class Returned:
    """The CUSTOMERS of a file beside the tombstones. `kept` may be stored; `opened`: ids of the tombstones of those among
    them whom a living contract of the file brings back."""

    kept: pl.DataFrame
    opened: tuple[int, ...]


def beside_tombstones(customers: pl.DataFrame, policies: pl.DataFrame) -> Returned:
    """`customers` of a file without those who were erased, unless one of the file's policies is a living contract of
    theirs: then the data is needed again. Writes nothing: the dry run asks as well."""
    graves = list(ErasedCustomer.objects.filter(returned_at__isnull=True))
    if not graves:
        return Returned(customers, ())
    documents = vault.newest_hashes(grave.document_hash for grave in graves)
    keys = [{grave.customer_number, digest} - {None} for grave, digest in zip(graves, documents, strict=True)]
    every = set[object]().union(*keys)
    rows = customers.select("customer_number", "id_type", "id_number").iter_rows()
    known = {number: {number, _document(kind, document)} - {None} for number, kind, document in rows}
    theirs = {number for number, found in known.items() if found & every}
    back = theirs & _in_contract(policies)
    met = set[object]().union(*(known[number] for number in back))
    opened = tuple(grave.pk for grave, key in zip(graves, keys, strict=True) if key & met)
    return Returned(customers.filter(~pl.col("customer_number").is_in(sorted(theirs - back))), opened)


def without_erased(customers: pl.DataFrame, policies: pl.DataFrame, *, at: datetime) -> pl.DataFrame:
    """Those of `customers` who may be stored; the tombstones of those who come back say since when."""
    found = beside_tombstones(customers, policies)
    ErasedCustomer.objects.filter(pk__in=found.opened).update(returned_at=at)
    return found.kept


def _in_contract(policies: pl.DataFrame) -> set[str]:
    """Customers whom a living contract of the file names."""
    living = policies.filter(pl.col("state").is_in(LIVE_STATES))
    return {*living["holder_number"].drop_nulls(), *living["insured_number"].drop_nulls()}
