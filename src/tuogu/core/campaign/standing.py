"""What each department answers for on a day: the records of its quota, which are out, which have bought again (S2-10).

In: a book with holdings, the rulebook, the earlier campaign plan when there is one, the days of the period. Out: one row a
record. Never: a record with two departments (S2-09); a customer whom his own agent holds counted in a quota.

With the earlier plan: exactly the records that it gave to departments, each where the ledger has it now (another
department after a redistribution; gone when it lies in a pool), or, not yet released, where the plan puts it. Without it:
what departments and their people hold now. A record is *converted* when the person has bought a further main policy
within the period, under whichever customer number (A-24, A-41).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.core.campaign.identities import as_person, shared_identities
from tuogu.core.campaign.regions import AREAS, DEPARTMENT, departments, departments_of_people
from tuogu.core.campaign.sheets import RECORDS
from tuogu.core.proposal import Request
from tuogu.core.strategies import StrategyError
from tuogu.core.tables import Book, Plan, Schema, conform

STANDING: Schema = {
    "number": pl.String,
    "department": pl.String,
    "area": pl.String,
    "receiver": pl.String,  # who holds it now; null = not released yet
    "converted": pl.Boolean,
    "planned": pl.Boolean,  # it stands in the earlier plan
}


@dataclass(frozen=True)
class Period:
    """From the first wave's release to the day of the evaluation, both counted."""

    first: date
    last: date


@dataclass(frozen=True)
class Standing:
    """`records`: STANDING by number. `departments`: see `regions.departments`."""

    records: pl.DataFrame
    departments: pl.DataFrame
    period: Period
    duplicates: pl.DataFrame


def standing(request: Request) -> Standing:
    """The records of every campaign department; StrategyError when there are none or a day is wrong."""
    book, rulebook, earlier = request.book, request.rulebook, request.earlier
    known = departments(book, rulebook)
    held = developed(book)
    owner = departments_of_people(book, rulebook).rename(
        {"staff_number": "receiver", "department": "of_person"}
    )
    pools = known.select(receiver=pl.lit(DEPARTMENT) + pl.col("department"), of_pool="department")
    held = held.join(owner, on="receiver", how="left").join(pools, on="receiver", how="left")
    held = held.with_columns(department=pl.coalesce("of_pool", "of_person"))
    quota = (
        _planned(held, earlier) if earlier is not None else held.filter(pl.col("department").is_not_null())
    )
    if not len(quota):
        raise StrategyError("没有任何部门持有活动客户；请先下发活动方案，或指明先前的活动方案")
    period = _period(request, quota)
    if earlier is None:
        quota = quota.join(_own_agents(book, period.first), on=["number", "receiver"], how="anti")
    duplicates = shared_identities(book.books.customers)
    again = _bought_again(book, duplicates, period)
    quota = quota.with_columns(converted=as_person(pl.col("number"), duplicates).is_in(again.implode()))
    planned = pl.lit(earlier is not None)
    quota = quota.join(known.select("department", "area"), on="department").with_columns(planned=planned)
    return Standing(conform(quota.select(*STANDING).sort("number"), STANDING), known, period, duplicates)


def records(stand: Standing) -> pl.DataFrame:
    """The frame of RECORDS."""
    area = pl.col("area").replace_strict(AREAS, default="不明")
    department = pl.lit(DEPARTMENT) + pl.col("department")
    return conform(stand.records.with_columns(area=area, department=department), RECORDS.schema)


def developed(book: Book) -> pl.DataFrame:
    """number, receiver, since: who may develop which customer now."""
    held = book.held.filter((pl.col("kind") == "customer") & (pl.col("relation") == "development"))
    return held.select("number", "receiver", "since").sort("number")


def _planned(held: pl.DataFrame, earlier: Plan) -> pl.DataFrame:
    """The departments' records of the earlier plan, where they are now."""
    if earlier.strategy != "campaign":
        raise StrategyError(f"先前的方案应为二次投保活动方案（campaign），不能是 {earlier.strategy}")
    given = earlier.placements.filter(pl.col("receiver").str.starts_with(DEPARTMENT))
    given = given.select("number", planned=pl.col("receiver").str.strip_prefix(DEPARTMENT))
    found = given.join(held, on="number", how="left")
    out = pl.col("receiver").is_not_null()
    department = pl.when(out).then("department").otherwise("planned")
    return found.with_columns(department=department).filter(pl.col("department").is_not_null())


def _period(request: Request, quota: pl.DataFrame) -> Period:
    last = _day(request.options.get("until", ""), "until", request.as_of)
    earliest = quota["since"].min()
    first = _day(request.options.get("first_release", ""), "first_release", earliest)
    if first is None:
        raise StrategyError("还没有下发过任何一批；请用 first_release 指明第一批的下发日")
    assert last is not None
    if not first <= last <= request.as_of:
        raise StrategyError(f"考核期应在下发日与方案日之间：{first} 至 {last}，方案日 {request.as_of}")
    return Period(first, last)


def _day(text: str, option: str, otherwise: object) -> date | None:
    if not text:
        return otherwise if isinstance(otherwise, date) else None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise StrategyError(f"{option} 应为 2012-06-30 这样的日期，不能是 {text}") from error


def _own_agents(book: Book, first: date) -> pl.DataFrame:
    """number, receiver: customers and the agents who sold to them before the campaign (S2-03: never in a quota)."""
    before = book.books.policies.filter((pl.col("kind") == "main") & (pl.col("inception_date") < first))
    return before.select(number="holder_number", receiver="agent_number").drop_nulls().unique()


def _bought_again(book: Book, duplicates: pl.DataFrame, period: Period) -> pl.Series:
    """Persons who bought a main policy within the period (A-24: customers, not policies)."""
    within = pl.col("inception_date").is_between(period.first, period.last)
    bought = book.books.policies.filter((pl.col("kind") == "main") & within)
    return (
        bought.select(person=as_person(pl.col("holder_number"), duplicates))["person"].drop_nulls().unique()
    )
