"""What a list of policies is narrowed to, and in which order it stands.

In: PolicyFilter, a sort key, the day. Out: conditions on ListedPolicy, keyset marks. Never: a number skipped or shown
twice while paging: every order ends with the subject's id.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from tuogu.books.models import ListedPolicy
from tuogu.books.search import Search, SearchKind, holders_found
from tuogu.core.tables import LIVE_STATES
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org

VIEWS = ("all", "orphans", "buffer", "due", "lapsed", "manual")
SORTS = {"due": "next_due_date", "premium": "yearly_premium_fen", "number": "number"}
# digits of an official region code → the column that holds it
_COLUMN_OF_DIGITS = {6: "district_code", 9: "street_code", 12: "community_code"}
_DISPLAY_DIGITS = 8  # length of a display code down to the community
# `live__in=YES`: SQLite goes by an index for a comparison, never for a bare `WHERE live`.
YES, NO = [True], [False]


@dataclass(frozen=True)
class PolicyFilter:
    """What to show; empty fields narrow nothing. Only live policies, unless `state` names another.

    view         one of VIEWS: all live ones; orphans; orphans that the buffer group holds; due in the month of the day;
                 lapsed; those whose address waits for a person
    region       code of a district, street or community: everything below it
    institution  code: everything managed at or below it
    due_from, due_until   months of the next due day, half open
    numbers      only these (a selection)
    subjects     only these ids, or those of a query (what another room found: a unit of a plan); None = any
    """

    view: str = "all"
    state: str = ""
    region: str = ""
    street: str = ""
    orphan_type: str = ""
    service_class: str = ""
    institution: str = ""
    due_from: date | None = None
    due_until: date | None = None
    custodian: int | None = None
    search: Search | None = None
    numbers: tuple[str, ...] = ()
    subjects: tuple[int, ...] | QuerySet[Any] | None = None

    @property
    def countable(self) -> bool:
        """Whether ListedSum can answer for it: only columns that it keeps."""
        held = self.custodian is not None or self.view in ("buffer", "due")
        named = self.search or self.numbers or self.subjects is not None
        return not (held or named or self.region or self.due_from or self.due_until)


def month_of(day: date) -> tuple[date, date]:
    """First day of the month, first day of the next."""
    first = day.replace(day=1)
    return first, date(first.year + first.month // 12, first.month % 12 + 1, 1)


def shared_condition(wanted: PolicyFilter) -> Q:
    """The part that reads columns of ListedPolicy and ListedSum alike."""
    found = Q(live__in=YES) if wanted.state in ("", *LIVE_STATES) else Q(live__in=NO)
    if wanted.numbers and not wanted.state:  # a selection says itself what it holds
        found = Q()
    if wanted.state:
        found &= Q(state=wanted.state)
    if wanted.view in ("orphans", "buffer"):
        found &= Q(orphan__in=YES)
    if wanted.view == "lapsed":
        found &= Q(state="lapsed")
    exact = {
        "street_code": wanted.street,
        "orphan_type": wanted.orphan_type,
        "service_class": wanted.service_class,
    }
    found &= Q(**{name: value for name, value in exact.items() if value})
    if wanted.institution:
        found &= Q(institution_code__in=org.institutions_below(wanted.institution))
    return found


def condition(wanted: PolicyFilter, as_of: date) -> Q:
    """Everything that `wanted` says, on ListedPolicy."""
    found = shared_condition(wanted)
    first, until = month_of(as_of)
    if wanted.view == "due":
        found &= Q(next_due_date__gte=first, next_due_date__lt=until)
    if wanted.view == "manual":
        found &= Q(community_code__isnull=True)
    if wanted.view == "buffer":
        found &= held_by(org.buffer_group())
    if wanted.custodian is not None:
        found &= held_by(wanted.custodian)
    if wanted.region:
        found &= _below(wanted.region)
    if wanted.due_from:
        found &= Q(next_due_date__gte=wanted.due_from)
    if wanted.due_until:
        found &= Q(next_due_date__lt=wanted.due_until)
    if wanted.numbers:
        found &= Q(number__in=wanted.numbers)
    if wanted.subjects is not None:
        found &= Q(pk__in=wanted.subjects)
    if wanted.search is not None:
        found &= searched(wanted.search)
    return found


def held_by(custodian: int) -> Q:
    """A pool holds a large share of everything: ask each row. A person holds a few hundred: let them lead."""
    held = ledger.held_by([custodian])
    if org.is_pool(custodian):
        return Q(Exists(held.filter(subject_id=OuterRef("pk"))))
    return Q(subject_id__in=held)


def _below(region: str) -> Q:
    column = _COLUMN_OF_DIGITS.get(len(region))
    return Q(**{column: region}) if column else Q(community_code__startswith=region)


def searched(search: Search) -> Q:
    if search.kind is SearchKind.POLICY:
        return Q(number=search.value)
    if search.kind is SearchKind.TAIL:
        return Q(tail__in={search.value, search.value.upper()})
    if search.kind is SearchKind.DISPLAY:
        code = search.value[:_DISPLAY_DIGITS]
        return Q(display_code=code) if len(code) == _DISPLAY_DIGITS else Q(display_code__startswith=code)
    if search.personal:
        holders = holders_found(search)
        return Q(holder_number__in=holders) | Q(insured_number__in=holders)
    return Q(pk__in=[])


# --- order and keyset marks -------------------------------------------------------------------------


def order_of(sort: str) -> tuple[str, bool]:
    """Column and whether it descends; an unknown key is the default order, by due day."""
    column = SORTS.get(sort.removeprefix("-"))
    return (column, sort.startswith("-")) if column else (SORTS["due"], False)


def mark_of(row: ListedPolicy, sort: str) -> str:
    """The mark of a row in that order: its value and its subject, no personal data."""
    return f"{getattr(row, order_of(sort)[0])}~{row.pk}"


def beyond(mark: str, sort: str, *, backwards: bool) -> Q:
    """Rows after `mark` in that order (before it when `backwards`); a mark that is none matches nothing.

    The first condition alone says it all to an index; the second leaves out what stands at the mark itself.
    """
    column, descending = order_of(sort)
    value, _, subject = mark.rpartition("~")
    if not subject.isdigit() or not _readable(column, value):
        return Q(pk__in=[])
    way = "lt" if descending != backwards else "gt"
    return Q(**{f"{column}__{way}e": value}) & (
        Q(**{f"{column}__{way}": value}) | Q(**{column: value, f"pk__{way}": int(subject)})
    )


def _readable(column: str, value: str) -> bool:
    if column == "next_due_date":
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
    if column == "yearly_premium_fen":
        return value.lstrip("-").isdigit()
    return bool(value)


def ordering(sort: str, *, backwards: bool = False) -> Iterable[str]:
    """For `order_by`."""
    column, descending = order_of(sort)
    sign = "-" if descending != backwards else ""
    return (f"{sign}{column}", f"{sign}pk")
