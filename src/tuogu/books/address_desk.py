"""One address at the desk: what was recognised of it, and where it may lie, with what speaks for each place.

In: a Scope, a customer. Out: `DeskItem`, `Candidate`s of core. Never: the address itself (the choke point shows it, masked),
a building or room, a candidate outside the code book in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
from django.db.models import Count

from tuogu import vault
from tuogu.books.address_known import address_forms, home_city
from tuogu.books.address_queue import Waiting, waiting_customer
from tuogu.books.homes import homes
from tuogu.books.models import Customer, DisplayCode, ListedCommunity, StaffHome
from tuogu.core.address import fragments, parse
from tuogu.core.address.communities import stems_of
from tuogu.core.address.ranking import Candidate, ranked
from tuogu.core.tables import ADDRESS_LEVELS
from tuogu.data.codebook.names import community_stem
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.regions import queries as regions

_COMMUNITY_DIGITS = 12  # of a community's official code
_STREET_DIGITS = 9  # of a street's
_DISTRICT_DIGITS = 6  # of a district's
_LETTERS = dict(zip("PCDSV", ADDRESS_LEVELS, strict=True))
SPLIT = "split"  # why an address waits again: its community was divided


@dataclass(frozen=True)
class Part:
    """One of the six parts of an address. `how`: full | stem | old … | missing; building and room say only whether they
    are there."""

    level: str
    name: str | None
    written: str | None
    how: str


@dataclass(frozen=True)
class Spot:
    """A candidate with its names."""

    candidate: Candidate
    district: str
    street: str
    community: str
    display_code: str


@dataclass(frozen=True)
class DeskItem:
    """What the desk shows of one customer, but the address."""

    waiting: Waiting
    parts: list[Part]
    area_code: str
    fragment: str
    spots: list[Spot]


def desk_item(scope: Scope, number: str, *, on: date, limit: int) -> DeskItem | None:
    """Everything about one address within scope; None out of scope."""
    found = waiting_customer(scope, number)
    if found is None:
        return None
    sealed = Customer.objects.values_list("address_sealed", flat=True).get(number=number)
    return _item(found, vault.open_text(sealed), on, limit)


def home_item(scope: Scope, staff_number: str, *, on: date, limit: int) -> DeskItem | None:
    """The same of the home of somebody in post within scope, which an import has tried to locate; None of others."""
    home = next((home for home in homes(scope, on) if home.staff_number == staff_number), None)
    stored = StaffHome.objects.filter(person_id=home.person).first() if home else None
    if home is None or stored is None:
        return None
    found = Waiting(staff_number, home.reason, home.confidence or 0.0, stored.community_code, ())
    return _item(found, org.staff_home(home.person), on, limit)


def _item(found: Waiting, address: str | None, on: date, limit: int) -> DeskItem:
    city = home_city()
    if not city:
        return DeskItem(found, [], "", "", [])
    gazetteer = regions.gazetteer(city, on)
    row = parse(pl.DataFrame({"id": ["0"], "text": [address or ""]}), gazetteer, city).row(0, named=True)
    shared = fragments(pl.DataFrame({"key": ["0"], "address": [address or ""]}), gazetteer, city).row(
        0, named=True
    )
    area, fragment = shared["area_code"], shared["fragment"]
    candidates = _candidates(found, address_forms(address), area, fragment, row, on=on, limit=limit)
    return DeskItem(found, _parts(row), area, fragment, _named(candidates, on))


def pattern_spots(area_code: str, fragment: str, *, on: date, limit: int) -> list[Spot]:
    """Where a pattern may lie."""
    candidates = ranked(
        neighbours=_coded_neighbours(area_code, fragment),
        written=community_stem(fragment),
        names=_names(area_code, on),
        street=_of_street(area_code),
        limit=limit,
    )
    return _named(candidates, on)


def spots_of(codes: list[str], on: date) -> list[Spot]:
    """Communities as the desk shows them, found by a search."""
    return _named([Candidate(code, 0.0, ()) for code in codes], on)


def _candidates(
    found: Waiting,
    forms: list[bytes],
    area: str,
    fragment: str,
    row: dict[str, str | None],
    *,
    on: date,
    limit: int,
) -> list[Candidate]:
    named = [
        heir
        for code in found.candidates
        for heir in regions.resolved(code, on)
        if len(heir) == _COMMUNITY_DIGITS
    ]
    named = list(dict.fromkeys(named))
    return ranked(
        same_address=_today(regions.with_same_address(forms), on),
        neighbours=_coded_neighbours(area, fragment) if fragment else {},
        named=() if found.reason == SPLIT else named,
        heirs=named if found.reason == SPLIT else (),
        written=community_stem(row["community_surface"] or fragment),
        names=_names(area, on) if len(area) >= _DISTRICT_DIGITS else {},
        street=_of_street(area),
        residents=_counted(Customer.objects.filter(code_status="coded", community_code__in=named)),
        limit=limit,
    )


def _today(counts: dict[str, int], on: date) -> dict[str, int]:
    """Counts by code with retired codes counted as their one heir; of several heirs nothing is known."""
    found: dict[str, int] = {}
    for code, count in counts.items():
        heirs = regions.resolved(code, on)
        if len(heirs) == 1 and len(heirs[0]) == _COMMUNITY_DIGITS:
            found[heirs[0]] = found.get(heirs[0], 0) + count
    return found


def _coded_neighbours(area: str, fragment: str) -> dict[str, int]:
    """community_code → coded customers who share the fragment in this area."""
    if not fragment:
        return {}
    known = regions.known_addresses().filter(area_code=area, fragment=fragment).values("customer_number")
    return _counted(Customer.objects.filter(number__in=known, code_status="coded"))


def _of_street(area: str) -> dict[str, int]:
    """community_code → customers there, of the street that the text names."""
    if len(area) != _STREET_DIGITS:
        return {}
    return _counted(Customer.objects.filter(code_status="coded", community_code__startswith=area))


def _counted(customers: object) -> dict[str, int]:
    rows = customers.order_by().values("community_code").annotate(n=Count("pk"))  # type: ignore[attr-defined]
    return {row["community_code"]: row["n"] for row in rows if row["community_code"]}


def _names(area: str, on: date) -> dict[str, str]:
    """Communities of the area by their names without endings."""
    if len(area) < _DISTRICT_DIGITS:
        return {}
    rows = regions.codebook([area], on).regions.filter(
        (pl.col("level") == "community") & pl.col("code").str.starts_with(area)
    )
    return dict(rows.select("code", stems_of(pl.col("name"))).iter_rows())


def _parts(row: dict[str, str | None]) -> list[Part]:
    """The five levels with how each was found, and whether building and room are there."""
    how = dict(step.split(":", 1) for step in (row["evidence"] or "").split(";") if step[1:2] == ":")
    found = {_LETTERS[letter]: word for letter, word in how.items() if letter in _LETTERS}
    parts = [
        Part(
            level,
            row[level],
            row[f"{level}_surface"],
            _how(row, level, found.get(level, "")),
        )
        for level in ADDRESS_LEVELS[1:]
    ]
    tail = [Part(name, None, None, "present" if row[name] else "missing") for name in ("building", "room")]
    return parts + tail


def _how(row: Mapping[str, str | None], level: str, found: str) -> str:
    """How a level was found: what is written in full may still fit several places."""
    if row[level] is not None:
        return found or "implied"
    if row[f"{level}_surface"] is None:
        return "missing"
    return "unknown" if found == "unknown" else "tie"


def _named(candidates: list[Candidate], on: date) -> list[Spot]:
    codes = [candidate.code for candidate in candidates]
    display = dict(
        DisplayCode.objects.filter(community_code__in=codes).values_list("community_code", "display_code")
    )
    listed = {row.community_code: row for row in ListedCommunity.objects.filter(community_code__in=codes)}
    spots = []
    for candidate in candidates:
        row = listed.get(candidate.code)
        names = (row.district, row.street, row.community) if row else _path(candidate.code, on)
        spots.append(Spot(candidate, *names, display.get(candidate.code, "")))
    return spots


def _path(code: str, on: date) -> tuple[str, str, str]:
    names = {division.level: division.name for division in regions.path_of(code, on)}
    return names.get("district", ""), names.get("street", ""), names.get("community", code)
