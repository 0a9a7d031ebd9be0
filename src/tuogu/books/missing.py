"""What a full file leaves out: stored rows that it does not hold, not even in a rejected row. They are listed for a
person, never closed here."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from tuogu.books.models import Customer, Policy
from tuogu.books.visible import rows
from tuogu.core.intake_tables import Intake
from tuogu.org.scope import Scope


def numbers_missing_from(intake: Intake, scope: Scope | None = None) -> pl.DataFrame:
    """kind, number of stored customers and policies that stand in no row of the file, accepted or rejected. `scope`: whose
    rows the file could hold at all; None = everybody's."""
    books, rejected = intake.books, intake.rejected_numbers
    customers, policies = _stored(scope)
    held = {
        "customer": (customers, books.customers["customer_number"]),
        "policy": (policies, books.policies["policy_number"]),
    }
    sheets = {"customer": "customers", "policy": "policies"}
    frames = []
    for kind, (stored, accepted) in held.items():
        given = pl.concat([accepted, rejected.filter(kind=sheets[kind])["number"].alias(accepted.name)])
        numbers = pl.DataFrame({"number": list(stored)}, schema={"number": pl.String})
        missing = numbers.join(given.to_frame("number"), on="number", how="anti")
        frames.append(missing.select(kind=pl.lit(kind), number="number"))
    return pl.concat(frames).sort("kind", "number")


def _stored(scope: Scope | None) -> tuple[Iterable[str], Iterable[str]]:
    """Numbers of stored customers and policies within scope."""
    if scope is None or scope.all_rows:
        return Customer.objects.values_list("number", flat=True), Policy.objects.values_list(
            "number", flat=True
        )
    seen = rows(scope)
    return seen.values_list("holder_number", flat=True).distinct(), seen.values_list("number", flat=True)
