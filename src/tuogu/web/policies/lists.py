"""The list of policies: the page, its totals row, the counts of its views."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.web.lists.tools import opens_in_default, saved_views, shown_columns, tabs_with
from tuogu.web.paging import pager_of, size_of
from tuogu.web.parts import View
from tuogu.web.policies.columns import COLUMNS
from tuogu.web.policies.reading import chips_of, choices, search_words, wanted_of
from tuogu.web.policies.rows import lines
from tuogu.web.viewer import ViewerRequest

DEFAULT_SORT = "due"
LIST = "policies"


@never_cache
@require_safe
def policies(request: ViewerRequest) -> HttpResponse:
    """One page of one view."""
    if elsewhere := opens_in_default(request, LIST):
        return elsewhere
    viewer, query, size = request.viewer, request.GET, size_of(request.GET)
    wanted, sort = wanted_of(request), query.get("sort") or DEFAULT_SORT
    page = books.policy_page(
        viewer.scope, wanted, as_of=viewer.today, sort=sort, after=query.get("after"), before=query.get("before"),
        size=size,
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
        "data_date": books.latest_data_date(),
        "page": pager_of(query, shown=len(shown), before=page.before, after=page.after),
    }
    return render(request, "policies/list.html", context)


@require_safe
def totals(request: ViewerRequest) -> HttpResponse:
    """The totals row, asked for after the page stands."""
    found = books.policy_totals(request.viewer.scope, wanted_of(request), as_of=request.viewer.today)
    shown = shown_columns(request.viewer, LIST, COLUMNS, request.GET)
    return render(request, "policies/_totals.html", {"totals": found, "columns": COLUMNS, "shown": shown})


@require_safe
def views(request: ViewerRequest) -> HttpResponse:
    """The tabs with their counts, asked for after the page stands."""
    counts = books.view_counts(request.viewer.scope, as_of=request.viewer.today)
    return render(request, "policies/_views.html", _tabs(request, counts))


def _filters(request: ViewerRequest) -> dict[str, Any]:
    """Options of the filter bar and chips of what is chosen."""
    options = choices()
    options["street"] = books.street_options(request.viewer.scope)
    options["institution"] = org.institution_choices(request.viewer.scope)
    words = {name: {code: word.strip() for code, word in pairs} for name, pairs in options.items()}
    words["custodian"] = {"buffer": _("保全组")}
    if region := request.GET.get("region"):
        words["region"] = {region: books.region_name(region)}
    return {
        "options": options,
        "chips": chips_of(request.GET, words | {"found": search_words(request)}),
        "clear_url": reverse("policies:list") + f"?view={request.GET.get('view', 'all')}",
    }


def _tabs(request: ViewerRequest, counts: dict[str, int]) -> dict[str, Any]:
    """The views of everybody, then the saved ones; each is an address of its own."""
    words = {
        "all": _("全部"), "orphans": _("孤儿保单"), "buffer": _("孤儿未分配"), "due": _("本月应收"),
        "lapsed": _("失效"), "manual": _("地址待编码"),
    }  # fmt: skip
    chosen = request.GET.get("view", "all")
    base = reverse("policies:list")
    built_in = [
        View(word, f"{base}?view={view}", counts.get(view), current=view == chosen)
        for view, word in words.items()
    ]
    saved = saved_views(request, LIST)
    return saved | {"tabs": tabs_with(saved["saved_tabs"], built_in)}
