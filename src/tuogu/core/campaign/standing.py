"""What each department answers for on a day: the records of its quota, which are out, which have bought again (S2-10).

In: a book with holdings, the rulebook, the earlier campaign plan when there is one, the days of the period. Out: one row a
record. Never: a record with two departments (S2-09); a customer whom his own agent holds counted in a quota.

With the earlier plan: exactly the records that it gave to departments, each where the campaign has brought it (another
department after a redistribution; gone when it lies in a pool), or, not yet released, where the plan puts it. Whatever
somebody else holds meanwhile has been *taken* by another strategy: it stays in the quota of its department (A-20) and is
not the campaign's to draw. Without the earlier plan: what departments and their people hold now. A record is *converted*
when the person has bought a further main policy within the period, under whichever customer number (A-24, A-41).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.core.campaign.identities import as_person, shared_identities
from tuogu.core.campaign.regions import AREAS, DEPARTMENT, POOLS, departments, departments_of_people
from tuogu.core.campaign.sheets import RECORDS
from tuogu.core.proposal import Request
from tuogu.core.strategies import STRATEGIES, StrategyError
from tuogu.core.tables import Book, Plan, Schema, conform

STANDING: Schema = {
    "number": pl.String,
    "department": pl.String,
    "area": pl.String,
    "receiver": pl.String,  # who holds it now; null = not released yet
    "converted": pl.Boolean,
    "planned": pl.Boolean,  # it stands in the earlier plan
    "taken": pl.Boolean,  # another strategy has given it to somebody outside its department
}
# Wave, reclaim, redistribution, sub-allocation: fewer releases bring no customer to a person of another department.
_RELEASES_TO_ANOTHERS_PERSON = 4


@dataclass(frozen=True)
class Period:
    """From the first wave's release to the day of the evaluation, both counted."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has, both ends counted."""
        return (self.last - self.first).days + 1


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
        _planned(held, earlier)
        if earlier is not None
        else held.filter(pl.col("department").is_not_null()).with_columns(taken=pl.lit(False))
    )
    if not len(quota):
        raise StrategyError("没有任何部门持有活动客户；请先下发活动方案，或指明先前的活动方案")
    period = _period(request, quota.filter(~pl.col("taken")))
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
    where = pl.when("taken").then(pl.lit("taken")).when(pl.col("receiver").is_null()).then(pl.lit("waiting"))
    frame = stand.records.with_columns(
        area=pl.col("area").replace_strict(AREAS, default="不明"),
        department=pl.lit(DEPARTMENT) + pl.col("department"),
        where=where.otherwise(pl.lit("held")),
    )
    return conform(frame.select(*RECORDS.schema), RECORDS.schema)


def developed(book: Book) -> pl.DataFrame:
    """number, receiver, since: who may develop which customer now."""
    held = book.held.filter((pl.col("kind") == "customer") & (pl.col("relation") == "development"))
    return held.select("number", "receiver", "since", "times").sort("number")


def _planned(held: pl.DataFrame, earlier: Plan) -> pl.DataFrame:
    """The departments' records of the earlier plan, where they are now; what lies in a campaign's pool is in no quota."""
    if earlier.strategy != "campaign":
        raise StrategyError(f"先前的方案应为二次投保活动方案，不能是{STRATEGIES[earlier.strategy].label}")
    given = earlier.placements.filter(pl.col("receiver").str.starts_with(DEPARTMENT))
    given = given.select("number", planned=pl.col("receiver").str.strip_prefix(DEPARTMENT))
    found = given.join(held, on="number", how="left")
    found = found.filter(~pl.col("receiver").is_in(list(POOLS.values())).fill_null(False))
    out, own = pl.col("receiver").is_not_null(), pl.col("of_person") == pl.col("planned")
    receiving = given["planned"].unique().implode()
    handed_on = pl.col("of_person").is_in(receiving) & (pl.col("times") >= _RELEASES_TO_ANOTHERS_PERSON)
    mine = (pl.col("of_pool").is_not_null() | own | handed_on).fill_null(False)
    department = pl.when(out & mine).then("department").otherwise("planned")
    return found.with_columns(department=department, taken=out & ~mine)


def _period(request: Request, quota: pl.DataFrame) -> Period:
    last = _day(request.options.get("until", ""), request.as_of)
    first = _day(request.options.get("first_release", ""), quota["since"].min())
    if first is None:
        raise StrategyError("还没有下发过任何一批；请指明第一批下发日", "first_release")
    assert last is not None
    if not first <= last <= request.as_of:
        raise StrategyError(f"考核期应在下发日与方案日之间：{first} 至 {last}，方案日 {request.as_of}")
    period, stage = Period(first, last), request.options["stage"]
    least = request.rulebook[f"campaign.{stage}.days_min"]
    if period.days < least and request.options["early"] != "yes":
        raise StrategyError(
            f"考核期 {first} 至 {last} 只有 {period.days} 天，不足 {least} 天；确要提前考核，请选提前考核",
            option="early",
        )
    return period


def _day(text: str, otherwise: object) -> date | None:
    if text:
        return date.fromisoformat(text)
    return otherwise if isinstance(otherwise, date) else None


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
