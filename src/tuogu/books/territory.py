"""Where the stock lies, code by code (S0-12): a table to walk down and a map, with the same numbers.

In: a Scope, a region, which policies. Out: rows of a level and their sum; places with rings for the map. Never: a policy
counted twice or left out (what has no code stands in a row of its own), a place without coordinates drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl
from django.db.models import Count, Q, QuerySet, Sum

from tuogu.books.models import Coordinate, ListedCommunity, ListedPolicy, ListedSum
from tuogu.books.visible import Visible, visible
from tuogu.core.places import project, short_name
from tuogu.core.tables import COORDINATES
from tuogu.files.report_geometry import cells
from tuogu.org.scope import Scope

_STREET_DIGITS = 9  # of a street's official code
LEVELS = {0: "city", 6: "district", _STREET_DIGITS: "street"}  # digits of a region's code → its level
_SUMS = {
    "policies": Count("pk"),
    "lapsed": Count("pk", filter=Q(state="lapsed")),
    "yearly_premium_fen": Sum("yearly_premium_fen"),
}
_OF_SUMS = {
    "policies": Sum("policies"),
    "lapsed": Sum("policies", filter=Q(state="lapsed")),
    "yearly_premium_fen": Sum("yearly_premium_fen"),
}
Numbers = tuple[int, int, int]  # policies, of these lapsed, yearly premium in fen


@dataclass(frozen=True)
class RegionRow:
    """One region, or ('' as code) what has no code. `display_code` only on a community."""

    code: str
    name: str
    display_code: str
    policies: int
    lapsed: int
    yearly_premium_fen: int


@dataclass(frozen=True)
class Distribution:
    """The regions right below one region. `trail`: (code, name) from the top down to it; rows sum to `total`."""

    level: str  # of the rows: district | street | community
    trail: list[tuple[str, str]]
    rows: list[RegionRow]
    total: RegionRow


@dataclass(frozen=True)
class Place:
    """A community with coordinates: ring and middle in metres on a plane of the branch."""

    row: RegionRow
    title: str
    name: str  # short, as maps write it
    at: tuple[int, int]
    ring: list[tuple[int, int]]


@dataclass(frozen=True)
class Ground:
    """The map of a distribution. `elsewhere` policies lie where there are no coordinates, or have no code."""

    places: list[Place]
    elsewhere: int
    synthetic: bool


def distribution(scope: Scope, region: str = "", *, orphans: bool = True) -> Distribution:
    """The regions below `region` ('' = the whole branch, 6 digits a district, 9 a street) with their live policies."""
    region = region if len(region) in LEVELS else ""
    seen = visible(scope)
    if len(region) == _STREET_DIGITS:
        return _communities_of(seen, region, orphans)
    streets = _by_street(seen, orphans)
    named = _streets()
    inside = {
        code: n for code, n in streets.items() if not region or named.get(code, ("", "", ""))[1] == region
    }
    if region:
        rows = [RegionRow(code, named[code][0], "", *n) for code, n in inside.items()]
        return _distribution("street", [_named_trail(named, region)], rows)
    districts: dict[str, list[Numbers]] = {}
    for code, numbers in inside.items():
        districts.setdefault(named.get(code, ("", "", ""))[1], []).append(numbers)
    names = {district: name for _street, district, name in named.values()}
    rows = [RegionRow(code, names.get(code, ""), "", *_added(parts)) for code, parts in districts.items()]
    return _distribution("district", [], rows)


def ground(scope: Scope, region: str = "", *, orphans: bool = True) -> Ground:
    """Every community of a region ('' = the whole branch) that holds something, with its ring."""
    seen = visible(scope)
    counted = _grouped(_listed(seen, orphans), "community_code")
    named = {c.community_code: c for c in ListedCommunity.objects.all()}
    if region:
        inside = {code for code, c in named.items() if region in (c.district_code, c.street_code)}
        counted = {code: n for code, n in counted.items() if code in inside}
    points, synthetic = positions()
    shown = {code: n for code, n in counted.items() if code in points and code in named}
    codes = sorted(shown)
    rings = rings_of(tuple(points[code] for code in codes))
    places = [
        Place(
            RegionRow(code, named[code].community, named[code].display_code or "", *shown[code]),
            f"{named[code].district} {named[code].street} {named[code].community}",
            short_name(named[code].community), points[code], ring,
        )
        for code, ring in zip(codes, rings, strict=True)
    ]  # fmt: skip
    whole, drawn = (sum(n[0] for n in part.values()) for part in (counted, shown))
    return Ground(places, whole - drawn, synthetic)


def positions() -> tuple[dict[str, tuple[int, int]], bool]:
    """community_code → metres on a plane of the branch, of every imported coordinate; whether any is invented."""
    rows = list(Coordinate.objects.order_by("region_code").values_list(*COORDINATES))
    frame = pl.DataFrame(rows, schema=dict(COORDINATES), orient="row")
    points = {code: (round(x), round(y)) for code, x, y in project(frame).iter_rows()}
    return points, bool((frame["source"] == "synthetic").any())


@lru_cache(maxsize=8)
def rings_of(points: tuple[tuple[int, int], ...]) -> list[list[tuple[int, int]]]:
    """The ground nearer to each point than to any other, as corners in metres."""
    shapes = cells(np.array(points, dtype=np.float64).reshape(-1, 2))
    return [[(round(x), round(y)) for x, y in shape.corners] for shape in shapes]


def _communities_of(seen: Visible, street: str, orphans: bool) -> Distribution:
    counted = _grouped(_listed(seen, orphans).filter(street_code=street), "community_code")
    named = {c.community_code: c for c in ListedCommunity.objects.filter(street_code=street)}
    rows = [
        RegionRow(code, named[code].community, named[code].display_code or "", *n)
        for code, n in counted.items()
        if code in named
    ]
    first = next(iter(named.values()), None)
    trail = [(first.district_code, first.district), (street, first.street)] if first else [(street, street)]
    return _distribution("community", trail, rows)


def _distribution(level: str, trail: list[tuple[str, str]], rows: list[RegionRow]) -> Distribution:
    rows.sort(key=lambda row: (not row.code, row.code))  # what has no code comes last
    total = _added([(row.policies, row.lapsed, row.yearly_premium_fen) for row in rows])
    return Distribution(level, trail, rows, RegionRow("", "", "", *total))


def _by_street(seen: Visible, orphans: bool) -> dict[str, Numbers]:
    """street_code ('' = not coded) → numbers, from the summary wherever it can answer."""
    if seen.only_people or seen.regions:
        return _grouped(_listed(seen, orphans), "street_code")
    sums = ListedSum.objects.filter(live=True)
    if orphans:
        sums = sums.filter(orphan=True)
    if seen.everything:
        return _grouped(sums, "street_code", _OF_SUMS)
    inside = _grouped(sums.filter(institution_code__in=sorted(seen.institutions)), "street_code", _OF_SUMS)
    beside = ListedPolicy.objects.filter(seen.outside_places(), **_kept(orphans))
    for code, numbers in _grouped(beside, "street_code").items():
        inside[code] = _added([inside.get(code, (0, 0, 0)), numbers])
    return inside


def _listed(seen: Visible, orphans: bool) -> QuerySet[ListedPolicy]:
    return ListedPolicy.objects.filter(seen.condition(), **_kept(orphans))


def _kept(orphans: bool) -> dict[str, bool]:
    return {"live": True} | ({"orphan": True} if orphans else {})


def _grouped(rows: QuerySet[Any], column: str, sums: dict[str, Any] | None = None) -> dict[str, Numbers]:
    found = (
        rows.order_by().values(column).annotate(**{f"n_{name}": of for name, of in (sums or _SUMS).items()})
    )
    return {
        row[column] or "": (row["n_policies"], row["n_lapsed"] or 0, row["n_yearly_premium_fen"] or 0)
        for row in found
    }


def _streets() -> dict[str, tuple[str, str, str]]:
    """street_code → street, district_code, district."""
    rows = ListedCommunity.objects.values_list(
        "street_code", "street", "district_code", "district"
    ).distinct()
    return {code: (street, district_code, district) for code, street, district_code, district in rows}


def _named_trail(named: dict[str, tuple[str, str, str]], district: str) -> tuple[str, str]:
    return district, next((name for _s, code, name in named.values() if code == district), district)


def _added(parts: list[Numbers]) -> Numbers:
    policies, lapsed, premium = (sum(numbers) for numbers in zip((0, 0, 0), *parts, strict=True))
    return policies, lapsed, premium
