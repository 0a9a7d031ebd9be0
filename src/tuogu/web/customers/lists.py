"""The list of customers: the page, its totals row, the counts of its views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.web import personal
from tuogu.web.customers.columns import COLUMNS
from tuogu.web.customers.reading import chips_of, choices, wanted_of
from tuogu.web.lists.tools import opens_in_default, saved_views, shown_columns, tabs_with
from tuogu.web.paging import pager_of, size_of
from tuogu.web.parts import View
from tuogu.web.policies.reading import search_words
from tuogu.web.viewer import Viewer, ViewerRequest

DEFAULT_SORT = "due"
LIST = "customers"


@dataclass(frozen=True)
class Line:
    """One customer as a row of a page. custodians: names, the one with most policies first."""

    customer: books.CustomerRow
    shown: books.ShownCustomer | None
    custodians: list[org.KnownAs]


@never_cache
@require_safe
def customers(request: ViewerRequest) -> HttpResponse:
    """One page of one view."""
    if elsewhere := opens_in_default(request, LIST):
        return elsewhere
    viewer, query, size = request.viewer, request.GET, size_of(request.GET)
    sort = query.get("sort") or DEFAULT_SORT
    page = books.customer_page(
        viewer.scope, wanted_of(request), as_of=viewer.today, sort=sort, after=query.get("after"),
        before=query.get("before"), size=size,
    )  # fmt: skip
    shown = lines(viewer, page.rows)
    context = {
        **_filters(request),
        **_tabs(request, {}),
        "lines": shown,
        "columns": COLUMNS,
        "shown": shown_columns(viewer, LIST, COLUMNS, query),
        "kept": ("view", "sort", "size", "region", "q", "found", "saved"),
        "sort": sort,
        "page_premium_fen": sum(row.yearly_premium_fen for row in page.rows),
        "page_policies": sum(row.live for row in page.rows),
        "data_date": books.latest_data_date(),
        "page": pager_of(query, shown=len(shown), before=page.before, after=page.after),
    }
    return render(request, "customers/list.html", context)


@require_safe
def totals(request: ViewerRequest) -> HttpResponse:
    """The totals row, asked for after the page stands."""
    viewer = request.viewer
    found = books.customer_totals(viewer.scope, wanted_of(request), as_of=viewer.today)
    shown = shown_columns(viewer, LIST, COLUMNS, request.GET)
    return render(request, "customers/_totals.html", {"totals": found, "columns": COLUMNS, "shown": shown})


@require_safe
def views(request: ViewerRequest) -> HttpResponse:
    """The tabs with their counts, asked for after the page stands."""
    counts = books.customer_view_counts(request.viewer.scope, as_of=request.viewer.today)
    return render(request, "lists/_views.html", _tabs(request, counts))


def lines(viewer: Viewer, rows: tuple[books.CustomerRow, ...]) -> list[Line]:
    """The rows with masked names and the names of custodians: two queries, however many."""
    shown = personal.masked(row.number for row in rows)
    called = org.known_as({i for row in rows for i in row.custodians})
    return [
        Line(row, shown.get(row.number), [called[i] for i in row.custodians if i in called]) for row in rows
    ]


def _filters(request: ViewerRequest) -> dict[str, Any]:
    """Options of the filter bar and chips of what is chosen."""
    options = choices()
    options["street"] = books.street_options(request.viewer.scope)
    options["institution"] = org.institution_choices(request.viewer.scope)
    options["team"] = org.team_choices(request.viewer.scope)
    words = {name: {code: word.strip() for code, word in pairs} for name, pairs in options.items()}
    words["custodian"] = {"buffer": _("保全组")}
    if region := request.GET.get("region"):
        words["region"] = {region: books.region_name(region)}
    return {
        "options": options,
        "chips": chips_of(request.GET, words | {"found": search_words(request)}),
        "clear_url": reverse("customers:list") + f"?view={request.GET.get('view', 'all')}",
    }


def _tabs(request: ViewerRequest, counts: dict[str, int]) -> dict[str, Any]:
    """The views of everybody, then the saved ones."""
    words = {
        "all": _("全部"), "orphans": _("有孤儿保单"), "due": _("本月应收"), "several": _("多件"), "complaint": _("有投诉"),
        "uncoded": _("地址待编码"), "ended": _("无有效件"),
    }  # fmt: skip
    chosen, base = request.GET.get("view", "all"), reverse("customers:list")
    built_in = [
        View(word, f"{base}?view={view}", counts.get(view), current=view == chosen)
        for view, word in words.items()
    ]
    saved = saved_views(request, LIST)
    return saved | {"tabs": tabs_with(saved["saved_tabs"], built_in)}
