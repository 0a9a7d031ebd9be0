"""Reads of the access log: who looked at a record, what is left of a day's quota, and the log itself for auditors.

Lists take a Scope (it applies to who looked). Pages are keyset pages by id, which ascends with time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connections
from django.db.models import Count, Q, QuerySet, Sum

from tuogu.accesslog.audited import audit_tables as audit_tables
from tuogu.accesslog.exposure import Busy as Busy
from tuogu.accesslog.exposure import Viewed as Viewed
from tuogu.accesslog.exposure import by_hour as by_hour
from tuogu.accesslog.exposure import removals as removals
from tuogu.accesslog.exposure import top_viewers as top_viewers
from tuogu.accesslog.guards import missing_of
from tuogu.accesslog.models import Sighting
from tuogu.accesslog.router import side_alias
from tuogu.org import queries as org
from tuogu.org.scope import Scope


@dataclass(frozen=True)
class Look:
    """One row: `person` is a custodian id, `subject` the number that was looked at."""

    id: int
    at: datetime
    person: int
    kind: str
    label: str
    subject_kind: str
    subject: str
    fields: str
    reason: str
    rows: int
    digest: str
    mark: str


@dataclass(frozen=True)
class LogFilter:
    """What the list is narrowed to; empty fields narrow nothing. Days are both included."""

    person: int | None = None
    kind: str = ""
    subject_kind: str = ""
    subject: str = ""
    first_day: date | None = None
    last_day: date | None = None
    mark: str = ""


@dataclass(frozen=True)
class LogPage:
    """Rows newest first, and the ids to go on from; None = that is the end."""

    rows: list[Look]
    older: int | None
    newer: int | None


def who_looked(subject_kind: str, subject: str, limit: int = 10) -> list[Look]:
    """The newest looks at one record, newest first."""
    rows = Sighting.objects.filter(subject_kind=subject_kind, subject=subject).order_by("-at", "-id")
    return [_look(row) for row in rows[:limit]]


def who_looked_at(subjects: Mapping[str, Iterable[str]], limit: int = 10) -> list[Look]:
    """The newest looks at any of some records, by kind of subject, newest first."""
    wanted = Q(pk__in=[])
    for kind, numbers in subjects.items():
        wanted |= Q(subject_kind=kind, subject__in=sorted(set(numbers)))
    return [_look(row) for row in Sighting.objects.filter(wanted).order_by("-at", "-id")[:limit]]


def reveals_left(person: int, day: date, per_day: int) -> int:
    """How many reveals `person` has left on that day under a quota of `per_day`."""
    used = Sighting.objects.filter(person_id=person, day=day, kind=Sighting.Kind.REVEAL).count()
    return max(per_day - used, 0)


def rows_seen(person: int, day: date, subjects: Iterable[str]) -> int:
    """How many rows of some lists (their route names) a person was shown on that day."""
    rows = Sighting.objects.filter(
        person_id=person, day=day, kind=Sighting.Kind.LIST, subject__in=list(subjects)
    )
    return int(rows.aggregate(n=Sum("rows"))["n"] or 0)


def printed_pages(marks: Sequence[str]) -> list[Look]:
    """The page views whose prints carry one of these marks."""
    rows = Sighting.objects.filter(mark__in=marks, kind__in=[Sighting.Kind.LIST, Sighting.Kind.OPEN])
    return [_look(row) for row in rows.exclude(mark="").order_by("pk")]


def log_page(
    scope: Scope, wanted: LogFilter, *, before: int | None = None, after: int | None = None, size: int = 50
) -> LogPage:
    """One page, newest first: the newest, the next older (`before` an id), or the next newer (`after` an id)."""
    rows = _rows(scope, wanted)
    if after is not None:
        found = list(rows.filter(id__gt=after).order_by("id")[: size + 1])
        more, page = len(found) > size, found[:size][::-1]
        return _page(page, older=bool(page), newer=more)
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows.order_by("-id")[: size + 1])
    return _page(found[:size], older=len(found) > size, newer=before is not None)


def log_totals(scope: Scope, wanted: LogFilter) -> dict[str, int]:
    """Rows of each kind, and `rows_out` = how many rows left in exports: for the second request of the list."""
    counted = _rows(scope, wanted).values("kind").annotate(n=Count("id"), rows=Sum("rows"))
    found = {row["kind"]: row for row in counted}
    totals = {str(kind): int(found[kind]["n"]) if kind in found else 0 for kind in Sighting.Kind.values}
    out = found.get(Sighting.Kind.EXPORT)
    return totals | {"all": sum(totals.values()), "rows_out": int(out["rows"]) if out else 0}


@dataclass(frozen=True)
class Looks:
    """How often personal data was looked at in some days, and how many rows left in exports."""

    opened: int
    revealed: int
    exported: int
    rows_out: int


def looks(scope: Scope, today: date, days: int) -> tuple[Looks, Looks]:
    """Looks by people within scope: of today, and of the last `days` days with today among them."""
    rows = _rows(scope, LogFilter(first_day=today - timedelta(days=days - 1)))
    counted = [dict(row) for row in rows.values("day", "kind").annotate(n=Count("id"), rows=Sum("rows"))]
    return _looks([row for row in counted if row["day"] == today]), _looks(counted)


def _looks(counted: list[dict[str, Any]]) -> Looks:
    def total(kind: str, column: str) -> int:
        return sum(int(row[column]) for row in counted if row["kind"] == kind)

    kind = Sighting.Kind
    return Looks(
        total(kind.OPEN, "n"), total(kind.REVEAL, "n"), total(kind.EXPORT, "n"), total(kind.EXPORT, "rows")
    )


def kinds() -> list[tuple[str, str]]:
    """(code, label) of every kind of look, for the filter."""
    return [(str(code), str(label)) for code, label in Sighting.Kind.choices]


def missing_guards() -> list[str]:
    """Names of this room's append-only triggers that are not there."""
    return missing_of(connections[side_alias()])


def _rows(scope: Scope, wanted: LogFilter) -> QuerySet[Sighting]:
    rows = Sighting.objects.all()
    visible = org.custodians_within(scope)
    if visible is not None:
        rows = rows.filter(person_id__in=sorted(visible))  # ids as values: people lie in the other database
    exact = {
        "person_id": wanted.person, "kind": wanted.kind, "subject_kind": wanted.subject_kind,
        "subject": wanted.subject, "mark": wanted.mark, "day__gte": wanted.first_day, "day__lte": wanted.last_day,
    }  # fmt: skip
    return rows.filter(Q(**{name: value for name, value in exact.items() if value not in (None, "")}))


def _page(rows: list[Sighting], *, older: bool, newer: bool) -> LogPage:
    return LogPage(
        [_look(row) for row in rows],
        older=rows[-1].pk if rows and older else None,
        newer=rows[0].pk if rows and newer else None,
    )


def _look(row: Sighting) -> Look:
    return Look(
        int(row.pk), row.at, row.person_id, row.kind, row.get_kind_display(), row.subject_kind, row.subject,
        row.fields, row.reason, row.rows, row.digest, row.mark,
    )  # fmt: skip
