"""The distribution record within a scope: an entry of the ledger is visible when its policy is (P-12, P-18).

In: a scope, what is looked for, a mark. Out: pages of entries and batches. Never: an entry of a policy out of scope; of
what is no policy, for anybody but those who see everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from tuogu.books.models import ListedPolicy
from tuogu.books.visible import Visible, visible
from tuogu.ledger import queries as ledger
from tuogu.org.scope import Scope


@dataclass(frozen=True)
class AssignmentFilter:
    """What to show; empty fields narrow nothing.

    number    a policy number or its last four characters, or a customer number
    custodian who held it before or holds it through the entry
    since, until   days of recording, half open
    """

    number: str = ""
    custodian: int | None = None
    batch: int | None = None
    batch_key: str = ""
    kind: str = ""
    relation: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class AssignmentPage:
    """Newest first; marks of the pages around it, null where there is none."""

    rows: tuple[ledger.Assignment, ...]
    before: str | None
    after: str | None


@dataclass(frozen=True)
class BatchPage:
    """Newest first; marks of the pages around it, null where there is none."""

    rows: tuple[ledger.PostedBatch, ...]
    before: str | None
    after: str | None


def assignment_page(
    scope: Scope,
    wanted: AssignmentFilter,
    *,
    after: str | None = None,
    before: str | None = None,
    size: int = 40,
) -> AssignmentPage:
    """The newest entries, those after the mark `after` (older), or those before the mark `before` (newer)."""
    rows = visible_entries(scope).filter(_wanted(wanted))
    page, marks = _keyset(rows, ("recorded_date", "pk"), after, before, size)
    return AssignmentPage(tuple(ledger.told(page)), *marks)


def assignment_count(scope: Scope, wanted: AssignmentFilter) -> int:
    """How many there are: the second request of the list."""
    return int(visible_entries(scope).filter(_wanted(wanted)).count())


def batch_page(
    scope: Scope, kind: str = "", *, after: str | None = None, before: str | None = None, size: int = 40
) -> BatchPage:
    """The newest batches that moved something within scope."""
    page, marks = _keyset(batches_within(scope, kind), ("pk",), after, before, size)
    return BatchPage(tuple(ledger.told_batches(page)), *marks)


def batches_within(scope: Scope, kind: str = "") -> QuerySet[Any]:
    """The batches that moved something within scope."""
    rows = ledger.posted_batches().filter(_seen_batches(scope))
    return rows.filter(kind=kind) if kind else rows


def batch_record(scope: Scope, batch_id: int) -> ledger.PostedBatch | None:
    """One batch; None when there is none or nothing of it is within scope."""
    found = list(ledger.posted_batches().filter(_seen_batches(scope), pk=batch_id))
    return ledger.told_batches(found)[0] if found else None


def visible_batches(scope: Scope, batch_ids: Iterable[int]) -> frozenset[int]:
    """Those of the batches that moved something within scope: links to others would lead nowhere."""
    rows = ledger.posted_batches().filter(_seen_batches(scope), pk__in=list(batch_ids))
    return frozenset(rows.values_list("pk", flat=True))


def _seen_batches(scope: Scope) -> Q:
    seen = visible(scope)
    if seen.everything:
        return Q()
    return Q(Exists(ledger.entries().filter(_seen(seen), batch_id=OuterRef("pk"))))


def visible_entries(scope: Scope) -> QuerySet[Any]:
    """The entries about policies within scope."""
    return ledger.entries().filter(_seen(visible(scope)))


def _seen(seen: Visible) -> Q:
    """The condition on entries."""
    if seen.everything:
        return Q()
    if seen.only_people:
        return Q(subject_id__in=ledger.held_by(seen.custodians))
    return Q(Exists(ListedPolicy.objects.filter(seen.condition(), pk=OuterRef("subject_id"))))


def _wanted(wanted: AssignmentFilter) -> Q:
    found = Q()
    if wanted.number:
        tail = {wanted.number, wanted.number.upper()}
        listed = ListedPolicy.objects.filter(Q(number=wanted.number) | Q(tail__in=tail))
        customers = ledger.customer_subjects(wanted.number)
        found &= Q(subject_id__in=listed.values("pk")) | Q(subject_id__in=customers)
    if wanted.custodian is not None:
        found &= Q(custodian_id=wanted.custodian)
    if wanted.batch is not None:
        found &= Q(batch_id=wanted.batch)
    if wanted.batch_key:
        found &= Q(batch__in=ledger.posted_batches().filter(key__startswith=wanted.batch_key).values("pk"))
    if wanted.kind:
        found &= ledger.of_kind(wanted.kind)
    if wanted.relation:
        found &= Q(relation=wanted.relation)
    if wanted.since:
        found &= Q(recorded_date__gte=wanted.since)
    if wanted.until:
        found &= Q(recorded_date__lt=wanted.until)
    return found


def _keyset(
    rows: QuerySet[Any], columns: tuple[str, ...], after: str | None, before: str | None, size: int
) -> tuple[list[Any], tuple[str | None, str | None]]:
    """A page in descending order of `columns` (the last is unique), and the marks before and after it."""
    mark = before or after
    if mark:
        rows = rows.filter(_beyond(mark, columns, "gt" if before else "lt"))
    sign = "" if before else "-"
    found = list(rows.order_by(*(f"{sign}{column}" for column in columns))[: size + 1])
    more, page = len(found) > size, found[:size]
    if before:
        page.reverse()
    if not page:
        return page, (None, None)
    newer = _mark(page[0], columns) if (more if before else mark) else None
    older = _mark(page[-1], columns) if (more if not before else True) else None
    return page, (newer, older)


def _mark(row: Any, columns: tuple[str, ...]) -> str:
    return "~".join(str(getattr(row, column)) for column in columns)


def _beyond(mark: str, columns: tuple[str, ...], way: str) -> Q:
    """Rows beyond the mark; a mark that is none matches nothing."""
    values = mark.split("~")
    if len(values) != len(columns) or not values[-1].isdecimal():
        return Q(pk__in=[])
    if len(columns) == 1:
        return Q(**{f"pk__{way}": int(values[0])})
    try:
        day = date.fromisoformat(values[0])
    except ValueError:
        return Q(pk__in=[])
    first = columns[0]
    return Q(**{f"{first}__{way}e": day}) & (
        Q(**{f"{first}__{way}": day}) | Q(**{first: day, f"pk__{way}": int(values[1])})
    )
