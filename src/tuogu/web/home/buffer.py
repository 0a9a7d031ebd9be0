"""The buffer group's rows: the table by why as a fragment, and the policies behind each of its lines.

In: a viewer, a reason. Out: pages. Never: a policy out of scope, a name that is not masked.
"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tuogu.plans import queries as plans
from tuogu.web import personal
from tuogu.web.home.pool import WORDS, pool_table
from tuogu.web.paging import id_of, pager_of, size_of
from tuogu.web.parts import View
from tuogu.web.viewer import ViewerRequest

DEFAULT = "fresh"


@require_safe
def lines(request: ViewerRequest) -> HttpResponse:
    """The table of a board: a fragment, because at a million policies it is worth a second request."""
    return render(request, "home/_buffer_rows.html", pool_table(request.viewer))


@require_safe
def rows(request: ViewerRequest) -> HttpResponse:
    """The policies under one reason, with how long each has waited."""
    viewer, table = request.viewer, pool_table(request.viewer)
    present = [row.reason for row in table["rows"]]
    why = request.GET.get("why", "")
    if why not in WORDS:
        why = present[0] if present else DEFAULT
    size, after = size_of(request.GET), request.GET.get("after", "")
    page = plans.buffer_page(viewer.scope, why, after=id_of(after) or 0, size=size)
    shown = personal.masked(row.holder_number for row in page.rows)
    name, step = WORDS[why]
    context = {
        "why": why, "name": name, "step": step, "total": table["total"], "shown": shown,
        "views": [View(str(row.name), f"?why={row.reason}", row.policies, row.reason == why) for row in table["rows"]],
        "rows": [(row, (viewer.today - row.since_date).days if row.since_date else None) for row in page.rows],
        "page": pager_of(
            request.GET, shown=len(page.rows), before=None, after=None if page.after is None else str(page.after)
        ),
    }  # fmt: skip
    return render(request, "home/buffer.html", context)
