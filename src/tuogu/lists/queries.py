"""Reads of the lists: the views that a person sees, in which one a list opens, which columns it shows.

In: a person, a list. Out: plain values, in one or two queries. Never: a private view of somebody else; a row of any list (a
view is an address: what it shows is the reader's own scope).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from tuogu.lists.known import LISTS, KnownList, kept_query
from tuogu.lists.models import ChosenColumns, DefaultView, SavedView
from tuogu.org import queries as org

__all__ = [
    "LISTS",
    "KeptView",
    "KnownList",
    "chosen_columns",
    "default_view",
    "kept_query",
    "views_of",
    "visible_view",
]


@dataclass(frozen=True)
class KeptView:
    """One saved view. `own`: the reader saved it; `shared`: others see it too, `shared_with` says where ('' = all)."""

    id: int
    person: int
    list_name: str
    name: str
    query: str
    columns: tuple[str, ...]
    own: bool
    shared: bool
    shared_with: str


def views_of(person: int, list_name: str, on: date) -> list[KeptView]:
    """The own views in their order, then what is shared with the person, by name: three queries."""
    rows = _visible(person, on).filter(list_name=list_name).select_related("shared_with")
    found = [_kept(row, person) for row in rows.order_by("place", "pk")]
    return [v for v in found if v.own] + sorted((v for v in found if not v.own), key=lambda v: v.name)


def visible_view(person: int, list_name: str, view_id: int, on: date) -> KeptView | None:
    """One view that the person may open; None for any other."""
    row = _visible(person, on).filter(list_name=list_name, pk=view_id).select_related("shared_with").first()
    return _kept(row, person) if row else None


def default_view(person: int, list_name: str) -> int | None:
    """The view in which the list opens for this person; None = as for everybody."""
    rows = DefaultView.objects.filter(person_id=person, list_name=list_name)
    return rows.values_list("view_id", flat=True).first()


def chosen_columns(
    person: int, list_name: str, every: Iterable[str], usual: Iterable[str], *, view: KeptView | None = None
) -> tuple[str, ...]:
    """Keys of the columns to show, in the order of the list: what the person chose for this view, else what the view was
    saved with, else what the person chose for the list, else `usual`."""
    view_id = view.id if view else None
    rows = ChosenColumns.objects.filter(Q(view_id=view_id) | Q(view__isnull=True), person_id=person)
    choices: dict[int | None, list[str]] = dict(
        rows.filter(list_name=list_name).values_list("view_id", "columns")
    )
    chosen = choices.get(view_id) if view else None
    if chosen is None and view and view.columns:
        chosen = list(view.columns)
    if chosen is None:
        chosen = choices.get(None)
    wanted = set(usual if chosen is None else chosen)
    return tuple(key for key in every if key in wanted)


def _visible(person: int, on: date) -> QuerySet[SavedView]:
    above = org.institutions_above(person, on)
    shared = Q(shared_everywhere=True) | Q(shared_with__code__in=sorted(above))
    return SavedView.objects.filter(Q(person_id=person) | shared)


def _kept(row: SavedView, person: int) -> KeptView:
    return KeptView(
        id=int(row.pk),
        person=row.person_id,
        list_name=row.list_name,
        name=row.name,
        query=row.query,
        columns=tuple(row.columns),
        own=row.person_id == person,
        shared=row.shared_everywhere or row.shared_with_id is not None,
        shared_with=row.shared_with.name if row.shared_with else "",
    )
