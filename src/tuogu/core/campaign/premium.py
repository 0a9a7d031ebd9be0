"""Last year's premium of each department: the weight of its quota (S2-05).

In: a book with facts, the rulebook, the year. Out: fen by department, and one sentence that says where they come from.
Never: a department's filed figure mixed with one derived from the book; a department without premium given a share.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.core.campaign.regions import departments_of_institutions, departments_of_people
from tuogu.core.facts import summed
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import Book

_FIRST_YEAR = 1979  # no insurance of this kind was sold in China before


@dataclass(frozen=True)
class Premium:
    """`fen` by department code, only what is above zero. `source` goes into the certificate."""

    year: int
    fen: dict[str, int]
    source: str


def asked_year(option: str, as_of: date) -> int:
    """The year before `as_of` unless the planner names another one."""
    if not option:
        return as_of.year - 1
    if not _FIRST_YEAR <= int(option) <= as_of.year:
        raise StrategyError(
            f"保费年度应为 {_FIRST_YEAR}–{as_of.year} 的年份，不能是 {option}", option="premium_year"
        )
    return int(option)


def premium_of_departments(book: Book, rulebook: Rulebook, codes: list[str], year: int) -> Premium:
    """As filed (facts `premium`, summed over the year); where nothing is filed for any department, from the book."""
    first, last = date(year, 1, 1), date(year, 12, 1)
    filed = summed(book.facts, "premium", first, last).filter(pl.col("subject").is_in(codes))
    if len(filed):
        missing = len(codes) - len(filed)
        said = f"已上报的部门保费（{len(filed)} 个部门" + (
            f"，{missing} 个部门未报，按零计）" if missing else "）"
        )
        return Premium(year, _positive(filed.rename({"subject": "department"})), said)
    derived = _from_book(book, rulebook, first, date(year, 12, 31))
    derived = derived.filter(pl.col("department").is_in(codes))
    said = (
        "未上报部门保费，按账内当年承保保单的一期保费推算（归销售人员所在部门，查不到时归管理机构所在部门）"
    )
    return Premium(year, _positive(derived), said)


def _positive(frame: pl.DataFrame) -> dict[str, int]:
    return dict(
        frame.filter(pl.col("value") > 0).sort("department").select("department", "value").iter_rows()
    )


def _from_book(book: Book, rulebook: Rulebook, first: date, last: date) -> pl.DataFrame:
    """department, value: premium of what began in the period, by the selling agent's department, else the managing one."""
    sold = book.books.policies.filter(pl.col("inception_date").is_between(first, last))
    agents = departments_of_people(book, rulebook).rename(
        {"staff_number": "agent_number", "department": "sold_by"}
    )
    managed = departments_of_institutions(book, rulebook).rename({"department": "managed_by"})
    sold = sold.join(agents, on="agent_number", how="left").join(managed, on="institution_code", how="left")
    sold = sold.select("premium_fen", department=pl.coalesce("sold_by", "managed_by")).drop_nulls()
    return sold.group_by("department").agg(value=pl.col("premium_fen").sum())
