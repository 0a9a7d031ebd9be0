"""The further policies that customers of a campaign bought, and what each department can be credited with (S2-16, S2-19).

In: the standing of a campaign, the main policies of the period, a span of days. Out: one row a policy; counts by
department. Never: a customer counted twice (A-24: customers, not policies), a policy of a person whom another department
holds.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.campaign.identities import as_person
from tuogu.core.campaign.standing import Standing
from tuogu.core.tables import Schema, conform

PURCHASES: Schema = {
    "number": pl.String,  # the record of the quota
    "department": pl.String,
    "policy_number": pl.String,
    "holder_number": pl.String,  # the same person, perhaps under another number
    "insured_number": pl.String,
    "product_name": pl.String,
    "premium_fen": pl.Int64,
    "payment_term_years": pl.Int64,
    "inception_date": pl.Date,
    "long": pl.Boolean,  # paid over as many years as the notice asks for (S2-19)
}
COUNTED: Schema = {
    "department": pl.String,
    "area": pl.String,
    "quota": pl.Int64,
    "released": pl.Int64,
    "taken": pl.Int64,
    "second": pl.Int64,  # customers who have bought again since the first wave, up to the last day
    "second_long": pl.Int64,
    "fresh": pl.Int64,  # of them, whose first further policy falls within the span
    "policies": pl.Int64,  # within the span
    "premium_fen": pl.Int64,
    "policies_long": pl.Int64,
    "premium_long_fen": pl.Int64,
}


def purchases(stand: Standing, policies: pl.DataFrame, long_years: int) -> pl.DataFrame:
    """PURCHASES within the period of `stand`, by department, day and policy number."""
    within = pl.col("inception_date").is_between(stand.period.first, stand.period.last)
    bought = policies.filter((pl.col("kind") == "main") & within)
    bought = bought.with_columns(person=as_person(pl.col("holder_number"), stand.duplicates))
    records = stand.records.select(
        "number", "department", person=as_person(pl.col("number"), stand.duplicates)
    )
    found = bought.join(records.sort("number").unique("person", keep="first"), on="person")
    found = found.with_columns(long=(pl.col("payment_term_years") >= long_years).fill_null(False))
    return conform(found.select(*PURCHASES), PURCHASES).sort("department", "inception_date", "policy_number")


def counted(stand: Standing, bought: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """COUNTED of every department of the standing: customers up to `last`, policies from `first` to `last`."""
    known = bought.filter(pl.col("inception_date") <= last)
    span = known.filter(pl.col("inception_date") >= first)
    by_record = known.group_by("number").agg(
        since=pl.col("inception_date").min(), long=pl.col("long").any().fill_null(False)
    )
    records = stand.records.join(by_record, on="number", how="left")
    again = pl.col("since").is_not_null()
    departments = records.group_by("department", "area").agg(
        quota=pl.len(),
        released=pl.col("receiver").count(),
        taken=(pl.col("taken") & ~again).sum(),
        second=again.sum(),
        second_long=pl.col("long").fill_null(False).sum(),
        fresh=(pl.col("since") >= first).fill_null(False).sum(),
    )
    long = pl.col("long")
    sold = span.group_by("department").agg(
        policies=pl.len(),
        premium_fen=pl.col("premium_fen").sum(),
        policies_long=long.sum(),
        premium_long_fen=pl.col("premium_fen").filter(long).sum(),
    )
    found = departments.join(sold, on="department", how="left")
    whole = [pl.col(name).fill_null(0).cast(pl.Int64) for name, kind in COUNTED.items() if kind == pl.Int64]
    return conform(found.with_columns(whole).select(*COUNTED), COUNTED).sort("department")
