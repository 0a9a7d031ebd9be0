"""Whom to call: due dates in order, the script by the reason of the transfer, minors never (S1-24).

In: a viewer. Out: the list, with what may be done now. Never: a phone number (that takes a reason, on the customer's page).
"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tuogu.web import personal
from tuogu.web.phone.keeping import masked_page
from tuogu.web.phone.whose import FIELD, colleagues, whose
from tuogu.web.viewer import ViewerRequest
from tuogu.work import queries as work

PAGE = 30
CALLED_AS = {"holder": _("投保人"), "insured": _("成年被保险人")}


@require_safe
def calls(request: ViewerRequest) -> HttpResponse:
    """The call list of the viewer, or of a colleague for whom the viewer stands in."""
    viewer = request.viewer
    shown = whose(viewer, request.GET.get(FIELD, ""))
    frame = work.call_list(shown.person, viewer.today)
    asked = request.GET.get("from", "")
    first = int(asked) if asked.isdecimal() and len(asked) < 7 else 0
    rows = frame.slice(first, PAGE).rows(named=True)
    context = {
        "rows": [row | {"word": CALLED_AS.get(row["called_as"], "")} for row in rows], "total": frame.height,
        "next": first + PAGE if frame.height > first + PAGE else None, "whose": shown, "colleagues": colleagues(viewer),
        "shown": personal.masked({row["customer_number"] for row in rows}),
    }  # fmt: skip
    return masked_page(render(request, "phone/calls.html", context))
