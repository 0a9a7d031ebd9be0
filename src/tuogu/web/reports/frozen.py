"""Frozen months: what was frozen when from what, and whether a recount says the same (N-16)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tuogu.core.measures.definitions import DIMENSIONS, Measure
from tuogu.core.measures.figures import written
from tuogu.org import queries as org
from tuogu.reports import queries as reports
from tuogu.web.paging import day_of
from tuogu.web.reports.figures import names_of
from tuogu.web.reports.reading import rooms
from tuogu.web.viewer import ViewerRequest

_MOVED_SHOWN = 200  # of a table that somebody reads; the command line has them all


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Every frozen month, the newest first."""
    months = reports.frozen_months()
    names = org.known_as({one.by for one in months})
    return render(
        request, "reports/frozen_list.html",
        {"rooms": rooms(request.viewer, "frozen_list"), "months": months, "names": names},
    )  # fmt: skip


@require_safe
def record(request: ViewerRequest, month: str) -> HttpResponse:
    """One frozen month with its figures; `?recount=1` counts it again and shows what has become known since."""
    viewer, first = request.viewer, _month(month)
    head = next((one for one in reports.frozen_months() if one.month == first), None)
    if head is None:
        raise Http404
    rows = reports.frozen(viewer.scope, first, dimension="" if viewer.scope.all_rows else "department")
    units = reports.measures(viewer.today)
    context = {
        "rooms": rooms(viewer, "frozen_list"),
        "head": head,
        "rows": [row | {"money": _money(units, row["measure"])} for row in rows.to_dicts()],
        "names": org.known_as({head.by}),
        "places": names_of("department", rows["value"].unique().to_list()),
    }
    if request.GET.get("recount"):
        found = reports.recount(viewer.scope, first, on=viewer.today)
        moved = found.later.head(_MOVED_SHOWN).to_dicts()
        for row in moved:
            one = units.get(row["measure"])
            unit = one.unit if one else "percent"
            row |= {
                "money": _money(units, row["measure"]), "title": one.title if one else row["measure"],
                "dimension_word": DIMENSIONS.get(row["dimension"], ""),
                "value_word": _word(row["dimension"], row["value"]),
                "then": written(row["numerator"], row["denominator"], unit),
                "now": written(row["numerator_now"], row["denominator_now"], unit),
            }  # fmt: skip
        context |= {"recount": found, "moved": moved, "more": found.later.height - len(moved)}
    return render(request, "reports/frozen.html", context)


def _money(units: Mapping[str, Measure], key: str) -> bool:
    """Whether a figure sums premiums, which are kept in fen."""
    return key in units and bool(units[key].weight)


def _word(dimension: str, value: str) -> str:
    if dimension == "person" and value:
        return names_of("person", [int(value)]).get(int(value), value)
    return names_of(dimension, [value]).get(value, value) if dimension else ""


def _month(text: str) -> date:
    found = day_of(f"{text}-01")
    if found is None:
        raise Http404
    return found
