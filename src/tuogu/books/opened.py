"""Stored customers in clear, of some numbers: for rooms below the pages that judge or change their data.

In: numbers. Out: CUSTOMERS with every personal field decrypted. Never: a page's way to personal data (that is `people`).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tuogu.books.models import Customer
from tuogu.books.rows import customers_from_rows
from tuogu.bulk import in_parts
from tuogu.core.tables import CUSTOMERS, empty

_AT_ONCE = 5_000  # numbers of one query: below the parameters that a database takes
_STORED = (
    "number", "sex", "birth_date", "id_type", "info_accurate", "complaint", "misconduct", "contactable",
    "contact_attempts", "name_sealed", "id_sealed", "phone_sealed", "address_sealed", "employer_sealed",
)  # fmt: skip


def opened_customers(numbers: Sequence[str]) -> pl.DataFrame:
    """CUSTOMERS of these numbers as stored, decrypted; unknown ones are absent. Who calls this reads personal data."""
    wanted = sorted(set(numbers))
    found = [
        row
        for part in in_parts(wanted, _AT_ONCE)
        for row in Customer.objects.filter(number__in=part).values_list(*_STORED)
    ]
    if not found:
        return empty(CUSTOMERS)
    rows = pl.DataFrame(found, schema=list(_STORED), orient="row", infer_schema_length=None)
    return customers_from_rows(rows, personal=True)
