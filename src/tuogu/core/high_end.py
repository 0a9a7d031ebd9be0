"""High-end customers: what a customer pays a year over all policies (S4-29).

In: POLICIES, the rulebook. Out: one row a holder. Never: one policy judged for itself, a single premium taken for a
yearly one.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import B, I, S, Schema, conform

HIGH_END: Schema = {"customer_number": S, "yearly_fen": I, "high_end": B}
_COUNTED = "in_force"


def high_end(policies: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """HIGH_END by customer: the yearly premium of all policies in force, riders too; the line itself counts.

    Every holder has a row. A policy whose payment term is over still counts: it shows what the customer can pay.
    """
    regular = (pl.col("premium_mode") == "regular") & (pl.col("state") == _COUNTED)
    yearly = pl.when(regular.fill_null(False)).then(pl.col("premium_fen") * pl.col("payments_per_year"))
    sums = (
        policies.filter(pl.col("holder_number").is_not_null())
        .group_by(customer_number="holder_number")
        .agg(yearly_fen=yearly.fill_null(0).sum())
        .sort("customer_number")
    )
    line = int(rulebook["service.high_end_premium_fen"])
    return conform(sums.with_columns(high_end=pl.col("yearly_fen") >= line), HIGH_END)
