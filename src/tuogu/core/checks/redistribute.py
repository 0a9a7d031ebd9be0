"""A redistribution under examination: who met the target, what each is due, nothing lost, nothing across (S2-12, A-23).

In: Plan, Book, Rulebook. Out: frames of VIOLATIONS. Never: an import from `core.campaign`.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tuogu.core.checks import placed
from tuogu.core.checks.campaign_book import (
    POOL_AREAS,
    Breach,
    CampaignBook,
    breaches,
    largest_remainder_breaches,
)
from tuogu.core.checks.campaign_records import Tested, records_breaches, tested, tests_breaches
from tuogu.core.checks.case import rows
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan

_PREFIX = "department:"


def check(plan: Plan, book: Book, rulebook: Rulebook) -> Iterator[pl.DataFrame]:
    """Everything that a redistribution may get wrong."""
    case = CampaignBook(plan, book, rulebook)
    stock = case.held.filter(pl.col("receiver").is_in(list(POOL_AREAS)))
    yield from placed.conservation(plan, stock["number"], "S2-12")
    yield from placed.reasons(plan, "S2-12")
    yield from placed.bound(plan)
    yield breaches(records_breaches(case))
    results = tested(case)
    yield breaches(tests_breaches(case, results))
    willing = stock.filter(~pl.col("number").is_in(case.refused))
    yield breaches(_shares(case, willing, results))
    kept = plan.unplaced.join(stock, left_on="policy_number", right_on="number")
    moved = kept.filter(pl.col("custodian") != pl.col("receiver"))
    yield rows(
        moved, "pool", "A-23", "policy_number", "custodian", "原回收池", pl.lit("未分配的客户不在原回收池")
    )


def _shares(case: CampaignBook, stock: pl.DataFrame, results: list[Tested]) -> Iterator[Breach]:
    """In each area: the whole pool by completions, or nothing at all where nobody met the target."""
    by_pool = case.plan.placements.join(stock.select("number", pool="receiver"), on="number")
    counted = by_pool.group_by("pool", "receiver").agg(n=pl.len())
    given = {(pool, receiver): n for pool, receiver, n in counted.iter_rows()}
    for pool, area in POOL_AREAS.items():
        total = len(stock.filter(pl.col("receiver") == pool))
        counts = {receiver: n for (p, receiver), n in given.items() if p == pool}
        met = {
            r.department: r.completions
            for r in results
            if r.verdict == "met" and case.departments.get(r.department.removeprefix(_PREFIX)) == area
        }
        if total and any(met.values()):
            yield from largest_remainder_breaches({**dict.fromkeys(met, 0), **counts}, met, total, "S2-12")
        elif counts:
            yield (
                "no_department_met",
                "A-23",
                pool,
                str(sum(counts.values())),
                "0",
                "没有达标部门而分出了客户",
            )
