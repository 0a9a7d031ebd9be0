"""Zones: drawn or imported, dated, versioned (P-17).

In: a name and a ring of corners, who, from when. Out: zones in force on a day, what is wrong with their division. Never: a
version that is changed, a datum converted, a ring that is none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations

import numpy as np
from django.db import transaction
from django.db.models import Max

from tuogu.core.zones import Floats, area_m2, inside, overlap_m2, ring_problem
from tuogu.regions.failures import RegionsRefused
from tuogu.regions.models import Zone, ZoneVersion

DATUMS = ("WGS-84", "CGCS2000", "GCJ-02", "BD-09")
NAME_MAX = 40
_NOTHING = "，没有写入任何内容"
_EARTH_RADIUS_M = 6_371_008.8  # mean radius of the Earth, as in core.places
Point = tuple[float, float]  # longitude, latitude


@dataclass(frozen=True)
class ZoneNow:
    """A zone as it stands on a day."""

    id: int
    number: int  # of its version
    name: str
    ring: tuple[Point, ...]
    datum: str
    from_date: date
    how: str
    by: int
    at: datetime


@dataclass(frozen=True)
class Check:
    """How zones divide the communities that have coordinates. `gaps`: in no zone; `doubled`: community → zones that it lies
    in, more than one; `overlaps`: pairs of zones with the square metres they share."""

    zones: tuple[ZoneNow, ...]
    members: dict[int, list[str]]  # zone → communities
    gaps: list[str]
    doubled: dict[str, list[int]]
    overlaps: list[tuple[int, int, float]]
    other_datum: list[int]  # zones of another datum than the coordinates: not judged, not converted


def zones(on: date) -> list[ZoneNow]:
    """The zones in force on a day, by name."""
    last = (
        ZoneVersion.objects.filter(from_date__lte=on).order_by().values("zone").annotate(newest=Max("number"))
    )
    newest = {(row["zone"], row["newest"]) for row in last}
    rows = ZoneVersion.objects.filter(from_date__lte=on, ended=False).order_by("name", "zone_id")
    return [_zone(row) for row in rows if (row.zone_id, row.number) in newest]


def zone(zone_id: int, on: date) -> ZoneNow | None:
    """One zone as it stands on a day; None where there is none."""
    return next((found for found in zones(on) if found.id == zone_id), None)


def zone_history(zone_id: int) -> list[ZoneVersion]:
    """Every version of a zone, the newest first."""
    return list(ZoneVersion.objects.filter(zone_id=zone_id).order_by("-number"))


@transaction.atomic
def draw(
    name: str,
    ring: Sequence[Point],
    *,
    datum: str,
    from_date: date,
    how: str = "drawn",
    by: int,
    at: datetime,
) -> int:
    """A new zone; returns its id."""
    _refuse(name, ring, datum, from_date, taken_by=None)
    made = Zone.objects.create(by_id=by, at=at)
    _version(made.pk, 1, name, ring, datum, from_date, how, by, at)
    return int(made.pk)


@transaction.atomic
def redraw(
    zone_id: int, name: str, ring: Sequence[Point], *, datum: str, from_date: date, by: int, at: datetime
) -> int:
    """A next version of a zone, with another name or boundary; returns its number."""
    last = _last(zone_id, from_date)
    _refuse(name, ring, datum, from_date, taken_by=zone_id)
    _version(zone_id, last.number + 1, name, ring, datum, from_date, "drawn", by, at)
    return int(last.number + 1)


@transaction.atomic
def end(zone_id: int, *, from_date: date, by: int, at: datetime) -> None:
    """From that day on there is no such zone; what it was stays."""
    last = _last(zone_id, from_date)
    ring = [(lon, lat) for lon, lat in last.ring]
    _version(zone_id, last.number + 1, last.name, ring, last.datum, from_date, last.how, by, at, ended=True)


@transaction.atomic
def take_over(
    found: Sequence[tuple[str, Sequence[Point]]], *, datum: str, from_date: date, by: int, at: datetime
) -> list[int]:
    """Zones of a file, all or none."""
    if not found:
        raise RegionsRefused(f"文件中没有区域{_NOTHING}")
    names = [name for name, _ in found]
    if len(set(names)) < len(names):
        raise RegionsRefused(f"文件中有重名的区域{_NOTHING}")
    return [
        draw(name, ring, datum=datum, from_date=from_date, how="file", by=by, at=at) for name, ring in found
    ]


def checked(found: Sequence[ZoneNow], positions: Mapping[str, Point], datum: str) -> Check:
    """Judge how `found` divide the communities at `positions` (community_code → longitude, latitude, all of `datum`)."""
    usable = [one for one in found if one.datum == datum]
    plane = Plane.around([*positions.values(), *(point for one in usable for point in one.ring)])
    codes = sorted(positions)
    points = plane.metres([positions[code] for code in codes])
    rings = {one.id: plane.metres(one.ring) for one in usable}
    masks = {zone_id: inside(ring, points) for zone_id, ring in rings.items()}
    where: dict[str, list[int]] = {code: [] for code in codes}
    for zone_id, mask in masks.items():
        for row in np.flatnonzero(mask):
            where[codes[row]].append(zone_id)
    members = {zone_id: [codes[row] for row in np.flatnonzero(mask)] for zone_id, mask in masks.items()}
    shared = ((a, b, overlap_m2(rings[a], rings[b])) for a, b in combinations(sorted(rings), 2))
    return Check(
        tuple(found), members,
        [code for code in codes if not where[code]],
        {code: sorted(ids) for code, ids in where.items() if len(ids) > 1},
        [pair for pair in shared if pair[2] > 0],
        [one.id for one in found if one.datum != datum],
    )  # fmt: skip


def area_of(ring: Sequence[Point]) -> float:
    """Square metres of a ring."""
    return area_m2(Plane.around(ring).metres(ring))


@dataclass(frozen=True)
class Plane:
    """Metres around a point: equirectangular, good to about 0.1 % within one city."""

    longitude: float
    latitude: float

    @classmethod
    def around(cls, points: Sequence[Point]) -> Plane:
        """The plane whose origin is the middle of these points."""
        if not points:
            return cls(0.0, 0.0)
        lons, lats = [p[0] for p in points], [p[1] for p in points]
        return cls((min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2)

    @property
    def scale(self) -> Point:
        """Metres of a degree of longitude and of latitude."""
        degree_m = math.radians(1) * _EARTH_RADIUS_M
        return degree_m * math.cos(math.radians(self.latitude)), degree_m

    def metres(self, points: Sequence[Point]) -> Floats:
        """(n, 2) metres east and north of the origin."""
        given = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        return np.asarray((given - (self.longitude, self.latitude)) * self.scale, dtype=np.float64)


def _refuse(name: str, ring: Sequence[Point], datum: str, from_date: date, *, taken_by: int | None) -> None:
    if not 0 < len(name.strip()) <= NAME_MAX:
        raise RegionsRefused(f"区域名称须为 1 至 {NAME_MAX} 个字{_NOTHING}")
    if datum not in DATUMS:
        raise RegionsRefused(f"坐标系“{datum}”不是 {'、'.join(DATUMS)} 之一{_NOTHING}")
    if any(not (-180 <= lon <= 180 and -90 <= lat <= 90) for lon, lat in ring):
        raise RegionsRefused(f"“{name}”的边界不是经纬度（经度 −180 至 180，纬度 −90 至 90）{_NOTHING}")
    problem = ring_problem(Plane.around(ring).metres(ring).tolist()) if ring else "没有边界"
    if problem:
        raise RegionsRefused(f"“{name}”：{problem}{_NOTHING}")
    if any(one.name == name.strip() and one.id != taken_by for one in zones(from_date)):
        raise RegionsRefused(f"已有区域叫“{name}”{_NOTHING}")


def _last(zone_id: int, from_date: date) -> ZoneVersion:
    last = ZoneVersion.objects.filter(zone_id=zone_id).order_by("-number").first()
    if last is None or last.ended:
        raise RegionsRefused(f"没有这个区域，或已结束{_NOTHING}")
    if from_date < last.from_date:
        raise RegionsRefused(f"生效日 {from_date} 早于现行版本的 {last.from_date}{_NOTHING}")
    return last


def _version(
    zone_id: int, number: int, name: str, ring: Sequence[Point], datum: str, from_date: date, how: str, by: int,
    at: datetime, *, ended: bool = False,
) -> None:  # fmt: skip
    open_ring = list(ring[:-1]) if len(ring) > 1 and ring[0] == ring[-1] else list(ring)
    ZoneVersion.objects.create(
        zone_id=zone_id, number=number, name=name.strip(), ring=[[float(x), float(y)] for x, y in open_ring],
        datum=datum, from_date=from_date, how=how, by_id=by, at=at, ended=ended,
    )  # fmt: skip


def _zone(row: ZoneVersion) -> ZoneNow:
    ring = tuple((float(lon), float(lat)) for lon, lat in row.ring)
    return ZoneNow(
        row.zone_id, row.number, row.name, ring, row.datum, row.from_date, row.how, row.by_id, row.at
    )
