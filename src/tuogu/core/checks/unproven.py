"""Nobody whose data was found untrue is allotted, and each of them is listed as such (L-09).

In: a plan, its book. Out: frames of VIOLATIONS. Never: an import of what the planners leave them out with.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tuogu.core.checks.case import rows
from tuogu.core.tables import Book, Plan

_REASON = "data_unproven"


def split(plan: Plan) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The unplaced that the rules of the strategy judge, and those who wait for their data."""
    waits = (pl.col("reason") == _REASON).fill_null(False)
    return plan.unplaced.filter(~waits), plan.unplaced.filter(waits)


def check(plan: Plan, book: Book, *, customers: bool) -> Iterator[pl.DataFrame]:
    """No placement of theirs; among the unplaced exactly their orphan policies, or themselves, say so."""
    unproven = set(book.unproven["customer_number"])
    numbers = pl.Series(sorted(unproven), dtype=pl.String).implode()
    placed = plan.placements.filter(pl.col("holder_number").is_in(numbers) | pl.col("number").is_in(numbers))
    detail = pl.lit("客户资料未核实而列入分配")
    yield rows(placed, "unproven", "L-09", "number", "receiver", "不分配", detail)
    if customers:
        expected = unproven & set(book.books.customers["customer_number"])
    else:
        theirs = book.books.policies.filter(pl.col("holder_number").is_in(numbers))["policy_number"]
        expected = set(theirs) & set(book.classified.filter("orphan")["policy_number"])
    listed = split(plan)[1]["policy_number"].to_list()
    wrong = sorted(expected ^ set(listed)) + sorted({n for n in listed if listed.count(n) > 1})
    named = {"number": wrong, "reason": [_REASON] * len(wrong)}
    found = pl.DataFrame(named, schema={"number": pl.String, "reason": pl.String})
    detail = pl.lit("资料未核实的名单不实")
    yield rows(found, "unproven", "L-09", "number", "reason", "与核查一致", detail)
