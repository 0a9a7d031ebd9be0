"""The synthetic city: one call makes a branch's books, with everything about them known.

In: a city code, the number of customers, a seed, a code book, a data date. Out: `City`. Never: a clock,
a file, chance outside the seed: the same arguments give the same bytes.

The main path: sizes → map → staff → portfolio → contracts → customers → codes → books.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import count

import numpy as np
import polars as pl

from tuogu.core.tables import COORDINATES, Books, conform
from tuogu.data.codebook import Codebook
from tuogu.synth.addresses import Scribe
from tuogu.synth.calendar import day_of
from tuogu.synth.codes import CityCodes, encode_customers, encode_policies
from tuogu.synth.contracts import draw_contracts
from tuogu.synth.customers import draw_customers
from tuogu.synth.geography import has_counties, lay_out
from tuogu.synth.measures import measure
from tuogu.synth.planners import with_planners
from tuogu.synth.portfolio import draw_portfolio
from tuogu.synth.render import render_customers, render_people, render_policies
from tuogu.synth.sizes import Sizes, size_city
from tuogu.synth.staff import hire

DATA_DATE = date(2026, 10, 31)
Progress = Callable[[str, float], None]
_PLANNERS, _MEASURES = 8, 9  # streams of their own, after the eight that everything else is drawn from


def _stream(seed: int, place: int) -> np.random.Generator:
    """One of the independent streams of a seed; what a later one gives to draw changes none before it."""
    return np.random.default_rng(np.random.SeedSequence(seed).spawn(place + 1)[place])


@dataclass(frozen=True)
class City:
    """A synthetic city. `books` and the truth tables are spelt out on first use."""

    codes: CityCodes = field(repr=False)
    sizes: Sizes
    seed: int

    @property
    def city_code(self) -> str:
        """Official code of the city, 6 digits."""
        return f"{self.codes.geography.city_code}00"

    @property
    def data_date(self) -> date:
        """The day the branch's data speaks of."""
        return self.codes.data_date

    @cached_property
    def books(self) -> Books:
        """Canonical tables, sorted by key: what a perfect import of the workbook accepts."""
        return Books(
            policies=render_policies(self.codes).sort("policy_number"),
            customers=render_customers(self.codes).sort("customer_number"),
            people=self.people.sort("staff_number"),
            institutions=self.codes.staff.institutions.sort("institution_code"),
            coordinates=self.coordinates,
            data_date=self.data_date,
        )

    @cached_property
    def people(self) -> pl.DataFrame:
        """PEOPLE."""
        return render_people(self.codes.staff.people, self.codes.scribe, self.codes.people_drawn)

    @cached_property
    def coordinates(self) -> pl.DataFrame:
        """COORDINATES of the communities in use, marked as synthetic."""
        frame = self.codes.geography.communities.select(
            "longitude",
            "latitude",
            region_code="community_code",
            datum=pl.lit("WGS-84"),
            source=pl.lit("synthetic"),
        )
        return conform(frame.select(*COORDINATES), COORDINATES).sort("region_code")

    @cached_property
    def facts(self) -> pl.DataFrame:
        """FACTS: what the branch measured of its people and departments."""
        staff = self.codes.staff
        return measure(staff.people, staff.institutions, self.data_date, _stream(self.seed, _MEASURES))

    def digest(self) -> str:
        """SHA-256 over the canonical tables: equal for equal arguments."""
        total = hashlib.sha256()
        for name in ("policies", "customers", "people", "institutions", "coordinates"):
            total.update(name.encode() + getattr(self.books, name).write_csv().encode())
        total.update(b"facts" + self.facts.write_csv().encode())
        return total.hexdigest()


def make_city(
    city: str,
    customers: int,
    seed: int,
    codebook: Codebook,
    *,
    data_date: date = DATA_DATE,
    known_optimum: bool = False,
    progress: Progress | None = None,
) -> City:
    """Make a city of `customers` accepted customers.

    `city` is an official code of 4 or 6 digits. `known_optimum` puts every collection manager at the
    centre of his cell, so that the planted territories are an optimal plan (needs communities enough for
    one manager a cell). Raises UnknownCityError, or ValueError where the number of customers is out of
    range.
    """
    told = progress or (lambda _name, _share: None)
    streams = (_stream(seed, place) for place in count())
    regions = codebook.regions
    told("规模与地图", 0.0)
    sizes = size_city(customers, has_counties=has_counties(regions, city))
    geography = lay_out(regions, city, sizes, next(streams), known_optimum=known_optimum)
    scribe = Scribe(geography, regions, codebook.events)
    told("机构与人员", 0.1)
    staff = hire(sizes, geography, data_date, next(streams))
    told("客户与保单", 0.2)
    portfolio = draw_portfolio(sizes, geography, next(streams))
    contracts = draw_contracts(portfolio, staff.people, geography, sizes, data_date, next(streams))
    today = day_of(data_date)
    people = draw_customers(portfolio, contracts.inception, geography, sizes, today, next(streams))
    told("编号与姓名", 0.7)
    later = _stream(seed, _PLANNERS)
    everybody = with_planners(staff, sizes, geography, data_date, later)
    codes = CityCodes(
        geography=geography,
        staff=everybody,
        scribe=scribe,
        policy_codes=encode_policies(portfolio, contracts, people, data_date, next(streams)),
        customer_codes=encode_customers(people, geography, scribe, next(streams)),
        people_drawn=pl.concat(
            [
                scribe.draw(len(staff.people), next(streams), plain=True),
                scribe.draw(len(everybody.people) - len(staff.people), later, plain=True),
            ]
        ),
        data_date=data_date,
    )
    told("完成", 1.0)
    return City(codes, sizes, seed)
