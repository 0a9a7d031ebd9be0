"""How much personal data people see, for whoever watches over it: who most, at what hours, what was removed.

In: a scope, days. Out: counts. Never: what was seen.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import ExtractHour

from tuogu.accesslog.models import Retention, Sighting
from tuogu.core.custody import SHANGHAI
from tuogu.org import queries as org
from tuogu.org.scope import Scope

_K = Sighting.Kind


@dataclass(frozen=True)
class Viewed:
    """What one person saw in a period. `listed` and `taken` are rows, the others looks."""

    person: int
    opened: int
    listed: int
    revealed: int
    taken: int
    printed: int
    refused: int
    unusual: int  # looks outside working hours


@dataclass(frozen=True)
class Busy:
    """Looks in one hour of the day over a period."""

    hour: int
    looks: int
    unusual: bool


def top_viewers(
    scope: Scope, first: date, last: date, *, day_hours: tuple[int, int], limit: int
) -> list[Viewed]:
    """The people who saw most, most first. `day_hours`: working hours, from and until."""
    hour = Q(hour__lt=day_hours[0]) | Q(hour__gte=day_hours[1])
    counted = (
        _rows(scope, first, last)
        .values("person_id")
        .annotate(
            opened=Count("id", filter=Q(kind=_K.OPEN)),
            listed=Sum("rows", filter=Q(kind=_K.LIST), default=0),
            revealed=Count("id", filter=Q(kind=_K.REVEAL)),
            taken=Sum("rows", filter=Q(kind=_K.EXPORT), default=0),
            printed=Count("id", filter=Q(kind=_K.PRINT)),
            refused=Count("id", filter=Q(kind=_K.REFUSED)),
            unusual=Count("id", filter=hour),
        )
    )
    found = [
        Viewed(
            row["person_id"], row["opened"], row["listed"], row["revealed"], row["taken"], row["printed"], row["refused"],
            row["unusual"],
        )
        for row in counted
    ]  # fmt: skip
    return sorted(found, key=lambda v: (-v.revealed, -v.taken, -v.listed, -v.opened, v.person))[:limit]


def by_hour(scope: Scope, first: date, last: date, *, day_hours: tuple[int, int]) -> list[Busy]:
    """Looks by hour of the day, 0 to 23."""
    looks = _rows(scope, first, last).values("hour").annotate(n=Count("id"))  # type: ignore[misc]  # an annotation
    counted = {row["hour"]: row["n"] for row in looks}
    return [Busy(h, int(counted.get(h, 0)), not day_hours[0] <= h < day_hours[1]) for h in range(24)]


def removals(limit: int) -> list[tuple[datetime, date, int]]:
    """The newest removals of old rows: when, of days before which, how many."""
    rows = Retention.objects.order_by("-pk")[:limit]
    return [(row.at, row.before_day, row.rows) for row in rows]


def _rows(scope: Scope, first: date, last: date) -> QuerySet[Sighting]:
    visible: Collection[int] | None = org.custodians_within(scope)
    rows = Sighting.objects.filter(day__range=(first, last)).exclude(kind=_K.APPROVE)
    if visible is not None:
        rows = rows.filter(person_id__in=sorted(visible))
    return rows.annotate(hour=ExtractHour("at", tzinfo=SHANGHAI))
