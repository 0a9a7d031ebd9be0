"""Departures as other systems are told of them: an id, a person, a day.

In: ids. Out: plain rows. Never: a case, a customer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tuogu.notices.models import Departure


@dataclass(frozen=True)
class DepartureTold:
    """One departure."""

    id: int
    person: int
    left_date: date


def departures_after(known: Iterable[int]) -> list[int]:
    """Ids of the departures that are not among these (a subquery), oldest first."""
    return list(Departure.objects.exclude(pk__in=known).order_by("pk").values_list("pk", flat=True))


def departure_told(departure: int) -> DepartureTold | None:
    """One of them."""
    found = Departure.objects.filter(pk=departure).values_list("pk", "person_id", "leave_date").first()
    return None if found is None else DepartureTold(*found)
