"""Lists from which lots may be drawn: what a plan gave to each department, what a reclaim draws from, what a clerk brings.

In: a plan or numbers, a Scope. Out: the lists by department, their numbers, the institutions that manage them. Never: a
number outside the scope, a list of a plan that the scope does not cover, a number that the books do not know (a mistyped
customer would enter the ledger).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tuogu.books import queries as books
from tuogu.core.strategies import CAMPAIGN, RECLAIM
from tuogu.ledger.kinds import SubjectKind
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import memory
from tuogu.plans.failures import PlanRefused
from tuogu.plans.heads import seen
from tuogu.plans.held import DEPARTMENT
from tuogu.plans.models import StoredPlan
from tuogu.plans.reach import covers

SOURCES = (CAMPAIGN.name, RECLAIM.name)  # strategies whose plans hold such lists


@dataclass(frozen=True)
class DrawList:
    """One list of a plan. `part`: which customers (Chinese, '' = all the plan gave); `count`: how many the plan draws,
    None where it draws none."""

    department: str
    name: str
    part: str
    listed: int
    count: int | None


def draw_lists(plan_id: int, scope: Scope) -> list[DrawList]:
    """The lists of a plan by department; none of a plan of another strategy. PlanUnknown outside the scope."""
    lists = _lists(seen(plan_id, scope))
    names = org.institution_names(lists["department"])
    return [
        DrawList(department, names.get(department, department), part, listed, count)
        for department, part, listed, count in lists.drop("numbers").iter_rows()
    ]


def draw_list(plan_id: int, scope: Scope, department: str, part: str = "") -> pl.Series:
    """Customer numbers of one of them, sorted; PlanRefused when the plan has no such list."""
    rows = _lists(seen(plan_id, scope)).filter(department=department, part=part)
    if rows.is_empty():
        raise PlanRefused(f"方案 {plan_id} 没有部门 {department} 的名单")
    return rows["numbers"].explode().sort()


def managing(numbers: pl.Series, scope: Scope, *, kind: str) -> list[str]:
    """Codes of the institutions that manage these policies or customers. PlanRefused: a number that the books do not know
    or the scope does not show, or one that somebody else manages."""
    found = books.managed(numbers.to_list(), scope, customers=kind == SubjectKind.CUSTOMER)
    unknown = numbers.filter(~numbers.is_in(found["number"].implode()))
    if len(unknown):
        raise PlanRefused(f"名单中有 {len(unknown)} 个号码不在账内或不在您的范围内，例如 {unknown[0]}")
    codes = found["institution_code"].drop_nulls().unique().sort().to_list()
    if not covers(scope, codes):
        raise PlanRefused("名单中有您范围以外的机构管理的号码，不能抽取")
    return codes


def _lists(stored: StoredPlan) -> pl.DataFrame:
    """department, part, listed, count, numbers; by department."""
    if stored.strategy == RECLAIM.name:
        return _of_reclaim(stored)
    if stored.strategy == CAMPAIGN.name:
        return _of_campaign(stored)
    return _listed(pl.DataFrame(schema={"department": pl.String, "part": pl.String, "number": pl.String}))


def _of_reclaim(stored: StoredPlan) -> pl.DataFrame:
    """The very lists that the plan draws from, with its numbers to draw (S2-10)."""
    draws = memory.table(stored, "own.draws").select("department", "part", due="drawn")
    lots = memory.table(stored, "own.lots").select("department", "part", "number")
    found = (
        _listed(lots)
        .drop("count")
        .join(_bare(draws), on=["department", "part"], how="left", maintain_order="left")
    )
    return found.select("department", "part", "listed", "numbers", count="due").select(*_LISTED)


def _of_campaign(stored: StoredPlan) -> pl.DataFrame:
    """Whom the plan gave to each department, all waves."""
    placed = memory.table(stored, "placements").filter(pl.col("receiver").str.starts_with(DEPARTMENT))
    return _listed(placed.select("number", department="receiver", part=pl.lit("")))


_LISTED = ("department", "part", "listed", "count", "numbers")


def _listed(rows: pl.DataFrame) -> pl.DataFrame:
    lists = _bare(rows).group_by("department", "part").agg(
        listed=pl.len().cast(pl.Int64), count=pl.lit(None, pl.Int64), numbers=pl.col("number")
    )  # fmt: skip
    return lists.select(*_LISTED).sort("department", "part")


def _bare(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col("department").str.strip_prefix(DEPARTMENT))
