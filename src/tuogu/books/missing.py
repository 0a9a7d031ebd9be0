"""What a full file leaves out: stored rows that it does not hold. They are listed for a person, never closed here."""

from __future__ import annotations

import polars as pl

from tuogu.books.models import Customer, Policy
from tuogu.core.tables import Books


def numbers_missing_from(books: Books) -> pl.DataFrame:
    """kind, number of stored customers and policies that the given books do not hold."""
    held = {
        "customer": (Customer.objects.values_list("number", flat=True), books.customers["customer_number"]),
        "policy": (Policy.objects.values_list("number", flat=True), books.policies["policy_number"]),
    }
    frames = []
    for kind, (stored, given) in held.items():
        numbers = pl.DataFrame({"number": list(stored)}, schema={"number": pl.String})
        missing = numbers.join(given.to_frame("number"), on="number", how="anti")
        frames.append(missing.select(kind=pl.lit(kind), number="number"))
    return pl.concat(frames).sort("kind", "number")
