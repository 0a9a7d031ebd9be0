"""Where a synthetic city's people live: real streets and communities of the code book on an invented map.

In: the code book's regions, a city code, sizes, a seed. Out: `Geography`: the communities that the city
uses, with synthetic coordinates, and the *cells*, one contiguous piece of the map for each collection
manager (or a few of them), each with its quota of planned policies. Never: a coordinate that claims to
be surveyed; a community whose name two communities of one district share.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tuogu.data.codebook.names import community_stem
from tuogu.synth.cells import cut_cells
from tuogu.synth.sizes import AREAS, CITY, COUNTY, Group, Sizes, largest_remainder

Points = NDArray[np.float64]
Ints = NDArray[np.int64]

# Seats in km east and north of the centre, roughly: a demo looks like the place it is named after.
NINGBO_KM = {
    "330203": (-6.0, -2.0),
    "330205": (-3.0, 9.0),
    "330211": (14.0, 12.0),
    "330206": (28.0, 2.0),
    "330212": (9.0, -7.0),
    "330213": (-10.0, -24.0),
    "330281": (-38.0, 18.0),
    "330282": (-22.0, 34.0),
    "330226": (-12.0, -52.0),
    "330225": (28.0, -42.0),
}
CENTRES = {"3302": (121.55, 29.87)}  # longitude, latitude
ELSEWHERE = (113.5, 30.5)  # any other city: its map is invented as a whole
RING_KM = {CITY: 11.0, COUNTY: 38.0}
STREET_SPACING_KM = {CITY: 1.7, COUNTY: 2.4}
COMMUNITY_SPACING_KM = 0.55
COMMUNITIES_PER_STREET = 5
GOLDEN_ANGLE = 2.399963229728653
EARTH_RADIUS_KM = 6371.0088


class UnknownCityError(ValueError):
    """The code book has no such city, or too few communities in it; the message is for the user."""


@dataclass(frozen=True)
class Geography:
    """Communities by index (row), and cells by index. Areas are 0 city, 1 county."""

    city_code: str  # 4 digits
    city: str
    province: str
    districts: pl.DataFrame  # district_code, district, area, managers
    communities: pl.DataFrame  # COMMUNITY_COLUMNS below; row = index
    cell_managers: Ints  # managers of each cell
    cell_homes: tuple[Ints, ...]  # community index of each manager of the cell
    shared_names: tuple[
        str, ...
    ]  # communities' names that several districts have: ambiguous without a district
    gazette_stems: frozenset[str]  # stems of all communities of the city
    known_optimum: bool


COMMUNITY_COLUMNS = {
    "community_code": pl.String,
    "community": pl.String,  # as people write it
    "street_code": pl.String,
    "street": pl.String,
    "district_code": pl.String,
    "district": pl.String,
    "area": pl.Int64,
    "x_m": pl.Float64,
    "y_m": pl.Float64,
    "longitude": pl.Float64,
    "latitude": pl.Float64,
    "cell": pl.Int64,
    "planned": pl.Int64,  # quota of planned policies
    "pull": pl.Float64,  # weight for everybody else's home
    "unique_name": pl.Boolean,  # no other community of the city has this stem
}


def lay_out(
    regions: pl.DataFrame, city: str, sizes: Sizes, rng: np.random.Generator, *, known_optimum: bool = False
) -> Geography:
    """Choose communities in contiguous clusters of streets, place them, cut cells and set quotas.

    `regions` is the code book's frame (REGIONS). Raises UnknownCityError.
    """
    city_code = city[:4]
    upper = pl.col("level").is_in(["province", "city"])
    names = dict(regions.filter(upper).select("code", "name").iter_rows())
    if city_code not in names:
        raise UnknownCityError(f"区划编码簿里没有城市 {city}")
    gazette = usable_communities(regions, city_code)
    districts = _choose_districts(gazette, sizes)
    chosen = _choose_communities(gazette, districts, sizes.communities, rng)
    chosen = _place(chosen, districts, city_code, rng)
    frame, managers, homes = cut_cells(chosen, districts, sizes, rng, known_optimum)
    return Geography(
        city_code=city_code,
        city=names[city_code],
        province=names.get(city_code[:2], ""),
        districts=districts,
        communities=frame.select(pl.col(n).cast(t) for n, t in COMMUNITY_COLUMNS.items()),
        cell_managers=managers,
        cell_homes=homes,
        shared_names=_shared_names(gazette),
        gazette_stems=frozenset(gazette["stem"]),
        known_optimum=known_optimum,
    )


def has_counties(regions: pl.DataFrame, city: str) -> bool:
    """Whether the city has both urban districts and counties (县, 县级市)."""
    areas = usable_communities(regions, city[:4])["area"].unique()
    return COUNTY in areas.to_list()


def usable_communities(regions: pl.DataFrame, city_code: str) -> pl.DataFrame:
    """Real communities of the city with clean names, one stem once in a district; sorted by code."""
    real = regions.filter(pl.col("real") & pl.col("code").str.starts_with(city_code))
    level = {n: real.filter(pl.col("level") == n) for n in ("district", "street", "community")}
    frame = (
        level["community"]
        .select(community_code="code", official="name", street_code="parent_code")
        .join(
            level["street"].select(street_code="code", street="name", district_code="parent_code"),
            on="street_code",
        )
        .join(level["district"].select(district_code="code", district="name"), on="district_code")
    )
    if frame.is_empty():
        raise UnknownCityError(f"区划编码簿里没有城市 {city_code} 的社区")
    stems = pl.Series("stem", [community_stem(n) for n in frame["official"]], pl.String)
    frame = frame.with_columns(stems).filter(
        pl.col("stem").str.contains(r"^[\u4e00-\u9fff]{2,6}$")
        & ~pl.col("stem").str.contains("委会|居民|虚拟|开发|园区|农场|林场")
        & (pl.len().over("district_code", "stem") == 1)
    )
    village = pl.col("official").str.contains("村")
    urban = pl.col("district").str.ends_with("区")
    only_counties = not frame.select(urban.any()).item()
    first = pl.col("district_code") == pl.col("district_code").min()
    return frame.with_columns(
        community=pl.col("stem") + pl.when(village).then(pl.lit("村")).otherwise(pl.lit("社区")),
        unique_name=pl.len().over("stem") == 1,
        area=pl.when(first if only_counties else urban).then(CITY).otherwise(COUNTY).cast(pl.Int64),
    ).sort("community_code")


def _shared_names(gazette: pl.DataFrame) -> tuple[str, ...]:
    """Names that stand in several districts, none of which is also the name of a street."""
    streets = set(gazette["street"].str.slice(0, 2))
    shared = gazette.filter(~pl.col("unique_name") & ~pl.col("stem").str.slice(0, 2).is_in(streets))
    return tuple(shared["community"].unique().sort().to_list())


def _choose_districts(gazette: pl.DataFrame, sizes: Sizes) -> pl.DataFrame:
    """Districts with their managers: by area in proportion to orphans, inside an area to real communities."""
    counts = (
        gazette.group_by("district_code", "district", "area")
        .agg(n=pl.len())
        .sort(["area", "n", "district_code"], descending=[False, True, False])
    )
    orphans = [sizes.members[Group.ORPHAN, area] for area in range(len(AREAS))]
    managers = largest_remainder(orphans, sizes.managers)
    parts = []
    for area in range(len(AREAS)):
        inside = counts.filter(pl.col("area") == area)
        if inside.is_empty():
            continue
        used = inside.head(max(1, managers[area]))
        extra = max(0, managers[area] - len(used))
        base = np.minimum(1, managers[area]) * np.ones(len(used), np.int64)
        share = np.array(largest_remainder(used["n"].to_list(), extra), np.int64)
        parts.append(used.with_columns(managers=pl.Series(base + share)))
    return pl.concat(parts).sort("district_code").drop("n")


def _choose_communities(
    gazette: pl.DataFrame, districts: pl.DataFrame, wanted: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Runs of neighbouring streets (by code) and, in each, the first communities."""
    weights = [max(m, 0.5) for m in districts["managers"]]
    quotas = largest_remainder(weights, max(wanted, 2 * len(weights)))
    parts = []
    for district, quota in zip(districts["district_code"], quotas, strict=True):
        inside = gazette.filter(pl.col("district_code") == district)
        streets = inside["street_code"].unique().sort()
        per_street = max(COMMUNITIES_PER_STREET, math.ceil(1.4 * quota / len(streets)))
        start = int(rng.integers(len(streets)))
        order = pl.DataFrame({"street_code": streets}).with_columns(
            turn=(pl.int_range(pl.len()) - start) % len(streets)
        )
        inside = inside.join(order, on="street_code").sort("turn", "community_code")
        inside = inside.filter(pl.int_range(pl.len()).over("street_code") < per_street)
        parts.append(inside.head(quota))
    return pl.concat(parts).sort("community_code")


# --- the invented map -------------------------------------------------------------------------------------


def _place(
    chosen: pl.DataFrame, districts: pl.DataFrame, city_code: str, rng: np.random.Generator
) -> pl.DataFrame:
    """Add x_m, y_m, longitude, latitude: streets in a spiral round the seat, communities round the street."""
    seats = _seats(districts, rng)
    streets = chosen.group_by("street_code", "district_code", "area").agg(n=pl.len()).sort("street_code")
    middle = {}
    for (district, area), group in streets.group_by("district_code", "area", maintain_order=True):
        spiral = _spiral(len(group), STREET_SPACING_KM[int(str(area))], rng)
        for code, offset in zip(group["street_code"], spiral, strict=True):
            middle[code] = np.array(seats[str(district)]) + offset
    points = np.empty((len(chosen), 2))
    codes = chosen["street_code"].to_numpy()
    for code, size in streets.select("street_code", "n").iter_rows():
        points[codes == code] = middle[code] + _spiral(size, COMMUNITY_SPACING_KM, rng)
    longitude, latitude = CENTRES.get(city_code, ELSEWHERE)
    degree_km = math.radians(1) * EARTH_RADIUS_KM
    return chosen.with_columns(
        x_m=pl.Series(np.round(points[:, 0] * 1000)),
        y_m=pl.Series(np.round(points[:, 1] * 1000)),
        longitude=pl.Series(
            np.round(longitude + points[:, 0] / degree_km / math.cos(math.radians(latitude)), 6)
        ),
        latitude=pl.Series(np.round(latitude + points[:, 1] / degree_km, 6)),
    )


def _seats(districts: pl.DataFrame, rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """Seat of each district in km: the known layout, else a ring for each area."""
    seats = {}
    for area in range(len(AREAS)):
        inside = districts.filter(pl.col("area") == area)["district_code"].to_list()
        phase = rng.uniform(0, 2 * math.pi)
        for i, code in enumerate(inside):
            angle = phase + 2 * math.pi * i / len(inside) + rng.normal(0, 0.08)
            radius = RING_KM[area] * math.sqrt(max(1.0, len(inside) / 6)) * rng.uniform(0.85, 1.15)
            ring = (radius * math.cos(angle), radius * math.sin(angle))
            seats[code] = NINGBO_KM.get(code, ring)
    return seats


def _spiral(n: int, spacing_km: float, rng: np.random.Generator) -> Points:
    """`n` points about `spacing_km` · 1.8 apart, evenly round the origin, slightly disturbed."""
    i = np.arange(n)
    radius = spacing_km * np.sqrt(i + 0.5)
    angle = i * GOLDEN_ANGLE + rng.uniform(0, 2 * math.pi)
    points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return points + rng.normal(0, spacing_km * 0.12, (n, 2))
