"""Who lives where: customers within scope of a community, or of a zone drawn on the map (P-17, P-19).

In: a Scope, a community or a zone. Out: customer numbers, a visit list, counts by community, the check of the zones. Never:
a customer out of scope, a name or an address (the choke point shows them), a position that nobody imported.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, QuerySet

from tuogu.books.address_queue import visible_customers
from tuogu.books.listing import NEVER_DUE
from tuogu.books.models import Coordinate, Customer, DisplayCode, ListedCommunity
from tuogu.books.visible import rows
from tuogu.core.zones import Halves, halved, inside
from tuogu.org.scope import Scope
from tuogu.regions import queries as regions


@dataclass(frozen=True)
class Visit:
    """One customer of a visit list."""

    number: str
    community: str
    street: str
    display_code: str
    policies: int
    next_due_date: date | None
    info_accurate: bool | None
    first_policy: str


@dataclass(frozen=True)
class ZoneCheck:
    """The check with what lies in each zone: policies and customers within scope, by community."""

    check: regions.Check
    policies: dict[str, int]  # community → live policies within scope
    customers: dict[str, int]
    names: dict[str, str]
    datum: str  # '' = no coordinates, or several datums: nothing can be judged
    unplaced: int  # live policies within scope in communities without coordinates, or without a code


def customers_in(
    scope: Scope, *, on: date, zone: int | None = None, community: str = ""
) -> QuerySet[Customer]:
    """Customers with a live policy within scope who live in a zone or a community; nobody where there is no such place."""
    codes = zone_communities(zone, on) if zone is not None else [community] if community else []
    return visible_customers(scope).filter(community_code__in=codes).order_by("community_code", "number")


def zone_communities(zone: int, on: date) -> list[str]:
    """The communities whose position lies in a zone on that day, by code; none where the datums differ."""
    found = regions.zone(zone, on)
    placed, datum = placed_communities()
    if found is None or found.datum != datum:
        return []
    plane = regions.Plane.around([*placed.values(), *found.ring])
    codes = sorted(placed)
    mask = inside(plane.metres(found.ring), plane.metres([placed[code] for code in codes]))
    return [code for code, within in zip(codes, mask, strict=True) if within]


def zone_of(community: str, on: date) -> list[regions.ZoneNow]:
    """The zones in which a community's position lies: one, none in a gap, several where zones overlap."""
    placed, datum = placed_communities()
    if community not in placed:
        return []
    found = [zone for zone in regions.zones(on) if zone.datum == datum]
    plane = regions.Plane.around([*placed.values(), *(point for zone in found for point in zone.ring)])
    point = plane.metres([placed[community]])
    return [zone for zone in found if inside(plane.metres(zone.ring), point)[0]]


def placed_communities() -> tuple[dict[str, regions.Point], str]:
    """community_code → (longitude, latitude) of every imported position, and their one datum ('' = none, or mixed)."""
    found = Coordinate.objects.order_by("region_code").values_list(
        "region_code", "longitude", "latitude", "datum"
    )
    datums = {datum for *_, datum in found}
    if len(datums) != 1:
        return {}, ""
    return {code: (lon, lat) for code, lon, lat, _ in found}, datums.pop()


def invented_positions() -> bool:
    """Whether a position is of the synthetic city."""
    return Coordinate.objects.filter(source="synthetic").exists()


def check_zones(scope: Scope, on: date) -> ZoneCheck:
    """Judge the division of the communities in which customers within scope live (gaps, overlaps), with their numbers."""
    placed, datum = placed_communities()
    policies = _by_community(scope)
    customers = _customers_by_community(scope)
    territory = {code: point for code, point in placed.items() if code in policies or code in customers}
    check = regions.checked(regions.zones(on), territory, datum)
    named = ListedCommunity.objects.values_list("community_code", "street", "community")
    names = {code: f"{street} {community}" for code, street, community in named}
    unplaced = sum(count for code, count in policies.items() if code not in placed)
    return ZoneCheck(check, policies, customers, names, datum, unplaced)


def suggested_halves(scope: Scope, zone: int, on: date) -> tuple[list[str], Halves | None]:
    """The communities of a zone and how they would divide into two of like numbers of policies (WO2018227771)."""
    codes = zone_communities(zone, on)
    placed, _ = placed_communities()
    policies = _by_community(scope)
    plane = regions.Plane.around([placed[code] for code in codes])
    return codes, halved(
        plane.metres([placed[code] for code in codes]), [policies.get(code, 0) for code in codes]
    )


def community_of_display(display: str) -> str:
    """The official code to which a display code was ever given; '' for none."""
    return (
        DisplayCode.objects.filter(display_code=display).values_list("community_code", flat=True).first()
        or ""
    )


def counts_by_community(scope: Scope) -> tuple[dict[str, int], dict[str, int]]:
    """community_code → live policies, and → customers, within scope."""
    return _by_community(scope), _customers_by_community(scope)


def visits(scope: Scope, numbers: Collection[str]) -> list[Visit]:
    """Lines of a visit list for these customers, within scope, by community and number."""
    live = rows(scope).filter(live=True, holder_number__in=list(numbers)).order_by()
    held = {
        row["holder_number"]: row
        for row in live.values("holder_number").annotate(
            n=Count("pk"), due=Min("next_due_date"), first=Min("number")
        )
    }
    found = list(Customer.objects.filter(number__in=list(numbers)).order_by("community_code", "number"))
    codes = {customer.community_code for customer in found}
    places = {
        place.community_code: place for place in ListedCommunity.objects.filter(community_code__in=codes)
    }
    lines = []
    for customer in found:
        place, row = places.get(customer.community_code or ""), held.get(customer.number)
        due = row["due"] if row else NEVER_DUE
        lines.append(
            Visit(
                customer.number, place.community if place else "", place.street if place else "",
                (place.display_code or "") if place else "", row["n"] if row else 0,
                None if due == NEVER_DUE else due, customer.info_accurate, row["first"] if row else "",
            )
        )  # fmt: skip
    return lines


def _by_community(scope: Scope) -> dict[str, int]:
    live = rows(scope).filter(live=True).order_by()
    found = live.values("community_code").annotate(n=Count("pk"))
    return {row["community_code"] or "": row["n"] for row in found}


def _customers_by_community(scope: Scope) -> dict[str, int]:
    found = visible_customers(scope).filter(community_code__isnull=False).order_by()
    counted = found.values("community_code").annotate(n=Count("pk"))
    return {row["community_code"] or "": row["n"] for row in counted}
