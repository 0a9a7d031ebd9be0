"""What of a whole file lies outside the scope of whoever signs it on the command line (P-12).

In: what was accepted of a file, a scope. Out: how many rows it may not write. Never: a hint whether a number out of scope
exists; an institution that the file only repeats counted.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.intake_tables import ROW
from tuogu.core.tables import Books
from tuogu.jobs.push_scope import outside
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.renewals import queries as renewals


def motor_outside(motor: pl.DataFrame, scope: Scope) -> int:
    """Rows of motor policies managed by an institution outside, by the file or by what is stored."""
    if scope.all_rows or motor.is_empty():
        return 0
    within = sorted(org.institutions_within(scope))
    foreign = renewals.numbers_outside(scope, motor["policy_number"].to_list())
    ours = pl.col("institution_code").is_in(within) & ~pl.col("policy_number").is_in(sorted(foreign))
    return motor.filter(~ours).height


def rows_outside(books: Books, scope: Scope) -> int:
    """Rows of policies, customers, people and changed institutions that this scope may not write."""
    if scope.all_rows:
        return 0
    stored = org.institutions()
    changed = books.institutions.join(stored, on=stored.columns, how="anti", nulls_equal=True)
    sheets = {
        "institutions": changed, "people": books.people, "customers": books.customers, "policies": books.policies,
    }  # fmt: skip
    return sum(len(outside(kind, sheet.with_row_index(ROW), scope)) for kind, sheet in sheets.items())
