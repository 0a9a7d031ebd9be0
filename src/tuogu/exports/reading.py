"""Exports as rows of a page: what was asked, what became of it, until when there is a file."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from tuogu.bulk import in_parts
from tuogu.core.custody import business_date, day_bounds
from tuogu.exports.building import expires_at
from tuogu.exports.kinds import label_of
from tuogu.exports.models import Act, Canary, Export
from tuogu.exports.pending import DECIDED, undecided
from tuogu.org import queries as org
from tuogu.org.rights import Right, rights_of
from tuogu.org.scope import Scope

STATES = {
    "waiting": "待审批", "building": "正在生成", "ready": "可下载", "expired": "已到期", "declined": "未同意",
    "withdrawn": "已撤回", "failed": "未能生成",
}  # fmt: skip
_BATCH = 10_000  # numbers of one query


@dataclass(frozen=True)
class ExportRow:
    """One export. `by` and `decided_by` are custodian ids; `expires_at` None where there never was a file."""

    id: int
    code: str
    kind: str
    label: str
    title: str
    rows: int
    clear: bool
    outside: str
    fields: str
    reason: str
    by: int
    asked_at: datetime
    state: str
    decided_by: int | None
    note: str
    expires_at: datetime | None
    fetched: int
    canaries: int
    digest: str

    @property
    def state_label(self) -> str:
        return STATES[self.state]


@dataclass(frozen=True)
class Moment:
    """One act on an export."""

    kind: str
    label: str
    by: int
    at: datetime
    rows: int | None
    note: str


@dataclass(frozen=True)
class ExportFilter:
    """What the control list is narrowed to; days are both included."""

    person: int | None = None
    kind: str = ""
    code: str = ""
    outside: bool = False
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True)
class Taker:
    """How much one person took out in a period."""

    person: int
    exports: int
    rows: int


def export(export_id: int, scope: Scope, *, now: datetime) -> ExportRow | None:
    """One export; None when unknown or out of scope."""
    return next(iter(rows_of(_within(scope).filter(pk=export_id), now)), None)


def own_page(person: int, *, now: datetime, before: int | None, size: int) -> list[ExportRow]:
    """The person's own exports, newest first."""
    return rows_of(_older(Export.objects.filter(by_id=person), before)[:size], now)


def waiting_for(person: int, scope: Scope, *, now: datetime) -> list[ExportRow]:
    """What waits for this person's word, oldest first; nothing without the right to approve."""
    standing = org.standing(person, business_date(now))
    if standing is None or Right.APPROVE_EXPORTS not in rights_of(standing.roles):
        return []
    decided = Act.objects.filter(export=OuterRef("pk"), kind__in=DECIDED)
    waiting = _within(scope).filter(~Exists(decided), needs_approval=True).exclude(by_id=person)
    return rows_of(waiting.order_by("pk"), now)


def waiting_count(person: int, scope: Scope) -> int:
    """How many wait for the word of this person, who has the right to give it; mostly none: then one query is enough."""
    waiting = undecided().exclude(by_id=person)
    asked_by = list(waiting.values_list("by_id", flat=True))
    visible = org.custodians_within(scope) if asked_by else None
    return len(asked_by) if visible is None else sum(by in visible for by in asked_by)


def decided_by(person: int, *, now: datetime, size: int) -> list[ExportRow]:
    """The newest exports that this person decided on."""
    kinds = (Act.Kind.APPROVED, Act.Kind.DECLINED)
    acts = Act.objects.filter(by_id=person, kind__in=kinds).values("export_id")
    return rows_of(Export.objects.filter(pk__in=acts).order_by("-pk")[:size], now)


def export_page(
    scope: Scope, wanted: ExportFilter, *, now: datetime, before: int | None, size: int
) -> list[ExportRow]:
    """Exports of everybody within scope, newest first: for control."""
    return rows_of(_older(_narrowed(_within(scope), wanted), before)[:size], now)


def shared_outside(scope: Scope, first: date, last: date, *, now: datetime) -> list[ExportRow]:
    """The register of what was asked for somebody outside the house (L-06), oldest first."""
    wanted = ExportFilter(outside=True, first_day=first, last_day=last)
    return rows_of(_narrowed(_within(scope), wanted).order_by("pk"), now)


def takers(scope: Scope, first: date, last: date, *, limit: int) -> list[Taker]:
    """Who took out most rows, most first; refused and withdrawn wishes not counted."""
    lost = Act.objects.filter(export=OuterRef("pk"), kind__in=[Act.Kind.DECLINED, Act.Kind.WITHDRAWN])
    rows = _narrowed(_within(scope), ExportFilter(first_day=first, last_day=last)).filter(~Exists(lost))
    counted = rows.values("by_id").annotate(n=Count("id"), taken=Sum("rows")).order_by("-taken", "by_id")
    return [Taker(row["by_id"], row["n"], row["taken"]) for row in counted[:limit]]


def history(export_id: int) -> list[Moment]:
    """Every act on an export, newest first."""
    acts = Act.objects.filter(export_id=export_id).order_by("-pk")
    return [Moment(a.kind, a.get_kind_display(), a.by_id, a.at, a.rows, a.note) for a in acts]


def canaries_among(numbers: Collection[str]) -> set[str]:
    """Those of the numbers that are invented rows of exports: they are nobody's policies."""
    wanted = sorted(set(numbers))
    return {
        number
        for part in in_parts(wanted, _BATCH)
        for number in Canary.objects.filter(number__in=part).values_list("number", flat=True)
    }


def _within(scope: Scope) -> QuerySet[Export]:
    visible = org.custodians_within(scope)
    rows = Export.objects.all()
    return rows if visible is None else rows.filter(by_id__in=visible)


def _older(rows: QuerySet[Export], before: int | None) -> QuerySet[Export]:
    return (rows if before is None else rows.filter(pk__lt=before)).order_by("-pk")


def _narrowed(rows: QuerySet[Export], wanted: ExportFilter) -> QuerySet[Export]:
    met = Q()
    if wanted.person is not None:
        met &= Q(by_id=wanted.person)
    if wanted.kind:
        met &= Q(kind=wanted.kind)
    if wanted.code:
        met &= Q(code=wanted.code)
    if wanted.outside:
        met &= ~Q(outside="")
    if wanted.first_day:
        met &= Q(asked_at__gte=day_bounds(wanted.first_day, wanted.first_day)[0])
    if wanted.last_day:
        met &= Q(asked_at__lt=day_bounds(wanted.last_day, wanted.last_day)[1])
    return rows.filter(met)


def rows_of(found: Iterable[Export], now: datetime) -> list[ExportRow]:
    """The exports with what became of them: one further query."""
    exports = list(found)
    acts: dict[int, dict[str, list[Any]]] = {e.pk: {} for e in exports}
    for act in Act.objects.filter(export_id__in=list(acts)).order_by("pk"):
        acts[act.export_id].setdefault(act.kind, []).append(act)
    return [_row(e, acts[e.pk], now) for e in exports]


def _row(row: Export, acts: dict[str, list[Any]], now: datetime) -> ExportRow:
    built = acts.get(Act.Kind.BUILT, [None])[0]
    decision = next((acts[kind][0] for kind in DECIDED if kind in acts), None)
    ends = expires_at(row, built.at) if built else None
    failed = acts.get(Act.Kind.FAILED, [None])[-1]
    said = decision if decision and decision.note else failed
    return ExportRow(
        row.pk, row.code, row.kind, label_of(row.kind), row.title, built.rows if built else row.rows, row.clear,
        row.outside, row.fields, row.reason, row.by_id, row.asked_at, _state(row, acts, ends, now),
        decision.by_id if decision else None, said.note if said else "", ends, len(acts.get(Act.Kind.FETCHED, [])),
        row.canaries if built else 0, built.digest if built else "",
    )  # fmt: skip


def _state(row: Export, acts: dict[str, list[Any]], ends: datetime | None, now: datetime) -> str:
    if Act.Kind.DECLINED in acts:
        return "declined"
    if Act.Kind.WITHDRAWN in acts:
        return "withdrawn"
    if ends is not None:
        return "expired" if Act.Kind.EXPIRED in acts or now >= ends else "ready"
    if row.needs_approval and Act.Kind.APPROVED not in acts:
        return "waiting"
    return "failed" if Act.Kind.FAILED in acts else "building"
