"""Customer numbers that are one person (A-41): the same kind and number of document.

In: CUSTOMERS. Out: groups of two numbers or more. Never: a personal value in the answer; two people made one because
name, birth date and phone look alike (that is a suggestion for a clerk, not an identity).
"""

from __future__ import annotations

import polars as pl

DUPLICATES = {"person": pl.String, "customer_number": pl.String}


def shared_identities(customers: pl.DataFrame) -> pl.DataFrame:
    """DUPLICATES: each number of a person who has several; `person` is the smallest of them."""
    document = ["id_type", "id_number"]
    known = customers.filter(pl.col("id_number").is_not_null() & (pl.col("id_number") != ""))
    again = known.filter(pl.col("id_number").is_duplicated())
    groups = again.select(
        "customer_number",
        person=pl.col("customer_number").min().over(document),
        numbers=pl.len().over(document),
    )
    found = groups.filter(pl.col("numbers") > 1).select("person", "customer_number")
    return found.sort("person", "customer_number")


def as_person(number: pl.Expr, duplicates: pl.DataFrame) -> pl.Expr:
    """A customer number as the person whose it is."""
    return number.replace(duplicates["customer_number"], duplicates["person"])
