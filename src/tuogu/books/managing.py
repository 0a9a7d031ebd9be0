"""Which institutions manage some policies or customers: who may see what is said of them together.

In: numbers, a Scope. Out: number and institution of each that the scope shows. Never: a number outside the scope, a query
for each number.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from tuogu.books.visible import rows
from tuogu.bulk import in_parts
from tuogu.org.scope import Scope

MANAGED = {"number": pl.String, "institution_code": pl.String}
_AT_ONCE = 5_000  # numbers of one query: below the parameters that a database takes


def managed(numbers: Sequence[str], scope: Scope, *, customers: bool = False) -> pl.DataFrame:
    """MANAGED: each visible policy among `numbers` (or, of `customers`, of whom they are) and who manages it."""
    column = "holder_number" if customers else "number"
    visible = rows(scope).order_by(column).values_list(column, "institution_code")
    found = [
        row
        for part in in_parts(numbers, _AT_ONCE)
        for row in visible.filter(**{f"{column}__in": part}).distinct()
    ]
    return pl.DataFrame(found, schema=MANAGED, orient="row")
