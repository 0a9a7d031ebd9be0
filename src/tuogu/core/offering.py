"""Customers to whom nothing may be offered, as the strategies that offer something read them (L-03).

In: a book with `refused`. Out: a condition, rows of UNPLACED. Never: a strategy of service that asks (custody, territory and
supervision are owed to the customer whatever was refused).
"""

from __future__ import annotations

import polars as pl

from tuogu.core.tables import Book

REASON = "refused_marketing"


def refused(book: Book, number: str = "number") -> pl.Expr:
    """Whether the customer of column `number` refused; never null."""
    return pl.col(number).is_in(book.refused["customer_number"].implode()).fill_null(False)


def withheld(rows: pl.DataFrame, custodian: str | pl.Expr) -> pl.DataFrame:
    """`rows` (number, …) as UNPLACED: who keeps them, and that the customer said no."""
    return rows.select(
        policy_number="number",
        reason=pl.lit(REASON),
        detail=pl.lit("客户已拒绝营销，不列入营销名单；服务照常"),
        custodian=custodian,
    )
