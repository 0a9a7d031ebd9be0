"""Why policies are in a pool, and for how long: every policy counted once, under the first reason that fits.

In: a scope, a pool, the subjects that a plan has set aside for a coming release. Out: one line a reason, whose sum is
what the ledger says the pool holds. Never: a policy under two reasons, a policy of the pool under none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db.models import Case, CharField, Count, Exists, Min, OuterRef, Q, QuerySet, Value, When

from tuogu.books.listed import ListedRow, shown_rows
from tuogu.books.models import ImportRun, ListedPolicy
from tuogu.books.visible import Visible, visible
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.org.scope import Scope

REASONS = (
    "leaver",
    "planned",
    "uncoded",
    "difficult",
    "problem",
    "lapsed",
    "no_receiver",
    "not_due",
    "fresh",
)


@dataclass(frozen=True)
class PoolLine:
    """One reason of REASONS: how many, and the day since when the oldest waits."""

    reason: str
    policies: int
    oldest_date: date


@dataclass(frozen=True)
class PoolPage:
    """Some policies of one reason; `after`: the subject to go on from, None at the end."""

    rows: tuple[ListedRow, ...]
    after: int | None


def pool_lines(
    scope: Scope, pool: int, *, planned: QuerySet[Any], no_receiver: Iterable[str], version: str
) -> list[PoolLine]:
    """What of the pool lies within scope by reason, in the order of REASONS, reasons without a policy left out.

    leaver       its holder left: comes back from a person, waits for the next plan
    planned      among `planned` (subject ids): an approved plan releases it on a day to come
    uncoded      its address waits for a person
    difficult    attempts to reach the customer failed; served by hand
    problem      hard or problem nature: specialists look at it first
    lapsed       lapsed: reinstatement comes before any allocation
    no_receiver  among `no_receiver` (policy numbers): a plan found nobody with room
    not_due      a single premium or fully paid: territories do not take it
    fresh        everything else: new since the last plan

    Kept until the ledger, the stock or `version` (of the plan) changes: a pool of a million would cost a second.
    """
    newest = ImportRun.objects.order_by("-id").values_list("id", flat=True).first() or 0
    seen = visible(scope)
    key = f"books.pool_lines:{pool}:{ledger.version()}:{newest}:{version}:{seen.digest}"
    found = cache.get(key)
    if found is None:
        found = _counted(seen, pool, planned, list(no_receiver))
        cache.set(key, found)
    return list(found)


def pool_page(
    scope: Scope,
    pool: int,
    reason: str,
    *,
    planned: QuerySet[Any],
    no_receiver: Iterable[str],
    after: int = 0,
    size: int = 40,
) -> PoolPage:
    """The policies under one reason of `pool_lines`, by subject from the one after `after` on."""
    held = _held(visible(scope), pool).annotate(reason=_reason(planned, list(no_receiver)))
    found: list[ListedPolicy] = [*held.filter(reason=reason, pk__gt=after).order_by("pk")[: size + 1]]
    page = found[:size]
    return PoolPage(shown_rows(page), page[-1].pk if len(found) > size else None)


def _held(seen: Visible, pool: int) -> QuerySet[ListedPolicy]:
    return ListedPolicy.objects.filter(
        seen.condition(), subject__holdings__relation=Relation.CUSTODY, subject__holdings__custodian_id=pool
    )


def _counted(seen: Visible, pool: int, planned: QuerySet[Any], no_receiver: list[str]) -> list[PoolLine]:
    by_reason = (
        _held(seen, pool)
        .annotate(reason=_reason(planned, no_receiver))
        .values("reason")
        .annotate(policies=Count("pk"), oldest_date=Min("subject__holdings__since_date"))
    )
    found = {row["reason"]: PoolLine(row["reason"], row["policies"], row["oldest_date"]) for row in by_reason}
    return [found[reason] for reason in REASONS if reason in found]


def _reason(planned: QuerySet[Any], no_receiver: list[str]) -> Case:
    rules = {
        "leaver": Q(subject__holdings__entry__kind=EntryKind.LEAVE),
        "planned": Q(Exists(planned.filter(subject_id=OuterRef("pk")))),
        "uncoded": Q(community_code__isnull=True),
        "difficult": Q(service_class="difficult"),
        "problem": Q(nature__in=["hard", "problem"]),
        "lapsed": Q(state="lapsed"),
        "no_receiver": Q(number__in=no_receiver),
        "not_due": Q(payments_per_year=0)
        | Q(payments_per_year__isnull=True)
        | Q(next_due_date__gte=date(9999, 1, 1)),
    }
    return Case(
        *(When(rule, then=Value(reason)) for reason, rule in rules.items()),
        default=Value("fresh"),
        output_field=CharField(),
    )
