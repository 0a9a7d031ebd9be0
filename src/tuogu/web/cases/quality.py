"""The desk of quality: what was reported and filed, one after the other, confirmed or sent back by keys (S1-30, S1-31).

In: a viewer of quality, the case in the address. Out: the desk. Never: a case out of scope; a decision taken here (the
step's post takes it).
"""

from __future__ import annotations

import polars as pl
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tuogu.cases import queries as cases
from tuogu.org import queries as org
from tuogu.web.cases.showing import case_context, shown
from tuogu.web.cases.words import kind_words, rooms
from tuogu.web.paging import id_of
from tuogu.web.viewer import Viewer, ViewerRequest


@require_safe
def desk(request: ViewerRequest) -> HttpResponse:
    """The queue, the oldest report first, and the case that is looked at."""
    viewer = request.viewer
    queue = cases.quality_queue(viewer.scope, viewer.person)
    ids = [row.id for row in queue]
    asked = id_of(request.GET.get("case", ""))
    current = asked if asked in ids else (ids[0] if ids else None)
    place = ids.index(current) if current is not None else -1
    context = {
        "rooms": rooms(viewer, "quality"), "queue": queue, "current": current, "kind_words": kind_words(), **shown(queue),
        "next": ids[place + 1] if 0 <= place < len(ids) - 1 else None, "reinstated": _reinstated(viewer),
    }  # fmt: skip
    if current is not None:
        context = {**context, **case_context(viewer, current), "queue_customers": context["customers"]}
    return render(request, "cases/quality.html", context)


def _reinstated(viewer: Viewer) -> int:
    """Policies that people within scope brought back this month, as quality has approved: nothing else counts (S1-30)."""
    found, within = (
        cases.reinstated(viewer.today.replace(day=1), viewer.today),
        org.custodians_within(viewer.scope),
    )
    return found.height if within is None else found.filter(pl.col("by").is_in(list(within))).height
