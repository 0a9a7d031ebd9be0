"""The name list of the standardised service: own customers, filters, the default service, the result (S4-24, S4-25).

In: a viewer, filters. Out: one line a customer; the result is exactly one of three: to choose, done, not done. Never:
a customer whom the viewer does not hold, a fourth state, a default that puts a birthday before what falls due.
"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tuogu.core.visit_reasons import DEFAULT_TYPES
from tuogu.kit import queries as kit
from tuogu.org.scope import Scope
from tuogu.web import personal
from tuogu.web.phone.keeping import masked_page
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.work import queries as work
from tuogu.work.name_list import CHOOSE, DONE, NOT_DONE

PAGE = 30
RESULTS = {CHOOSE: _("请选择"), DONE: _("完成"), NOT_DONE: _("未完成")}  # S4-24: exactly these
SERVICES = {code: _(word) for code, word in DEFAULT_TYPES.items()} | {CHOOSE: _("请选择")}  # S4-25


@require_safe
def names(request: ViewerRequest) -> HttpResponse:
    """The list of the viewer's own customers, narrowed by service, result and quality."""
    viewer, asked = request.viewer, request.GET
    service = asked.get("service", "") if asked.get("service", "") in SERVICES else ""
    result = asked.get("result", "") if asked.get("result", "") in RESULTS else ""
    quality = asked.get("quality", "") == "Y"
    best = set(kit.high_end_customers(_own(viewer), viewer.rulebook)["customer_number"])
    rows = [
        row
        for row in work.name_list(viewer.person, viewer.today)
        if service in ("", row.service)
        and result in ("", row.result)
        and (row.customer_number in best or not quality)
    ]
    start = asked.get("from", "")
    first = int(start) if start.isdecimal() and len(start) < 7 else 0
    page = rows[first : first + PAGE]
    context = {
        "rows": page, "total": len(rows), "next": first + PAGE if len(rows) > first + PAGE else None, "results": RESULTS,
        "services": SERVICES, "service": service, "result": result, "quality": quality, "best": best,
        "shown": personal.masked(row.customer_number for row in page),
    }  # fmt: skip
    return masked_page(render(request, "phone/names.html", context))


def _own(viewer: Viewer) -> Scope:
    return Scope(custodian_ids=frozenset({viewer.person}))
