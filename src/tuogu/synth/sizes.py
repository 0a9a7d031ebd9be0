"""How many of everything a synthetic city has: every quota is decided here, before a single row is drawn.

In: the number of customers. Out: `Sizes`. Never: chance; two sizes for one number of customers.

The reference is the campaign of the source (S2-01, S2-02: 19,760 screened customers among 26,000 of
ours); other numbers of customers are in proportion by largest remainder. These are figures of an
invented branch, not rules of business: rules live in the rulebook.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

REFERENCE_CUSTOMERS = 26_000
CUSTOMERS_MIN = (
    60  # below it the parts of a branch (teams, both areas, every kind of customer) cannot all exist
)
CUSTOMERS_MAX = 20_000_000

CITY, COUNTY = 0, 1  # areas: urban districts, and counties with county-level cities
AREAS = ("city", "county")


class Group(IntEnum):
    """What S2-01 makes of a customer."""

    IN_POST = 0  # screened, selling agent in post
    ORPHAN = 1  # screened, selling agent gone or policy moved to after-sales
    SEVERAL = 2  # holds two to four main policies
    PROTECTION = 3  # holds one main policy, of a protection product
    MEMBER = 4  # insured under somebody else's policy, holds none


# (group, area) → customers of the reference, and the premium of the source in fen where it gives one.
REFERENCE: dict[tuple[Group, int], int] = {
    (Group.IN_POST, CITY): 7_533,
    (Group.IN_POST, COUNTY): 4_896,
    (Group.ORPHAN, CITY): 3_936,
    (Group.ORPHAN, COUNTY): 3_395,
    (Group.SEVERAL, CITY): 1_510,
    (Group.SEVERAL, COUNTY): 1_090,
    (Group.PROTECTION, CITY): 930,
    (Group.PROTECTION, COUNTY): 670,
    (Group.MEMBER, CITY): 1_183,
    (Group.MEMBER, COUNTY): 857,
}
REFERENCE_PREMIUM_FEN: dict[tuple[Group, int], int] = {
    (Group.IN_POST, CITY): 3_101_186_271,
    (Group.IN_POST, COUNTY): 1_286_467_363,
    (Group.ORPHAN, CITY): 1_113_221_100,
    (Group.ORPHAN, COUNTY): 459_207_444,
}
REFERENCE_MANAGERS = 18  # collection managers
PLANNED_PER_MANAGER = 295  # planned policies: about 38 pieces a month, and room below what the visits allow
PLANNED_SHARE_MAX = 0.75  # of the screened orphans; more would leave too few lapsed and ended orphans
REFERENCE_MARKETERS, MARKETERS_MIN = 120, 10
LEAVERS_PER_MARKETER = 2.2
REFERENCE_SERVICE, SERVICE_MIN = 6, 2
REFERENCE_COMMUNITIES = 160
REFERENCE_PLANNERS, PLANNERS_MIN = 20, 4
MANAGERS_PER_TEAM, MARKETERS_PER_TEAM, PLANNERS_PER_TEAM = 6, 8, 7


@dataclass(frozen=True)
class Sizes:
    """Quotas of one city. Counts are exact; in a tiny city `planned` is the most that can be planned."""

    customers: int
    members: dict[tuple[Group, int], int]
    premium_fen: dict[tuple[Group, int], int]
    managers: int
    planned: int
    marketers: int
    leavers: int
    service: int
    planners: int
    communities: int


def largest_remainder(weights: Sequence[float], total: int) -> list[int]:
    """Split `total` in proportion to `weights`; parts sum to `total`, ties go to the earlier weight."""
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative with a positive sum, total non-negative")
    quotas = [total * w / whole for w in weights]
    parts = [int(q) for q in quotas]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - quotas[i], i))
    for i in order[: total - sum(parts)]:
        parts[i] += 1
    return parts


def size_city(customers: int, *, has_counties: bool = True) -> Sizes:
    """Quotas for `customers` accepted customers; without counties all of them live in urban districts."""
    if not CUSTOMERS_MIN <= customers <= CUSTOMERS_MAX:
        raise ValueError(f"客户数须在 {CUSTOMERS_MIN} 至 {CUSTOMERS_MAX:,} 之间：{customers:,}")
    members = dict(zip(REFERENCE, largest_remainder(list(REFERENCE.values()), customers), strict=True))
    premium = {
        key: (REFERENCE_PREMIUM_FEN[key] * members[key] + REFERENCE[key] // 2) // REFERENCE[key]
        for key in REFERENCE_PREMIUM_FEN
    }
    if not has_counties:
        members, premium = _all_in_city(members), _all_in_city(premium)
    scale = customers / REFERENCE_CUSTOMERS
    managers = max(1, round(REFERENCE_MANAGERS * scale))
    orphans = members[Group.ORPHAN, CITY] + members[Group.ORPHAN, COUNTY]
    marketers = max(MARKETERS_MIN, round(REFERENCE_MARKETERS * scale))
    return Sizes(
        customers=customers,
        members=members,
        premium_fen=premium,
        managers=managers,
        planned=min(PLANNED_PER_MANAGER * managers, int(PLANNED_SHARE_MAX * orphans)),
        marketers=marketers,
        leavers=round(LEAVERS_PER_MARKETER * marketers),
        service=max(SERVICE_MIN, round(REFERENCE_SERVICE * scale)),
        planners=max(PLANNERS_MIN, round(REFERENCE_PLANNERS * scale)),
        communities=max(4, round(REFERENCE_COMMUNITIES * scale)),
    )


def _all_in_city(quotas: dict[tuple[Group, int], int]) -> dict[tuple[Group, int], int]:
    return {
        (group, area): quotas[group, CITY] + quotas[group, COUNTY] if area == CITY else 0
        for group, area in quotas
    }
