"""Cases that somebody called renewed while the new policy has not come in: who said so, when, how long ago (S3-17).

In: a viewer. Out: the page. Never: a case out of scope, a renewal counted here.
"""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.renewals import queries as renewals
from tuogu.web.paging import first_of, numbered, size_of
from tuogu.web.renewals.reading import rooms, shown
from tuogu.web.viewer import ViewerRequest


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """The longest waiting first."""
    viewer, query = request.viewer, request.GET
    found = renewals.typed_waiting(viewer.scope, viewer.today)
    size, first = size_of(query), first_of(query)
    page = found[first - 1 : first - 1 + size]
    rows = [asdict(row) | {"person_id": row.by} for row in page]
    context = {
        "rooms": rooms(viewer, "typed"), "rows": rows, "total": len(found), "late": sum(row.late for row in found),
        "wait": viewer.rulebook["renewal.typed_wait_days"],
        "title": _("待见新保单"), "page": numbered(reverse("renewals:typed"), query, first, size, len(found)),
        **shown(rows),
    }  # fmt: skip
    return render(request, "renewals/typed.html", context)
