"""What the desk groups by: the area and the shared part of every customer's address, derived again with each import.

In: rows of fragments with keyed hashes. Out: stored rows; patterns. Never: an address, a house number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from tuogu.bulk import in_parts
from tuogu.regions.models import KnownAddress

Known = tuple[str, bytes, str, str]  # customer_number, address_hash, area_code, fragment
_AT_ONCE = 5_000


def know(rows: Iterable[Known]) -> int:
    """Keep these rows; the newest wins. Returns how many."""
    made = [KnownAddress(customer_number=n, address_hash=h, area_code=a, fragment=f) for n, h, a, f in rows]
    KnownAddress.objects.bulk_create(
        made, batch_size=_AT_ONCE, update_conflicts=True, unique_fields=["customer_number"],
        update_fields=["address_hash", "area_code", "fragment"],
    )  # fmt: skip
    return len(made)


def forget(numbers: Iterable[str]) -> int:
    """Drop what is known of these customers' addresses (they were erased, or their import was taken back)."""
    given, gone = sorted(set(numbers)), 0
    for part in in_parts(given, _AT_ONCE):
        gone += KnownAddress.objects.filter(customer_number__in=part).delete()[0]
    return gone


def known_addresses() -> QuerySet[Any]:
    """Rows with customer_number, address_hash, area_code, fragment: for subqueries of the books."""
    return KnownAddress.objects.all()


def known_of(number: str) -> tuple[str, str]:
    """(area_code, fragment) of one customer; empty where nothing is known."""
    row = KnownAddress.objects.filter(customer_number=number).values_list("area_code", "fragment").first()
    return row or ("", "")
