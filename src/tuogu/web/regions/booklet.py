"""The booklet of address codes (区域规划运作办法 附件3): by street, for paper and as a workbook (S0-10).

In: a district of the branch's city, or all of them. Out: a page that prints on A4, a workbook. Never: a code that is not in
force, a customer.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.files.address_booklet import BookletLine, booklet_lines, write_booklet
from tuogu.regions import queries as regions
from tuogu.web.viewer import ViewerRequest


@require_safe
def page(request: ViewerRequest) -> HttpResponse:
    """One district, street by street."""
    city, districts = _districts(request)
    chosen = request.GET.get("district", "") or (districts[0][0] if districts else "")
    lines = _lines(request, city, chosen)
    context = {
        "districts": districts,
        "district": chosen,
        "district_name": dict(districts).get(chosen, ""),
        "streets": [(street, list(rows)) for street, rows in groupby(lines, key=lambda line: line.street)],
        "communities": len(lines),
        "version": regions.version_name(regions.version_on(request.viewer.today)),
    }
    return render(request, "regions/booklet.html", context)


@require_safe
def workbook(request: ViewerRequest) -> FileResponse:
    """All districts, or one, as a workbook."""
    city, districts = _districts(request)
    chosen = request.GET.get("district", "")
    lines = _lines(request, city, chosen)
    if not lines:
        raise Http404
    version = regions.version_name(regions.version_on(request.viewer.today))
    title = _("地址编码簿") + (f" {dict(districts)[chosen]}" if chosen in dict(districts) else "")
    file = write_booklet(lines, title=title, version=version, created=request.viewer.now)
    return FileResponse(file, as_attachment=True, filename=f"{title}-{version}.xlsx")


def _districts(request: ViewerRequest) -> tuple[str, list[tuple[str, str]]]:
    city = books.home_city()
    below = regions.children(city, request.viewer.today) if city else []
    return city, [(division.code, division.name) for division in below]


def _lines(request: ViewerRequest, city: str, district: str) -> list[BookletLine]:
    if not city:
        return []
    book = regions.codebook([city], request.viewer.today)
    display: dict[str, Any] = dict(books.display_codes().iter_rows())
    policies, customers = books.counts_by_community(request.viewer.scope)
    return booklet_lines(book.regions, display, district=district, customers=customers, policies=policies)
