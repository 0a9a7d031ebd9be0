"""Where the richer customers and the denser estates are: the high-end list (S4-29), estates and service radius (S4-32).

In: sites to judge, or how many to suggest. Out: pages and files of what is within scope. Never: an address.
"""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.books import queries as books
from tuogu.core.estates import STANDINGS, WORKS
from tuogu.kit import queries as kit
from tuogu.web import personal
from tuogu.web.exports.asking import answer
from tuogu.web.kit.papers import ESTATES, HIGH_END
from tuogu.web.kit.reading import framed
from tuogu.web.paging import first_of, numbered
from tuogu.web.parts import View
from tuogu.web.viewer import Viewer, ViewerRequest

_ROWS = 40
_SITES_MAX = 50


@never_cache
@require_safe
def high_end(request: ViewerRequest) -> HttpResponse:
    """Customers whose policies together reach the line, richest first."""
    viewer, first = request.viewer, first_of(request.GET)
    frame = kit.high_end_customers(viewer.scope, viewer.rulebook)
    part = frame.slice(first - 1, _ROWS)
    numbers = part["customer_number"].to_list()
    context = {
        **framed(viewer, "kit:high_end"), "rows": part.to_dicts(), "shown": personal.masked(numbers),
        "live": books.live_of(numbers), "total": frame.height, "sum_fen": int(frame["yearly_fen"].sum()),
        "line_fen": viewer.rulebook["service.high_end_premium_fen"],
        "page": numbered(reverse("kit:high_end"), request.GET, first, _ROWS, frame.height),
    }  # fmt: skip
    return render(request, "kit/high_end.html", context)


@require_POST
def high_end_file(request: ViewerRequest) -> HttpResponse:
    """The list as a workbook, masked."""
    rows = kit.high_end_customers(request.viewer.scope, request.viewer.rulebook).height
    if not rows:
        messages.warning(request, _("没有高端客户，没有导出任何数据。"))
        return redirect("kit:high_end")
    return answer(
        request, kind=HIGH_END.name, title=_("高端客户"), query={}, rows=rows, fields="name,phone",
        back=reverse("kit:high_end"),
    )  # fmt: skip


@never_cache
@require_safe
def estates(request: ViewerRequest) -> HttpResponse:
    """Estates by orphan customers, what to do there, and whether a site reaches them."""
    viewer, query, first = request.viewer, request.GET, first_of(request.GET)
    sites, count = _asked(viewer, query)
    report = kit.estate_report(viewer.scope, viewer.rulebook)
    reach = kit.reach(report, sites, count, viewer.rulebook)
    work = query.get("work", "")
    frame = report.join(
        reach.covered.select("community_code", "estate", "site", "metres", "standing"),
        on=["community_code", "estate"], maintain_order="left",
    )  # fmt: skip
    chosen = frame.filter(work=work) if work in WORKS else frame
    part = chosen.slice(first - 1, _ROWS)
    base, counts = reverse("kit:estates"), dict(report["work"].value_counts().iter_rows())
    tabs = [View(_("全部"), base, report.height, work not in WORKS)]
    tabs += [
        View(_(word), f"{base}?work={code}", counts.get(code, 0), work == code)
        for code, word in WORKS.items()
    ]
    codes = {*part["community_code"], *reach.sites["site"], *part["site"].drop_nulls()}
    context = {
        **framed(viewer, "kit:estates"), "rows": part.to_dicts(), "places": books.community_names(codes), "works": WORKS,
        "standings": STANDINGS, "summary": reach.summary.to_dicts(), "sites": reach.sites["site"].to_list(),
        "suggested": reach.suggested, "typed": " ".join(sites), "count": count, "tabs": tabs, "work": work,
        "many": viewer.rulebook["estates.many_customers"], "radius": viewer.rulebook["estates.service_radius_m"],
        "customers": int(report["customers"].sum()),
        "page": numbered(base, query, first, _ROWS, chosen.height),
    }  # fmt: skip
    return render(request, "kit/estates.html", context)


@require_POST
def estates_file(request: ViewerRequest) -> HttpResponse:
    """The report as a workbook."""
    viewer = request.viewer
    sites, count = _asked(viewer, request.POST)
    rows = kit.estate_report(viewer.scope, viewer.rulebook).height
    if not rows:
        messages.warning(request, _("范围内没有已编码的孤儿单，没有导出任何数据。"))
        return redirect("kit:estates")
    return answer(
        request, kind=ESTATES.name, title=_("小区与网点"), query={"sites": sites, "count": count}, rows=rows,
        back=reverse("kit:estates"),
    )  # fmt: skip


def _asked(viewer: Viewer, query: Any) -> tuple[list[str], int]:
    """The communities in which sites stand, and how many to suggest where none is named."""
    typed = re.split(r"[\s,\uff0c]+", query.get("sites", "").strip())
    codes = [books.community_of_display(code) or code for code in filter(None, typed[:_SITES_MAX])]
    asked = query.get("count", "")
    count = int(asked) if asked.isdecimal() and len(asked) < 4 else viewer.rulebook["kit.sites_suggested"]
    return codes, min(max(count, 1), _SITES_MAX)
