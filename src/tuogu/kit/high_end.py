"""High-end customers within a scope (S4-29), richest first.

In: a scope, the rulebook. Out: a frame of numbers and sums. Never: a policy judged for itself, a name.
"""

from __future__ import annotations

import polars as pl

from tuogu.books import queries as books
from tuogu.core.high_end import high_end
from tuogu.core.rulebook import Rulebook
from tuogu.org.scope import Scope


def high_end_customers(scope: Scope, rulebook: Rulebook) -> pl.DataFrame:
    """customer_number, yearly_fen of customers with a live policy within scope, all of whose policies reach the line."""
    found = high_end(books.premiums_of(scope), rulebook).filter(pl.col("high_end"))
    return found.select("customer_number", "yearly_fen").sort(
        "yearly_fen", "customer_number", descending=[True, False]
    )
