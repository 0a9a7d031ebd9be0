"""The best people of a department (S2-07): who counts as one, and how much weight each has.

In: a book with the facts `productivity`, the rulebook. Out: everybody in post with a figure, ranked. Never: a tie decided
by number, name or seniority; a person without a figure taken as zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from tuogu.core.campaign.regions import departments_of_people
from tuogu.core.classify import in_post
from tuogu.core.facts import month_before, of_month
from tuogu.core.presence import away_on
from tuogu.core.proposal import Request
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import Schema, conform
from tuogu.core.ties import tie_rank

_WHOLE_BP = 10_000  # hundredths of a percent in a whole: a unit
_WEIGHTS = ("productivity", "equal")


@dataclass(frozen=True)
class BestPeople:
    """`table`: everybody ranked, best first; `weights`: of the chosen, by staff number."""

    SCHEMA: ClassVar[Schema] = {
        "department": pl.String,
        "rank": pl.Int64,
        "staff_number": pl.String,
        "productivity_fen": pl.Int64,
        "chosen": pl.Boolean,
    }
    department: str
    table: pl.DataFrame
    weights: Mapping[str, int]


def best_people(request: Request, codes: list[str]) -> list[BestPeople]:
    """The ranking of every asked department that has anybody to rank, by code."""
    book, rulebook = request.book, request.rulebook
    month = month_before(request.as_of)
    figures = of_month(book.facts, "productivity", month).filter(pl.col("value").is_not_null())
    if not len(figures):
        raise StrategyError(f"没有 {month:%Y-%m} 的人员产能，无法选出业务精英；请先上报")
    serving = in_post(book.books.people, request.as_of)["staff_number"]
    gone = pl.col("staff_number").is_in(away_on(book, request.as_of)["staff_number"].implode())  # P-06
    people = departments_of_people(book, rulebook).filter(
        pl.col("department").is_in(codes) & pl.col("staff_number").is_in(serving.implode()) & ~gone
    )
    ranked = people.join(figures.select(staff_number="subject", productivity_fen="value"), on="staff_number")
    tie = tie_rank(request.seed, "campaign.best_people", ranked["staff_number"])
    ranked = ranked.with_columns(tie=tie).sort("department", pl.col("productivity_fen").neg(), "tie")
    rank = pl.int_range(1, pl.len() + 1).cast(pl.Int64).over("department")
    chosen = (pl.col("rank") <= _how_many(pl.len().over("department"), rulebook)) & (
        pl.col("productivity_fen") > 0
    )
    ranked = conform(
        ranked.with_columns(rank=rank).with_columns(chosen=chosen).select(*BestPeople.SCHEMA),
        BestPeople.SCHEMA,
    )
    way = rulebook["campaign.best_weights"]
    if way not in _WEIGHTS:
        raise StrategyError(f"制度 campaign.best_weights 只能是 {'、'.join(_WEIGHTS)}，不能是 {way}")
    found = []
    for (code,), table in ranked.group_by("department", maintain_order=True):
        best = table.filter("chosen").select("staff_number", "productivity_fen").iter_rows()
        weights = {staff: fen if way == "productivity" else 1 for staff, fen in best}
        found.append(BestPeople(str(code), table, weights))
    return found


def _how_many(people: pl.Expr, rulebook: Rulebook) -> pl.Expr:
    """`campaign.best_count` people; 0 = the share `campaign.best_share_bp` of them, rounded up."""
    count, share = rulebook["campaign.best_count"], rulebook["campaign.best_share_bp"]
    people = people.cast(pl.Int64)
    return pl.lit(count) if count else (people * share + _WHOLE_BP - 1) // _WHOLE_BP
