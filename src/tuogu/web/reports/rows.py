"""The rows behind a figure: what was counted, for whom, what it adds to either side. Customers masked, pages by number."""

from __future__ import annotations

from urllib.parse import urlencode

import polars as pl
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.core.labels import ORPHAN_SOURCES
from tuogu.core.measures.definitions import DIMENSIONS
from tuogu.core.measures.figures import written
from tuogu.core.measures.periods import Period
from tuogu.org import queries as org
from tuogu.reports import queries as reports
from tuogu.web.paging import first_of, numbered
from tuogu.web.parts import View
from tuogu.web.personal import masked
from tuogu.web.reports.figures import asked_of
from tuogu.web.reports.reading import one_of, refusing, rooms
from tuogu.web.viewer import ViewerRequest

_PLACES = ("branch", "department", "team")
_SIDES = ("", "numerator", "missing")


@require_safe
@refusing
def behind(request: ViewerRequest, measure: str) -> HttpResponse:
    """One page of rows; their sums are the figure's two sides."""
    viewer, query = request.viewer, request.GET
    asked = asked_of(viewer, measure, query)
    rows = reports.drill(
        viewer.scope, asked.day, measure, on=viewer.today, kind=asked.kind, ten_years=asked.ten_years
    )
    for name in DIMENSIONS:
        if name in query:
            rows = rows.filter(_equal(name, _known(name, query[name])))
    sums = int(rows["numerator"].sum()), int(rows["denominator"].sum())
    side = one_of(query.get("side", ""), _SIDES, _("筛选"))
    kept = rows.filter(pl.col("numerator") != 0) if side == "numerator" else rows
    kept = (
        rows.filter((pl.col("numerator") == 0) & (pl.col("denominator") != 0)) if side == "missing" else kept
    )
    kept = kept.sort("key", "person_id", nulls_last=True)
    size, first = int(viewer.rulebook["reports.rows_per_page"]), first_of(query)
    page = kept.slice(first - 1, size)
    url = reverse("reports:rows", args=[measure])
    context = {
        "rooms": rooms(viewer, ""),
        "measure": asked.measure,
        "period": Period.of(asked.day, asked.kind),
        "back": f"{reverse('reports:figure', args=[measure])}?{urlencode(asked.query)}",
        "rows": page.to_dicts(),
        "total": kept.height,
        "sums": sums,
        "shown": written(*sums, asked.measure.unit),
        "customers": masked(page["key"].to_list()),
        "people": org.known_as(page["person_id"].drop_nulls().to_list()),
        "teams": reports.institution_names(),
        "sources": ORPHAN_SOURCES,
        "tabs": _tabs(query.urlencode(), side),
        "pager": numbered(url, query.dict(), first, size, kept.height),
        "money": bool(asked.measure.weight),
    }
    return render(request, "reports/rows.html", context)


def _known(name: str, value: str) -> str:
    """An institution or person that there is; what has no value there is ''. Areas and sources are as the rows have them."""
    if value and name in _PLACES and value not in reports.institution_names():
        raise reports.AskedWrongly(_("没有机构“%(code)s”") % {"code": value})
    if value and name == "person" and not value.isdecimal():
        raise reports.AskedWrongly(_("没有人员“%(code)s”") % {"code": value})
    return value


def _equal(name: str, value: str) -> pl.Expr:
    column = pl.col(name).cast(pl.String)
    return column.is_null() | (column == "") if value == "" else column == value


def _tabs(query: str, side: str) -> list[View]:
    kept = "&".join(part for part in query.split("&") if part and not part.startswith(("side=", "first=")))
    words = {"": _("全部"), "numerator": _("计入分子"), "missing": _("未计入分子")}
    return [View(words[one], f"?{kept}&side={one}", None, one == side) for one in _SIDES]
