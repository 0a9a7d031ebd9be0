"""What the plans ask of people today: decisions, releases that come due, undo requests; and what they promise by month.

In: a Scope, the day, how far ahead to look. Out: plain lines. Never: a plan outside the scope (of a colleague's load only
what lies within it), a table decoded twice, more queries for more plans.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from tuogu.core.strategies import TERRITORY
from tuogu.core.tables import MONTH_COLUMNS
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import burdens, memory
from tuogu.plans.heads import PlanHead, heads_of, plans_within
from tuogu.plans.models import PlanRow, ScheduledRelease, StoredPlan, UndoStep
from tuogu.plans.reading import rulebook_of
from tuogu.plans.taken_back import taken_back
from tuogu.process_memory import memory as cache

RELEASES_MAX = 4  # an approved plan takes the place of the others: more than a year's instalments never wait
_State = ScheduledRelease.State


@dataclass(frozen=True)
class ReleaseLine:
    """An instalment that waits for its day. `moved`: rows whose custody changed since, which a release leaves out."""

    id: int
    plan: int
    strategy: str
    instalment: int
    due_date: date
    pieces: int
    moved: int
    approved_by: int | None


@dataclass(frozen=True)
class UndoAsked:
    """A request to undo a posted release, which another person must confirm."""

    release: int
    plan: int
    strategy: str
    instalment: int
    pieces: int
    by: int
    at: datetime
    reason: str


@dataclass(frozen=True)
class TakenBack:
    """Rows of a posted instalment of the plan in force that an undo took back since; nothing is scheduled for them."""

    release: int
    plan: int
    strategy: str
    instalment: int
    pieces: int


@dataclass(frozen=True)
class Attention:
    """What waits of the plans within scope. `approved`: the plan in force, None before the first."""

    approved: int | None = None
    awaiting: tuple[PlanHead, ...] = ()
    sent_back: tuple[PlanHead, ...] = ()  # newest of its maker, and nothing newer took its place
    releases: tuple[ReleaseLine, ...] = ()  # by day
    undo_asked: tuple[UndoAsked, ...] = ()
    taken_back: tuple[TakenBack, ...] = ()


@dataclass(frozen=True)
class MonthLoads:
    """Pieces due by person and month under the approved plan, whose year begins with `first_month`. `frame`: custodian_id,
    staff_number, month 1..12, due. The band is that of the plan's rulebook. `now_outside`: person-months of the same people
    that lie outside the band as custody stands now."""

    plan: int
    as_of: date
    first_month: int
    low: int
    high: int
    frame: pl.DataFrame
    now_outside: int


def attention(scope: Scope, today: date, *, days_ahead: int) -> Attention:
    """Everything that the plans within scope ask for."""
    plans = plans_within(scope)
    releases = _open_releases([stored.pk for stored in plans])
    asking = {stored.pk for stored in plans if stored.state == StoredPlan.State.AWAITING}
    asking |= {stored.pk for stored in _newest_of_makers(plans) if stored.state == StoredPlan.State.REJECTED}
    heads = heads_of([stored for stored in plans if stored.pk in asking])
    soon = today + timedelta(days=days_ahead)
    due = [row for row in releases if row.state == _State.SCHEDULED and row.due_date <= soon]
    return Attention(
        next(
            (p.pk for p in plans if p.state == StoredPlan.State.APPROVED and p.strategy == TERRITORY.name),
            None,
        ),
        tuple(head for head in heads if head.state == StoredPlan.State.AWAITING),
        tuple(head for head in heads if head.state == StoredPlan.State.REJECTED and not head.withdrawn),
        tuple(_line(row) for row in due[:RELEASES_MAX]),
        tuple(_undo_asked(releases)),
        tuple(_taken_back(releases)),
    )


def month_loads(scope: Scope, on: date) -> MonthLoads | None:
    """Loads of the people within scope under the newest approved plan; None before there is one."""
    stored = approved_territory()
    if stored is None:
        return None
    rulebook = memory.derived((stored.digest, "rulebook"), lambda: rulebook_of(stored))
    people = org.people(scope, on).select("custodian_id", "staff_number")
    loads = memory.table(stored, "loads").join(people, on="staff_number")
    low, high = rulebook["territory.month_load_min"], rulebook["territory.month_load_max"]
    return MonthLoads(
        stored.pk, stored.as_of, stored.as_of.month, low, high,
        loads.select("custodian_id", "staff_number", "month", "due"), _outside_now(stored, loads, low, high),
    )  # fmt: skip


def _outside_now(stored: StoredPlan, loads: pl.DataFrame, low: int, high: int) -> int:
    carried = burdens.current(stored).join(
        loads.select("staff_number").unique(), on="staff_number", how="semi"
    )
    outside = pl.sum_horizontal((~pl.col(month).is_between(low, high)).sum() for month in MONTH_COLUMNS)
    return int(carried.select(outside).item() or 0)


def approved_territory() -> StoredPlan | None:
    """The newest territory plan in force."""
    approved = StoredPlan.objects.select_related("rulebook").filter(
        strategy=TERRITORY.name, state=StoredPlan.State.APPROVED
    )
    return approved.order_by("-decided_at", "-id").first()


def _newest_of_makers(plans: list[StoredPlan]) -> list[StoredPlan]:
    newest: dict[int, StoredPlan] = {}
    for stored in plans:  # newest first
        newest.setdefault(stored.made_by_id, stored)
    return list(newest.values())


def _open_releases(plans: list[int]) -> list[Any]:
    """Releases that wait for their day or may still be undone, by day, each with the newest step of its undo log."""
    step = UndoStep.objects.filter(scheduled=OuterRef("pk")).order_by("-number")
    rows = ScheduledRelease.objects.filter(plan_id__in=plans, state__in=(_State.SCHEDULED, _State.POSTED))
    rows = rows.select_related("plan").defer("plan__certificate")
    last = {"last_step": Subquery(step.values("step")[:1]), "last_pk": Subquery(step.values("pk")[:1])}
    later = ScheduledRelease.objects.filter(
        plan=OuterRef("plan"), instalment=OuterRef("instalment"), attempt__gt=OuterRef("attempt")
    )
    return list(rows.annotate(**last, later=Exists(later)).order_by("due_date", "instalment"))


def _taken_back(releases: list[Any]) -> list[TakenBack]:
    """Of the plan in force; an attempt that has a later one has nothing more to ask."""
    lines = [
        TakenBack(int(row.pk), row.plan_id, row.plan.strategy, row.instalment, taken_back(row))
        for row in releases
        if row.plan.state == StoredPlan.State.APPROVED and not row.later
    ]
    return [line for line in lines if line.pieces]


def _line(row: ScheduledRelease) -> ReleaseLine:
    return ReleaseLine(
        int(row.pk),
        row.plan_id,
        row.plan.strategy,
        row.instalment,
        row.due_date,
        _rows_of(row).count(),
        _moved(row),
        row.plan.decided_by_id,
    )


def _rows_of(row: ScheduledRelease) -> QuerySet[PlanRow]:
    return PlanRow.objects.filter(plan_id=row.plan_id, instalment=row.instalment)


def _moved(row: ScheduledRelease) -> int:
    """Rows whose head is no longer the one the plan saw, and that the planned person does not hold already."""
    key = f"plans.moved:{row.pk}:{ledger.version()}"
    found = cache.get(key)
    if found is None:
        head, holder = "subject__holdings__entry_id", "subject__holdings__custodian_id"
        other_head = Q(**{f"{head}__gt": F("expected_head")}) | Q(**{f"{head}__lt": F("expected_head")})
        other_holder = (
            Q(**{f"{holder}__isnull": True})
            | Q(**{f"{holder}__gt": F("custodian_id")})
            | Q(**{f"{holder}__lt": F("custodian_id")})
        )
        found = (
            _rows_of(row)
            .filter(Q(subject__holdings__relation=row.plan.relation) & other_head & other_holder)
            .count()
        )
        cache.set(key, found)
    return int(found)


def _undo_asked(releases: list[Any]) -> list[UndoAsked]:
    """Posted releases whose log ends with a request."""
    asked = [r.last_pk for r in releases if r.state == _State.POSTED and r.last_step == UndoStep.Step.ASKED]
    if not asked:
        return []
    steps = (
        UndoStep.objects.filter(pk__in=asked)
        .select_related("scheduled__plan")
        .defer("scheduled__plan__certificate")
        .order_by("at")
    )
    return [
        UndoAsked(
            s.scheduled_id, s.scheduled.plan_id, s.scheduled.plan.strategy, s.scheduled.instalment,
            int(s.scheduled.outcome.get("posted", 0)),
            s.by_id, s.at, s.reason,
        )
        for s in steps
    ]  # fmt: skip
