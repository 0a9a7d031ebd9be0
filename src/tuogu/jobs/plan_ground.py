"""What a plan is made from: what is stored, as far as the planner's scope reaches (P-12), and what its strategy reads too.

In: a scope, a Book of everything stored, a strategy with its options. Out: the Book to plan, the approved plan to respect.
Never: a policy planned that the planner could not see afterwards; an order of lots that somebody could have chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import polars as pl

from tuogu.books import queries as books
from tuogu.core.campaign.lot import draw_ids
from tuogu.core.strategies import TERRITORY
from tuogu.core.strategies import strategy as strategy_of
from tuogu.core.tables import Book, Books, Plan
from tuogu.core.within import narrowed
from tuogu.jobs.flow import FlowRefused
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import queries as plans


def part_of(scope: Scope | None) -> Scope | None:
    """The scope where it reaches only a part of the stored policies; None = everything is planned."""
    if scope is None or scope.all_rows:
        return None
    return None if books.institutions_of_policies() <= org.institutions_within(scope) else scope


def to_plan(book: Book, as_of: date, strategy: str, options: Mapping[str, str], part: Scope | None) -> Book:
    """`book` with what the strategy reads, and of all that the `part` that the planner may see."""
    book = replace(book, away=org.away_from(as_of))  # P-06
    if strategy != TERRITORY.name:  # territories read neither facts nor other relations
        book = plans.for_planning(book, _draws_of(strategy, options))
    return book if part is None else _narrowed(book, part)


def at_home(stored: Books, part: Scope | None) -> Books:
    """`stored` with the planner's own institutions alone: they say in which city the branch lies."""
    if part is None:
        return stored
    within = sorted(org.institutions_within(part))
    own = pl.col("institution_code").is_in(within) & pl.col("region_code").is_not_null()
    institutions = stored.institutions.filter(own)
    return stored if institutions.is_empty() else replace(stored, institutions=institutions)


def earlier_plan(strategy: str, part: Scope | None) -> Plan | None:
    """The newest approved plan to respect (S0-28); see Strategy.starts_from."""
    plan_id = plans.latest_approved(strategy_of(strategy).starts_from, part)
    return None if plan_id is None else plans.load_plan(plan_id)[0]


def _narrowed(book: Book, part: Scope) -> Book:
    visible = org.custodians_within(part) or frozenset()
    staff = org.staff_ids().filter(pl.col("custodian_id").is_in(sorted(visible)))["staff_number"]
    own = narrowed(book, org.institutions_within(part), staff.to_list())
    if own.books.policies.is_empty():
        raise FlowRefused("你的范围内没有在库保单，不能编制方案；请由范围覆盖这些保单的人员办理")
    return own


def _draws_of(strategy: str, options: Mapping[str, str]) -> list[str]:
    """The stored draws that a plan reads its order from. A seed given by hand is for files only: here somebody could have
    chosen it (N-05)."""
    chosen = strategy_of(strategy)
    if any(options.get(name) for name in chosen.files_only):
        raise FlowRefused(
            "在库数据只按登记过的抽签回收：请先登记抽签，由两方公开种子，再填抽取编号；不接受手填的抽签种子"
        )
    return draw_ids(options.get(chosen.draw_option, "")) if chosen.draw_option else []
