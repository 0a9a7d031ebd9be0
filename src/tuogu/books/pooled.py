"""Why policies are in a pool, and for how long: every policy counted once, under the first reason that fits.

In: a scope, a pool, what the approved plan says of policies (`PlanWords`). Out: one line a reason, whose sum is what the
ledger says the pool holds. Never: a policy under two reasons, a policy of the pool under none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, Case, CharField, Count, F, Func, Min, Q, QuerySet, Value, When

from tuogu.books.listed import ListedRow, shown_rows
from tuogu.books.listing import NEVER_DUE
from tuogu.books.models import ImportRun, ListedPolicy
from tuogu.books.visible import Visible, visible
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.org.scope import Scope
from tuogu.process_memory import memory as cache

REASONS = (
    "planned",
    "leaver",
    "uncoded",
    "difficult",
    "problem",
    "lapsed",
    "no_receiver",
    "not_due",
    "undone",
    "fresh",
)


@dataclass(frozen=True)
class PlanWords:
    """What the plans in force say. `planned`: subject ids that wait for their instalment's day; `unplaced`: reason of
    REASONS → policy numbers that the territory plan has listed as without a receiver; `version` changes with all of it."""

    planned: QuerySet[Any]
    unplaced: Mapping[str, list[str]]
    version: str


class _Among(Func):
    """Whether a number is one of many, which travel as one value however many they are."""

    arity = 2
    output_field = BooleanField()
    template = "%(expressions)s))"
    arg_joiner = " IN (SELECT value FROM json_each("

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        unfolded = " IN (SELECT json_array_elements_text("
        return self.as_sql(compiler, connection, arg_joiner=unfolded, template="%(expressions)s::json))")


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


def pool_lines(scope: Scope, pool: int, said: PlanWords) -> list[PoolLine]:
    """What of the pool lies within scope by reason, in the order of REASONS, reasons without a policy left out.

    A policy that the plan in force has listed as unplaced stands under the plan's reason, so that both pages tell the same;
    what the plan does not know is judged here:

    planned      a plan in force releases it on a day to come
    leaver       its holder left: comes back from a person, waits for the next plan
    uncoded      its address waits for a person
    difficult    attempts to reach the customer failed; served by hand
    problem      hard or problem nature: specialists look at it first
    lapsed       lapsed: reinstatement comes before any allocation
    no_receiver  the plan found nobody with room
    not_due      a single premium or fully paid: territories do not take it
    undone       was released and taken back
    fresh        everything else: new since the last plan

    Kept until the ledger, the stock or the plan's words change: a pool of a million would cost a second.
    """
    newest = ImportRun.objects.order_by("-id").values_list("id", flat=True).first() or 0
    seen = visible(scope)
    key = f"books.pool_lines:{pool}:{ledger.version()}:{newest}:{said.version}:{seen.digest}"
    found = cache.get(key)
    if found is None:
        found = _counted(seen, pool, said)
        cache.set(key, found)
    return list(found)


def pool_page(
    scope: Scope, pool: int, reason: str, said: PlanWords, *, after: int = 0, size: int = 40
) -> PoolPage:
    """The policies under one reason of `pool_lines`, by subject from the one after `after` on."""
    held = _held(visible(scope), pool).annotate(reason=_reason(said))
    found: list[ListedPolicy] = [*held.filter(reason=reason, pk__gt=after).order_by("pk")[: size + 1]]
    page = found[:size]
    return PoolPage(shown_rows(page), page[-1].pk if len(found) > size else None)


def _held(seen: Visible, pool: int) -> QuerySet[ListedPolicy]:
    return ListedPolicy.objects.filter(
        seen.condition(), subject__holdings__relation=Relation.CUSTODY, subject__holdings__custodian_id=pool
    )


def _counted(seen: Visible, pool: int, said: PlanWords) -> list[PoolLine]:
    by_reason = (
        _held(seen, pool)
        .annotate(reason=_reason(said))
        .values("reason")
        .annotate(policies=Count("pk"), oldest_date=Min("subject__holdings__since_date"))
    )
    found = {row["reason"]: PoolLine(row["reason"], row["policies"], row["oldest_date"]) for row in by_reason}
    return [found[reason] for reason in REASONS if reason in found]


def _reason(said: PlanWords) -> Case:
    """Sets of ids are read once and asked by hash; nothing here looks a row up for each policy."""
    rules: list[tuple[str, Any]] = [("planned", Q(pk__in=said.planned))]
    rules += [
        (reason, _Among(F("number"), Value(json.dumps(list(numbers)))))
        for reason, numbers in said.unplaced.items()
    ]
    own = {
        "leaver": Q(subject__holdings__entry_id__in=ledger.entries_of_kind(EntryKind.LEAVE)),
        "uncoded": Q(community_code__isnull=True),
        "difficult": Q(service_class="difficult"),
        "problem": Q(nature__in=["hard", "problem"]),
        "lapsed": Q(state="lapsed"),
        "not_due": Q(payments_per_year=0)
        | Q(payments_per_year__isnull=True)
        | Q(next_due_date__gte=NEVER_DUE),
        "undone": Q(subject__holdings__entry_id__in=ledger.entries_of_kind(EntryKind.UNDO)),
    }
    return Case(
        *(When(rule, then=Value(reason)) for reason, rule in [*rules, *own.items()]),
        default=Value("fresh"),
        output_field=CharField(),
    )
