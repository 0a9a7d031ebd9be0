"""Inputs of figures, by the set: what the rooms below know, brought into the tables of `core.measures`.

In: what is overwritten elsewhere (now, or as it was kept), a period, the last day that counts, a moment of knowledge (None =
now), the tables needed. Out: `Inputs`. Never: an event recorded after that moment, personal data, a row at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import polars as pl

from tuogu.campaigns import queries as campaigns
from tuogu.core.measures import tables as core
from tuogu.core.measures.definitions import Measure
from tuogu.core.measures.grounds import NEEDS
from tuogu.core.measures.periods import Period, month_after
from tuogu.core.tables import conform, empty
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import SubjectKind
from tuogu.plans import queries as plans
from tuogu.renewals import queries as renewals
from tuogu.reports.known import Known
from tuogu.work import queries as work

_C = pl.col
_COMPLAINTS = "valid_complaints"  # the key of core.facts under which a person's valid complaints are filed
_MONTH_DAYS, _SPARE_MONTHS = 28, 2  # whole months that surely cover so many days before the month before
_GONE = ("matured", "paid_out")  # left by contract: on neither side of persistency
_ENDED_BY = (
    "lapse_date"  # the only day of an end that the books know; other ends count from when the books say so
)


def inputs(
    known: Known,
    period: Period,
    measures: Iterable[Measure],
    *,
    on: date,
    known_at: datetime | None = None,
    among: pl.Series | None = None,
) -> core.Inputs:
    """Everything that these measures read in a period, up to `on` and as recorded by `known_at`; `among`: holders of these
    subjects only."""
    wanted = list(measures)
    back = max([one.months for one in wanted if "allocations" in NEEDS[one.ground]], default=0)
    more = max([one.days for one in wanted], default=0)
    first = month_after(period.first, -max(back, more // _MONTH_DAYS + _SPARE_MONTHS if more else 0))
    names = {name for one in wanted for name in NEEDS[one.ground]}
    kinds = frozenset(kind for name in names for kind in _STOOD_KINDS.get(name, ()))
    gathered = _Gathering(known, period, first, on, known_at, kinds, among)
    tables = {name: conform(_TABLES[name](gathered), core.SCHEMAS[name]) for name in sorted(names)}
    return core.Inputs(on=on, institutions=known["institutions"], **tables)


@dataclass(frozen=True)
class _Gathering:
    """What is read once for all tables. `first`: the first day on which an assignment may count; `kinds`: of what the
    holders are asked for."""

    known: Known
    period: Period
    first: date
    on: date
    known_at: datetime | None
    kinds: frozenset[str]
    among: pl.Series | None

    @property
    def last(self) -> date:
        return min(self.period.last, self.on)

    @cached_property
    def stood(self) -> pl.DataFrame:
        """subject_id, kind, custodian_id, last_custodian_id at the end of the period."""
        return ledger.stood(self.last, kinds=self.kinds, among=self.among, known_at=self.known_at)

    @cached_property
    def places(self) -> pl.DataFrame:
        """person_id, institution_code."""
        return self.known["staff"].select("person_id", "institution_code")

    @cached_property
    def regions(self) -> pl.DataFrame:
        return self.known["customers"].select("customer_number", "region_code")

    @cached_property
    def policies(self) -> pl.DataFrame:
        """subject_id, customer_number, source, region_code."""
        short = self.known["policies"].select("subject_id", "customer_number", "source")
        return short.join(self.regions, on="customer_number", how="left", maintain_order="left")

    @cached_property
    def of_customer(self) -> pl.DataFrame:
        """customer_number, source, region_code: the source of the first policy that has one."""
        told = self.policies.sort("subject_id").group_by("customer_number", maintain_order=True)
        return told.agg(_C("source").drop_nulls().first(), _C("region_code").first())

    @cached_property
    def people(self) -> pl.DataFrame:
        """person_id of everybody who is or was on the staff: pools are not."""
        return self.known["staff"].filter(_C("staff_number").is_not_null()).select("person_id")

    def placed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """With the institution of `person_id`."""
        return frame.join(self.places, on="person_id", how="left", maintain_order="left")

    def held_on(self, stood: pl.DataFrame, day: date) -> pl.DataFrame:
        """customer_number, person_id, source, region_code, pieces of a day, by people only."""
        open_ones = stood.filter((_C("kind") == "policy") & _C("custodian_id").is_not_null())
        mine = open_ones.select("subject_id", person_id="custodian_id").join(
            self.people, on="person_id", how="semi"
        )
        joined = mine.join(self.policies, on="subject_id").sort("subject_id")
        by = joined.group_by("customer_number", "person_id", maintain_order=True)
        summed = by.agg(
            _C("source").drop_nulls().first(), _C("region_code").first(), pieces=pl.len().cast(pl.Int64)
        )
        return summed.with_columns(from_date=pl.lit(day, pl.Date))


def _allocations(g: _Gathering) -> pl.DataFrame:
    given = ledger.assigned(g.first, g.period.end, known_at=g.known_at)
    places = ("customer_number", "custodian_id", "source", "region_code", "effective_date")
    policies = given.filter(_C("kind") == "policy").join(g.policies, on="subject_id").select(*places)
    customers = given.filter(_C("kind") == "customer").rename({"number": "customer_number"})
    whole = pl.concat(
        [policies, customers.join(g.of_customer, on="customer_number", how="left").select(*places)]
    )
    return g.placed(whole.rename({"custodian_id": "person_id", "effective_date": "allocated_date"}))


def _new_policies(g: _Gathering) -> pl.DataFrame:
    new = g.known["policies"].filter(_C("inception_date").is_between(g.first, g.on))
    sellers = (
        g.known["staff"]
        .select("person_id", "institution_code", agent_number="staff_number")
        .drop_nulls("agent_number")
    )
    told = new.join(sellers, on="agent_number", how="left", maintain_order="left")
    return told.join(g.regions, on="customer_number", how="left", maintain_order="left")


def _held(g: _Gathering) -> pl.DataFrame:
    """Who has a customer at the end; of a customer that nobody has by then, who had it last in the period."""
    at_end, first = g.held_on(g.stood, g.last), g.period.first
    moved = ledger.stood(first, kinds=("policy",), moved_until=g.last, among=g.among, known_at=g.known_at)
    before = g.held_on(
        moved, first
    )  # whoever has lost a customer by the end is among those whose custody moved
    passed = _allocations_within(g)
    gone = pl.concat([before, passed], how="diagonal").join(at_end, on="customer_number", how="anti")
    gone = gone.with_columns(until_date=pl.lit(g.last, pl.Date), pieces=pl.lit(0, pl.Int64))
    whole = pl.concat([at_end.with_columns(until_date=pl.lit(None, pl.Date)), gone], how="diagonal")
    filled = g.known["customers"].select("customer_number", "filled", "fields")
    return g.placed(whole).join(filled, on="customer_number", how="left", maintain_order="left")


def _allocations_within(g: _Gathering) -> pl.DataFrame:
    """Customers given to people within the period itself."""
    given = ledger.assigned(g.period.first, g.period.end, known_at=g.known_at)
    told = given.filter((_C("kind") == "policy") & (_C("relation") == "custody")).join(
        g.policies, on="subject_id"
    )
    return told.select(
        "customer_number", "source", "region_code", person_id="custodian_id", from_date="effective_date"
    )


def _contacts(g: _Gathering) -> pl.DataFrame:
    return work.contacts_measured(g.period.first, g.period.end, known_at=g.known_at)


def _cohort(g: _Gathering) -> pl.DataFrame:
    regular = g.known["policies"].filter(_C("premium_mode") == "regular")
    holders = g.stood.select("subject_id", person_id="last_custodian_id")
    told = regular.join(holders, on="subject_id", how="left", maintain_order="left")
    placed = g.placed(told).join(g.regions, on="customer_number", how="left", maintain_order="left")
    lapsed = pl.when(_C("state") == "lapsed").then(_C(_ENDED_BY))
    return placed.with_columns(
        ended_date=lapsed, kept=_C("state") == "in_force", left_by_contract=_C("state").is_in(_GONE)
    )


def _motor(g: _Gathering) -> pl.DataFrame:
    ends = renewals.ends(g.period.first, g.period.end, known_at=g.known_at)
    holders = g.stood.select("subject_id", person_id="last_custodian_id")
    told = g.known["motor"].join(ends, on="subject_id", how="left").join(holders, on="subject_id", how="left")
    regions = g.regions.rename({"customer_number": "holder_number"})
    return g.placed(told.with_columns(source="channel")).join(regions, on="holder_number", how="left")


def _complaints(g: _Gathering) -> pl.DataFrame:
    counted = plans.facts_known(_COMPLAINTS, g.period.first, g.last, known_at=g.known_at)
    filed = counted.filter(_C("value") > 0).rename({"custodian_id": "person_id", "value": "pieces"})
    named = filed.join(g.known["staff"].select("person_id", "staff_number"), on="person_id", how="left")
    number = pl.concat_str(
        [_C("staff_number").fill_null(""), _C("month").dt.to_string("%Y-%m")], separator="/"
    )
    return g.placed(named).with_columns(
        number=number, source=pl.lit(None, pl.String), region_code=pl.lit(None, pl.String)
    )


def _people(g: _Gathering) -> pl.DataFrame:
    there = g.known["staff"].filter(
        _C("staff_number").is_not_null(), _C("left_date").is_null() | (_C("left_date") > g.last)
    )
    return there.with_columns(source=pl.lit(None, pl.String), region_code=pl.lit(None, pl.String))


def _duties(g: _Gathering) -> pl.DataFrame:
    owed = work.duties_measured(g.period.first, g.period.end, known_at=g.known_at)
    holders = g.stood.select("subject_id", person_id="last_custodian_id")
    told = owed.join(holders, on="subject_id", how="left", maintain_order="left")
    where = g.policies.select("subject_id", "source", "region_code")
    return g.placed(told).join(where, on="subject_id", how="left", maintain_order="left")


def _resources(g: _Gathering) -> pl.DataFrame:
    given = campaigns.resources(g.last.year, g.last, known_at=g.known_at)
    if given.is_empty():
        return empty(core.RESOURCES)
    first: date = given["released_date"].min()  # type: ignore[assignment]  # a column of days
    told = work.contacts_measured(first, g.period.end, known_at=g.known_at)
    after = given.select("customer_number", "department_code", "released_date").join(
        told.filter(_C("kind").is_in(("call", "visit"))), on="customer_number"
    )
    used = after.filter(_C("happened_date") >= _C("released_date")).group_by("customer_number", "department_code").agg(
        used_date=_C("happened_date").min()
    )  # fmt: skip
    whole = given.join(used, on=["customer_number", "department_code"], how="left", maintain_order="left")
    placed = whole.join(g.of_customer, on="customer_number", how="left", maintain_order="left")
    return placed.with_columns(person_id=pl.lit(None, pl.Int64), institution_code="department_code")


_STOOD_KINDS: dict[str, tuple[str, ...]] = {  # table → kinds of subjects whose holders it names
    "held": ("policy",), "cohort": ("policy",), "motor": ("vehicle_case",), "duties": tuple(SubjectKind),
}  # fmt: skip
_TABLES: dict[str, Callable[[_Gathering], pl.DataFrame]] = {
    "allocations": _allocations, "new_policies": _new_policies, "held": _held, "contacts": _contacts,
    "cohort": _cohort, "motor": _motor, "complaints": _complaints, "people": _people, "duties": _duties,
    "resources": _resources,
}  # fmt: skip
