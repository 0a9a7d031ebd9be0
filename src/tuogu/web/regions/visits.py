"""The visit list of a block of the map: customers within scope of a zone or a community, masked, to print (P-19).

In: a zone or a community. Out: a page. Never: a customer out of scope, a value in clear.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.regions import queries as regions
from tuogu.web import personal
from tuogu.web.paging import first_of, id_of, numbered
from tuogu.web.viewer import ViewerRequest


@never_cache
@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """One page of the list, by community; 404 for a place that is not there."""
    viewer, query = request.viewer, request.GET
    title, block = _block(request)
    size, first = viewer.rulebook["regions.visit_rows"], first_of(query)
    found = books.customers_in(viewer.scope, on=viewer.today, **block)
    total = found.count()
    numbers = list(found.values_list("number", flat=True)[first - 1 : first - 1 + size])
    shown = personal.masked(numbers)
    context = {
        "title": title,
        "lines": [{"visit": v, "customer": shown.get(v.number)} for v in books.visits(viewer.scope, numbers)],
        "total": total,
        "pager": numbered(reverse("regions:visits"), query, first, size, total),
        "back": reverse("regions:zone", args=[block["zone"]])
        if "zone" in block
        else reverse("regions:zones"),
    }
    return render(request, "regions/visits.html", context)


def _block(request: ViewerRequest) -> tuple[str, dict[str, Any]]:
    """What the place is called, and the words in which the books ask for it."""
    zone, code = id_of(request.GET.get("zone", "")), request.GET.get("community", "")
    today = request.viewer.today
    if zone is not None:
        found = regions.zone(zone, today)
        if found is None:
            raise Http404
        return found.name, {"zone": zone}
    division = regions.division(code, today) if code else None
    if division is None or division.level != "community":
        raise Http404(_("没有这个社区"))
    return regions.names_of([code], today)[code], {"community": code}
