"""What every list shows of saved views and chosen columns; the trail that a record is opened with.

In: a request, the name of a list, its columns. Out: context of the page. Never: a search for a person in a trail's text (the
mark of one means nothing outside the session), a view of somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from tuogu.lists import queries as lists
from tuogu.lists.failures import ListRefused
from tuogu.web.paging import id_of
from tuogu.web.parts import View
from tuogu.web.viewer import Viewer, ViewerRequest

_PASSING = frozenset({"after", "before", "first", "size", "saved", "in"})
NOTHING_NARROWED = "all"  # the trail of a list that stands as it opens


class Column(Protocol):
    """What a list's columns have in common."""

    @property
    def key(self) -> str: ...
    @property
    def chosen(self) -> bool: ...


def opens_in_default(request: ViewerRequest, list_name: str) -> HttpResponse | None:
    """To the view in which the list opens for this person, when no address was asked for; None = stay."""
    if request.GET:
        return None
    view_id = lists.default_view(request.viewer.person, list_name)
    view = _view(request.viewer, list_name, view_id)
    return redirect(address_of(view)) if view else None


def address_of(view: lists.KeptView) -> str:
    """The address that a saved view leads to."""
    marked = urlencode({"saved": view.id})
    query = f"{view.query}&{marked}" if view.query else marked
    return f"{reverse(lists.LISTS[view.list_name].url_name)}?{query}"


def current_view(viewer: Viewer, list_name: str, query: Mapping[str, str]) -> lists.KeptView | None:
    """The saved view that the address names; None when it names none that this person may open."""
    return _view(viewer, list_name, id_of(query.get("saved", "")))


def shown_columns(
    viewer: Viewer, list_name: str, columns: Iterable[Column], query: Mapping[str, str]
) -> tuple[str, ...]:
    """Keys of the columns that this person sees of the list at this address: page and export alike."""
    every = list(columns)
    return lists.chosen_columns(
        viewer.person,
        list_name,
        [column.key for column in every],
        [column.key for column in every if column.chosen],
        view=current_view(viewer, list_name, query),
    )


def saved_views(request: ViewerRequest, list_name: str) -> dict[str, Any]:
    """Tabs of the saved views, whether this address may be saved, and the trail for records."""
    viewer, query = request.viewer, request.GET
    kept = lists.views_of(viewer.person, list_name, viewer.today)
    chosen = id_of(query.get("saved", ""))
    return {
        "list_name": list_name,
        "saved_tabs": [View(view.name, address_of(view), current=view.id == chosen) for view in kept],
        "saved_view": next((view for view in kept if view.id == chosen), None),
        "savable": _savable(list_name, query),
        "trail": trail(query),
    }


def trail(query: QueryDict) -> str:
    """`?in=…`: the list's own address, carried along by links to its records."""
    kept = [(name, value) for name, value in query.items() if name not in _PASSING and value]
    return "?" + urlencode({"in": urlencode(kept) or NOTHING_NARROWED})


def trailed(request: ViewerRequest) -> QueryDict | None:
    """The list's address that a record was opened with; None when it was opened otherwise."""
    carried = request.GET.get("in", "")
    if not carried:
        return None
    return QueryDict("" if carried == NOTHING_NARROWED else carried)


def beside_links(url_name: str, beside: Any, query: QueryDict) -> dict[str, Any]:
    """Context of `lists/_beside.html`: neighbours as links that carry the list along."""
    carried = trail(query)

    def url(key: str | None) -> str:
        return "" if key is None else reverse(url_name, args=[key]) + carried

    return {"beside": beside, "before_url": url(beside.before), "after_url": url(beside.after)}


def list_url(list_name: str, query: QueryDict) -> str:
    """The list with this address."""
    return f"{reverse(lists.LISTS[list_name].url_name)}?{query.urlencode()}"


def tabs_with(saved: Sequence[View], built_in: Sequence[View]) -> list[View]:
    """Built-in views first; while a saved one is open none of them is current."""
    if not any(view.current for view in saved):
        return [*built_in, *saved]
    return [*(View(view.name, view.url, view.count) for view in built_in), *saved]


def _view(viewer: Viewer, list_name: str, view_id: int | None) -> lists.KeptView | None:
    return None if view_id is None else lists.visible_view(viewer.person, list_name, view_id, viewer.today)


def _savable(list_name: str, query: QueryDict) -> bool:
    try:
        lists.kept_query(list_name, query.urlencode())
    except ListRefused:
        return False
    return True
