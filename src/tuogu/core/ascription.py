"""Why a policy came to somebody and why it could not: kinds of ascription and the five causes of an exception (P-15).

In: policies with their agent and holder, who is in post, what a strategy could not place. Out: the words and the rows of
the exception table that `arrivals` and `map` share. Never: a sixth cause, a policy without cause among the unplaced of
these causes, a cause guessed where the book does not show it.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from tuogu.core.sheets import Column, Sheet
from tuogu.core.tables import Book

ASCRIPTIONS: Final = {"first": "首次归属", "manual": "手工归属", "leaver": "离司归属", "moved": "迁移归属"}
"""first: never held or planned before; manual: written by hand; leaver: who held it has left; moved: moved in."""

# the numbers are names: the five causes of P-15 in their order
CAUSES: Final = {
    "no_agent": (1, "没有原业务员"),
    "no_holder": (2, "没有投保人"),
    "no_collector": (3, "所在区域没有收展员"),
    "data_fault": (4, "数据错误"),
    "collector_left": (5, "收展员已离司"),
}
"""Reason code → (number of the cause, its words)."""

EXCEPTIONS: Final = Sheet(
    "exceptions",
    "归属异常",
    (
        Column("number", "保单号", "subject"),
        Column("cause", "原因号", "count"),
        Column("cause_name", "原因", "text"),
        Column("placed", "仍已安置", "yes"),
        Column("detail", "说明", "text"),
    ),
    note="五种原因：1 没有原业务员，2 没有投保人，3 所在区域没有收展员，4 数据错误，5 收展员已离司；一件可有多种原因",
)


def known_holders(book: Book) -> pl.Series:
    """Customer numbers that a policy's holder may have."""
    return book.books.customers["customer_number"]


def found_in_book(policies: pl.DataFrame, book: Book) -> pl.DataFrame:
    """number, reason, detail: causes 1, 2 and 4 as the book shows them, for rows of POLICIES."""
    customers = known_holders(book).implode()
    tests = {
        "no_agent": (pl.col("agent_number").is_null(), pl.lit("保单没有原业务员工号")),
        "no_holder": (~_has_holder(customers), pl.lit("投保人缺失或不在客户档案中")),
        "data_fault": (data_fault(), pl.lit("期交保单缺少生效日期或缴费频次")),
    }
    found = [
        policies.filter(test).select(number="policy_number", reason=pl.lit(reason), detail=detail)
        for reason, (test, detail) in tests.items()
    ]
    return pl.concat(found)


def _has_holder(customers: pl.Expr | pl.Series) -> pl.Expr:
    return pl.col("holder_number").is_in(customers).fill_null(False)


def data_fault() -> pl.Expr:
    """A regular policy whose instalments cannot be computed."""
    unpayable = pl.col("inception_date").is_null() | (pl.col("payments_per_year").fill_null(0) <= 0)
    return ((pl.col("premium_mode") == "regular") & unpayable).fill_null(False)


def exceptions(found: pl.DataFrame, placed: pl.Series) -> pl.DataFrame:
    """The rows of EXCEPTIONS from number, reason, detail (other reasons are left out), by number and cause."""
    rows = found.filter(pl.col("reason").is_in(list(CAUSES))).unique(["number", "reason"], keep="first")
    return rows.select(
        number="number",
        cause=pl.col("reason").replace_strict({k: v[0] for k, v in CAUSES.items()}, return_dtype=pl.Int64),
        cause_name=pl.col("reason").replace_strict(
            {k: v[1] for k, v in CAUSES.items()}, return_dtype=pl.String
        ),
        placed=pl.col("number").is_in(placed.implode()),
        detail="detail",
    ).sort("number", "cause")
