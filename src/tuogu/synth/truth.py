"""What is known about a city: who is screened, what is planned, where everybody lives, who serves which
cell.

In: a `City`. Out: truth tables and the campaign's counts. Never: an answer computed by the code that is
being tested; everything here comes from how the city was drawn.

Definitions. *Screened* (S2-01): a customer who holds exactly one main policy ever, in any state, of a
product that is not protection; riders and policies under which one is merely insured do not count.
*Orphan* (S2-02): the policy's agent has left, is unknown, or the branch has moved the policy to
after-sales. *City/county*: by where the customer lives, which is also what the policy's managing
institution serves. Premium: `premium_fen` of that policy. The counts hold on accepted rows; bad rows of
a workbook are extra rows about extra customers and policies.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from tuogu.core.tables import MONTH_COLUMNS, ORPHAN_SOURCES
from tuogu.synth.calendar import NO_DAY, day_of
from tuogu.synth.city import City
from tuogu.synth.portfolio import Coding, Nature
from tuogu.synth.render import customer_numbers, policy_numbers
from tuogu.synth.sizes import AREAS, Group

GROUPS = {
    Group.IN_POST: "screened_in_post",
    Group.ORPHAN: "screened_orphan",
    Group.SEVERAL: "several",
    Group.PROTECTION: "protection_only",
    Group.MEMBER: "insured_only",
}
MANUAL = {
    Coding.NO_COMMUNITY: "no_community",
    Coding.DISTRICT_ONLY: "no_community",
    Coding.NO_ADDRESS: "no_address",
    Coding.AMBIGUOUS: "ambiguous",
    Coding.UNKNOWN_COMMUNITY: "unknown_community",
    Coding.OUTSIDE_CITY: "outside_city",
}
NATURES = {
    Nature.NORMAL: "normal",
    Nature.UNREACHABLE: "hard",
    Nature.DIFFICULT: "hard",
    Nature.COMPLAINT: "hard",
    Nature.MISCONDUCT: "problem",
}
LONG_LAPSED_MONTHS = 6  # S4-02, only to say what the drawn lapse dates amount to


def truth_of_customers(city: City, start: int = 0, length: int | None = None) -> pl.DataFrame:
    """customer_number, group, area, community_code, codable, manual_reason, nature of a slice."""
    codes = city.codes.customer_codes.slice(start, length)
    places = city.codes.geography.communities["community_code"]
    coding = pl.col("coding").cast(pl.Int64)
    return codes.select(
        customer_number=customer_numbers(city.codes, codes["serial"]),
        group=_named(codes["group"], {int(k): v for k, v in GROUPS.items()}),
        area=_named(codes["area"], dict(enumerate(AREAS))),
        community_code=places.gather(codes["community"].cast(pl.Int64)),
        codable=coding == Coding.CODED,
        manual_reason=_named(codes["coding"], {int(k): v for k, v in MANUAL.items()}),
        nature=_named(codes["nature"], {int(k): v for k, v in NATURES.items()}),
    )


def truth_of_policies(city: City, start: int = 0, length: int | None = None) -> pl.DataFrame:
    """policy_number, main, orphan, long_lapsed, planned, area, community_code, cell of a slice."""
    codes = city.codes.policy_codes.slice(start, length)
    holder = codes["holder"].cast(pl.Int64)
    people = city.codes.customer_codes
    community = people["community"].gather(holder).cast(pl.Int64)
    geography = city.codes.geography.communities
    limit = _months_before(city, LONG_LAPSED_MONTHS)
    return codes.select(
        "orphan",
        "planned",
        policy_number=policy_numbers(city.codes, codes["inception"], codes["serial"]),
        main=pl.col("main") < 0,
        long_lapsed=(pl.col("lapse") != NO_DAY) & (pl.col("lapse") <= limit),
        area=_named(people["area"].gather(holder), dict(enumerate(AREAS))),
        community_code=geography["community_code"].gather(community),
        cell=geography["cell"].gather(community),
    )


def _months_before(city: City, months: int) -> int:
    day = pl.Series([city.data_date]).dt.offset_by(f"-{months}mo")[0]
    return day_of(day)


def planted_territories(city: City) -> pl.DataFrame:
    """community_code, planned, staff_number, optimal: the territories that the city was built from.

    A feasible plan (one manager a cell). With `known_optimum` every community's manager is also the
    nearest, so no plan has a smaller distance. Where managers crowd, a cell has several rows a
    community.
    """
    geography = city.codes.geography
    served = city.codes.staff.planted
    return (
        geography.communities.select("community_code", "planned", "cell")
        .join(served, on="cell")
        .select("community_code", "planned", "staff_number", optimal=pl.lit(geography.known_optimum))
        .sort("community_code", "staff_number")
    )


def planted_loads(city: City) -> pl.DataFrame:
    """cell, managers, policies, m01..m12: what the planted plan gives each cell in a year."""
    codes = city.codes.policy_codes.filter("planned")
    community = city.codes.customer_codes["community"].gather(codes["holder"].cast(pl.Int64)).cast(pl.Int64)
    cell = city.codes.geography.communities["cell"].gather(community)
    month = pl.col("inception").cast(pl.Int32).cast(pl.Date).dt.month().cast(pl.Int64)
    step = 12 // pl.col("frequency").cast(pl.Int64)
    due = [((m - month) % step == 0).sum().alias(name) for m, name in enumerate(MONTH_COLUMNS, start=1)]
    managers = city.codes.geography.cell_managers
    loads = (
        codes.with_columns(cell=cell).group_by("cell").agg(pl.len().cast(pl.Int64).alias("policies"), *due)
    )
    counted = pl.DataFrame({"cell": range(len(managers)), "managers": managers})
    loads = counted.join(loads, on="cell", how="left").sort("cell")
    return loads.with_columns(pl.exclude("cell", "managers").fill_null(0).cast(pl.Int64))


def campaign(city: City) -> dict[str, Any]:
    """The counts that S2-01 and S2-02 must find, the size of the plan, and how the city was made."""
    people = city.codes.customer_codes.select("group", "area").with_row_index("holder")
    mains = city.codes.policy_codes.filter(pl.col("main") < 0)
    screened = people.filter(pl.col("group").is_in([int(Group.IN_POST), int(Group.ORPHAN)]))
    paid = mains.with_columns(pl.col("holder").cast(pl.UInt32)).join(screened, on="holder")
    table = paid.group_by("group", "area").agg(n=pl.len(), fen=pl.col("premium_fen").sum())
    found = {(g, a): (n, fen) for g, a, n, fen in table.iter_rows()}

    def side(group: Group) -> dict[str, dict[str, int]]:
        parts = {}
        for a, name in enumerate(AREAS):
            customers, premium = found.get((int(group), a), (0, 0))
            parts[name] = {"customers": customers, "premium_fen": premium}
        return parts

    loads = planted_loads(city)
    cells = loads.select(pl.col(MONTH_COLUMNS) / pl.col("managers"))
    return {
        "city": city.city_code,
        "city_name": city.codes.geography.city,
        "customers": city.sizes.customers,
        "seed": city.seed,
        "data_date": city.data_date.isoformat(),
        "screened": len(paid),
        "in_post": side(Group.IN_POST),
        "orphans": side(Group.ORPHAN),
        "main_policies": len(mains),
        "riders": len(city.codes.policy_codes) - len(mains),
        "planned_policies": int(mains["planned"].sum()),
        "collection_managers": city.sizes.managers,
        "communities": len(city.codes.geography.communities),
        "planted_month_least": float(cells.min_horizontal().min() or 0),  # type: ignore[arg-type]
        "planted_month_most": float(cells.max_horizontal().max() or 0),  # type: ignore[arg-type]
        "known_optimum": city.codes.geography.known_optimum,
        "orphan_sources": list(ORPHAN_SOURCES),
    }


def _named(codes: pl.Series, names: dict[int, str]) -> pl.Series:
    return codes.cast(pl.Int64).replace_strict(names, default=None, return_dtype=pl.String)
