"""Birthdays ahead, and who came to the events (S1-27).

In: the viewer's scope, two days. Out: customers by day with who serves them and whether they were greeted; events with their
guests. Never: a year of birth, a customer in clear.
"""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.org import queries as org
from tuogu.web import personal
from tuogu.web.paging import first_of, numbered
from tuogu.web.parts import View
from tuogu.web.viewer import ViewerRequest
from tuogu.web.work.counts import days_of
from tuogu.web.work.rooms import rooms
from tuogu.work import queries as work

_ROWS_A_PAGE = 40
_AHEAD, _BACK = timedelta(days=14), timedelta(days=90)
_LONGEST = timedelta(days=366)


@require_safe
def greetings(request: ViewerRequest) -> HttpResponse:
    """Birthdays of two weeks, or events of three months, or of the days asked for."""
    viewer, query, row_number = request.viewer, request.GET, first_of(request.GET)
    events = query.get("of") == "events"
    default = (viewer.today - _BACK, viewer.today) if events else (viewer.today, viewer.today + _AHEAD)
    first, last = days_of(query, *default)
    last = min(last, first + _LONGEST)
    found = (
        work.attended(viewer.scope, first, last).rename({"by": "person"})
        if events
        else work.birthdays(viewer.scope, first, last).rename({"custodian_id": "person"})
    )
    part = found.slice(row_number - 1, _ROWS_A_PAGE)
    url, rows = reverse("work:greetings"), part.to_dicts()
    context = {
        "rooms": rooms(viewer, "greetings"), "first": first, "last": last, "rows": rows, "events": events,
        "tabs": [
            View(_("生日"), url, None, not events), View(_("活动到场"), f"{url}?of=events", None, events),
        ],
        "people": org.known_as([row["person"] for row in rows]),
        "shown": personal.masked(row["customer_number"] for row in rows),
        "total": found.height,
        "pager": numbered(url, query, row_number, _ROWS_A_PAGE, found.height),
    }  # fmt: skip
    return render(request, "work/greetings.html", context)
