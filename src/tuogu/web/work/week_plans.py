"""Who has planned the week before it began, and who has not (S4-26).

In: a viewer, a week. Out: everybody in scope who holds customers, those without a plan first. Never: a plan filed late that
counts as filed.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tuogu.org import queries as org
from tuogu.web.paging import day_of
from tuogu.web.viewer import ViewerRequest
from tuogu.web.work.board import next_monday
from tuogu.web.work.rooms import rooms
from tuogu.work import queries as work

_WEEK = timedelta(days=7)


@require_safe
def week_plans(request: ViewerRequest) -> HttpResponse:
    """The coming week, or the one asked for."""
    viewer = request.viewer
    asked = day_of(request.GET.get("week", ""))
    week = monday(asked) if asked else next_monday(viewer.today)
    missing = work.week_plans_missing(viewer.scope, week)
    filed = work.week_plans_filed(viewer.scope, week)
    people = org.known_as([*missing, *(row.person for row in filed)])
    context = {
        "rooms": rooms(viewer, "week_plans"), "week": week, "last": week + timedelta(days=6),
        "missing": sorted(missing, key=lambda person: people[person].staff_number), "filed": filed, "people": people,
        "earlier": week - _WEEK, "later": week + _WEEK if week <= viewer.today else None,
        "begun": week <= viewer.today,
    }  # fmt: skip
    return render(request, "work/week_plans.html", context)


def monday(day: date) -> date:
    """The Monday of that day's week."""
    return day - timedelta(days=day.weekday())
