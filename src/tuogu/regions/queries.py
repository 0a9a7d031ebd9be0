"""Reads of this room: the code book in force, proposals, decisions on addresses, zones."""

from __future__ import annotations

from collections import Counter
from datetime import date

from tuogu.org import queries as org
from tuogu.regions.audited import audit_tables
from tuogu.regions.deciding import (
    Act,
    Decided,
    Judged,
    Kind,
    Outcome,
    act_of,
    acts_of,
    customers_of,
    decided,
    decided_numbers,
    decided_since,
    with_same_address,
)
from tuogu.regions.effective import (
    Version,
    codebook,
    codebook_of,
    gazetteer,
    version_name,
    version_on,
    versions,
)
from tuogu.regions.home_deciding import DecidedHome
from tuogu.regions.home_deciding import decided as decided_homes
from tuogu.regions.learning import known_addresses, known_of
from tuogu.regions.pending import pending
from tuogu.regions.proposals import DryRun, Proposal, changes_of, proposal_of, proposals, try_out
from tuogu.regions.tree import Division, Found, children, division, find, named, names_of, path_of
from tuogu.regions.zoning import (
    DATUMS,
    Check,
    Plane,
    Point,
    ZoneNow,
    area_of,
    checked,
    zone,
    zone_history,
    zones,
)

__all__ = [
    "DATUMS",
    "Act",
    "Check",
    "Decided",
    "DecidedHome",
    "Division",
    "DryRun",
    "Found",
    "Judged",
    "Kind",
    "Outcome",
    "Plane",
    "Point",
    "Proposal",
    "Version",
    "ZoneNow",
    "act_of",
    "acts_of",
    "area_of",
    "audit_tables",
    "changes_of",
    "checked",
    "children",
    "codebook",
    "codebook_of",
    "customers_of",
    "decided",
    "decided_homes",
    "decided_numbers",
    "decided_since",
    "division",
    "find",
    "gazetteer",
    "home_city",
    "known_addresses",
    "known_of",
    "named",
    "names_of",
    "path_of",
    "pending",
    "proposal_of",
    "proposals",
    "resolved",
    "try_out",
    "version_name",
    "version_on",
    "versions",
    "with_same_address",
    "zone",
    "zone_history",
    "zones",
]
_CITY_DIGITS = 4


def home_city() -> str:
    """The four digits of the city that most institutions name as the region they serve; '' where none does."""
    codes = org.institutions()["region_code"].drop_nulls()
    cities = Counter(code[:_CITY_DIGITS] for code in codes if len(code) >= _CITY_DIGITS)
    return min(cities, key=lambda city: (-cities[city], city)) if cities else ""


def resolved(code: str, on: date) -> tuple[str, ...]:
    """What an official code of any version stands for on a day; itself where it is still in force (N-12)."""
    return find(code, on).today
