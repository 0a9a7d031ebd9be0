"""How complete a customer's record is (S0-05): a score between 0 and 1 that rankings read.

In: CUSTOMERS and a weight for each field. Out: one score a customer. Never: a lower score for one more field.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl


def completeness(customers: pl.DataFrame, weights: Mapping[str, int]) -> pl.DataFrame:
    """customer_number and completeness (Float64, 0..1): the weight of the filled fields over all weights.

    `weights`: field → positive whole weight (rulebook completeness.weights). Raises ValueError when a weight
    is not positive or a field is not a column.
    """
    wrong = [f for f, weight in weights.items() if weight <= 0 or f not in customers.columns]
    if wrong or not weights:
        raise ValueError(f"completeness needs positive weights of customer columns, not {wrong}")
    filled = pl.sum_horizontal(
        pl.col(field).is_not_null().cast(pl.Int64) * weight for field, weight in weights.items()
    )
    return customers.select("customer_number", completeness=filled / sum(weights.values()))
