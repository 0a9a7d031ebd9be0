"""A map of any count by community, and what communities are called.

In: counts by community code. Out: places with rings, as the map of the books draws them; names in one query. Never: a count
left out in silence (`elsewhere` says how much could not be drawn), a query for each community.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tuogu.books.models import ListedCommunity
from tuogu.books.territory import Ground, Place, RegionRow, positions, rings_of
from tuogu.core.places import short_name


def community_names(codes: Iterable[str]) -> dict[str, str]:
    """Names of the communities that lists know."""
    wanted = ListedCommunity.objects.filter(community_code__in=sorted({code for code in codes if code}))
    return dict(wanted.values_list("community_code", "community"))


def street_names(codes: Iterable[str]) -> dict[str, str]:
    """Names of the streets that lists know."""
    wanted = ListedCommunity.objects.filter(street_code__in=sorted({code for code in codes if code}))
    return dict(wanted.order_by("street_code").values_list("street_code", "street").distinct())


def counted_ground(counts: Mapping[str, int]) -> Ground:
    """The counts on the ground, the most first in `places`; a code without name or coordinates counts as elsewhere."""
    points, synthetic = positions()
    named = {c.community_code: c for c in ListedCommunity.objects.filter(community_code__in=sorted(counts))}
    codes = sorted(code for code in counts if code in points and code in named)
    rings = rings_of(tuple(points[code] for code in codes))
    places = [
        Place(
            RegionRow(code, named[code].community, named[code].display_code or "", counts[code], 0, 0),
            f"{named[code].district} {named[code].street} {named[code].community}",
            short_name(named[code].community), points[code], ring,
        )
        for code, ring in zip(codes, rings, strict=True)
    ]  # fmt: skip
    places.sort(key=lambda place: -place.row.policies)
    return Ground(places, sum(counts.values()) - sum(place.row.policies for place in places), synthetic)
