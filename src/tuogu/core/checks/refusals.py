"""Nothing is offered to who refused it, and each of them is listed as such (L-03).

In: a plan of a strategy that offers something, its book. Out: frames of VIOLATIONS. Never: an import of a planner.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tuogu.core.checks.case import rows
from tuogu.core.tables import Book, Plan

_REASON = "refused_marketing"


def check(plan: Plan, book: Book) -> Iterator[pl.DataFrame]:
    """No refused customer placed; every refused customer among the unplaced says so, and nobody else does."""
    refused = pl.Series(sorted(set(book.refused["customer_number"])), dtype=pl.String).implode()
    offered = plan.placements.filter(pl.col("holder_number").is_in(refused) | pl.col("number").is_in(refused))
    yield rows(offered, "refused", "L-03", "number", "receiver", "不分配", pl.lit("客户已拒绝营销而列入名单"))
    said = (pl.col("reason") == _REASON).fill_null(False)
    wrong = plan.unplaced.filter(pl.col("policy_number").is_in(refused) != said)
    yield rows(
        wrong, "refused", "L-03", "policy_number", "reason", "与意愿登记一致", pl.lit("拒绝营销的原因不实")
    )
