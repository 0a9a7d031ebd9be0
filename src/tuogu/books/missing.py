"""What a full file leaves out: stored rows that it does not hold, not even in a rejected row. They are listed for a
person, never closed here."""

from __future__ import annotations

import polars as pl

from tuogu.books.models import Customer, Policy
from tuogu.core.intake_tables import Intake


def numbers_missing_from(intake: Intake) -> pl.DataFrame:
    """kind, number of stored customers and policies that stand in no row of the file, accepted or rejected."""
    books, rejected = intake.books, intake.rejected_numbers
    held = {
        "customer": (Customer.objects.values_list("number", flat=True), books.customers["customer_number"]),
        "policy": (Policy.objects.values_list("number", flat=True), books.policies["policy_number"]),
    }
    sheets = {"customer": "customers", "policy": "policies"}
    frames = []
    for kind, (stored, accepted) in held.items():
        given = pl.concat([accepted, rejected.filter(kind=sheets[kind])["number"].alias(accepted.name)])
        numbers = pl.DataFrame({"number": list(stored)}, schema={"number": pl.String})
        missing = numbers.join(given.to_frame("number"), on="number", how="anti")
        frames.append(missing.select(kind=pl.lit(kind), number="number"))
    return pl.concat(frames).sort("kind", "number")
