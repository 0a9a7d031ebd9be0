"""Policies by the day on which they began: what was bought in a span of days.

In: two days. Out: a frame of main policies with their numbers and terms. Never: a name.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.books.models import Policy

BOUGHT = {
    "policy_number": pl.String, "product_name": pl.String, "premium_fen": pl.Int64, "payment_term_years": pl.Int64,
    "inception_date": pl.Date, "holder_number": pl.String, "insured_number": pl.String, "agent_number": pl.String,
    "institution_code": pl.String,
}  # fmt: skip
_FIELDS = ("number", *list(BOUGHT)[1:])


def bought(first: date, last: date) -> pl.DataFrame:
    """BOUGHT: main policies that began from `first` to `last`, both counted, by number. One query."""
    rows = Policy.objects.filter(inception_date__range=(first, last)).order_by("number")
    return pl.DataFrame(list(rows.values_list(*_FIELDS)), schema=BOUGHT, orient="row")
