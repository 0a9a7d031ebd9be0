"""Which addresses wait for a person: the unrecognised and the doubtful ones of customers within scope, and their patterns.

In: a Scope, a filter. Out: counts, pages by keyset, groups of neighbours. Never: a customer out of scope or without a live
policy, an address, more than a handful of queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from tuogu.books.address_known import BY_HAND, NOT_CODABLE
from tuogu.books.models import Customer
from tuogu.books.visible import rows
from tuogu.org.scope import Scope
from tuogu.regions import queries as regions

DOUBTFUL = "doubtful"  # the kind of those that are coded with little confidence


@dataclass(frozen=True)
class Waiting:
    """One customer whose address waits."""

    number: str
    reason: str  # why it could not be coded, or DOUBTFUL
    confidence: float
    community_code: str | None
    candidates: tuple[str, ...]


@dataclass(frozen=True)
class Pattern:
    """Addresses of the queue that share an estate, a road or a firm in one area."""

    area_code: str
    fragment: str
    count: int


def visible_customers(scope: Scope) -> QuerySet[Customer]:
    """Customers who hold, or are insured by, a live policy within scope."""
    live = rows(scope).filter(live=True)
    return Customer.objects.filter(
        Exists(live.filter(holder_number=OuterRef("number")))
        | Exists(live.filter(insured_number=OuterRef("number")))
    )


def waiting(scope: Scope, doubtful_below: float, reason: str = "") -> QuerySet[Customer]:
    """The queue, of one reason or of all; by number."""
    unrecognised = Q(code_status="manual") & ~Q(code_reason=NOT_CODABLE)
    doubtful = Q(code_status="coded", code_confidence__lt=doubtful_below) & ~Q(code_reason=BY_HAND)
    wanted = doubtful if reason == DOUBTFUL else unrecognised if reason else unrecognised | doubtful
    if reason and reason != DOUBTFUL:
        wanted &= Q(code_reason=reason)
    return visible_customers(scope).filter(wanted).order_by("number")


def queue_counts(scope: Scope, doubtful_below: float) -> dict[str, int]:
    """reason → how many wait."""
    found = (
        waiting(scope, doubtful_below).order_by().values("code_status", "code_reason").annotate(n=Count("pk"))
    )
    counts: dict[str, int] = {}
    for row in found:
        reason = DOUBTFUL if row["code_status"] == "coded" else row["code_reason"] or "no_region"
        counts[reason] = counts.get(reason, 0) + row["n"]
    return counts


def queue_page(
    scope: Scope,
    doubtful_below: float,
    *,
    reason: str = "",
    from_number: str = "",
    skipped: Sequence[str] = (),
    size: int,
) -> list[Waiting]:
    """`size` rows from a customer on, by number."""
    found = waiting(scope, doubtful_below, reason).exclude(number__in=list(skipped))
    if from_number:
        found = found.filter(number__gte=from_number)
    return [_waiting(row) for row in found[:size]]


def queue_before(
    scope: Scope, doubtful_below: float, number: str, *, reason: str = "", skipped: Sequence[str] = ()
) -> str:
    """The customer before this one; '' at the beginning."""
    found = waiting(scope, doubtful_below, reason).filter(number__lt=number).exclude(number__in=list(skipped))
    return found.order_by("-number").values_list("number", flat=True).first() or ""


def waiting_customer(scope: Scope, number: str) -> Waiting | None:
    """One customer within scope, waiting or not (a decision may be looked at again); None out of scope."""
    row = visible_customers(scope).filter(number=number).first()
    return None if row is None else _waiting(row)


def patterns(scope: Scope, doubtful_below: float, *, least: int, limit: int) -> list[Pattern]:
    """What many waiting addresses share, the most frequent first."""
    queue = waiting(scope, doubtful_below).filter(code_status="manual").order_by().values("number")
    known = regions.known_addresses().filter(customer_number__in=queue).exclude(fragment="")
    found = known.order_by().values("area_code", "fragment").annotate(n=Count("pk")).filter(n__gte=least)
    return [
        Pattern(row["area_code"], row["fragment"], row["n"])
        for row in found.order_by("-n", "area_code", "fragment")[:limit]
    ]


def pattern_numbers(scope: Scope, doubtful_below: float, area_code: str, fragment: str) -> list[str]:
    """The customers of a pattern who wait, by number."""
    known = regions.known_addresses().filter(area_code=area_code, fragment=fragment)
    queue = waiting(scope, doubtful_below).filter(
        code_status="manual", number__in=known.values("customer_number")
    )
    return list(queue.values_list("number", flat=True))


def _waiting(row: Customer) -> Waiting:
    manual = row.code_status == "manual"
    return Waiting(
        row.number,
        row.code_reason or "no_region" if manual else DOUBTFUL,
        row.code_confidence or 0.0,
        row.community_code,
        tuple(code for code in (row.code_candidates or "").split(",") if code),
    )
