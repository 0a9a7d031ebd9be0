"""The calendar of due steps: a month, the days before long holidays marked, one day's cases (S3-18).

In: a viewer, a month, a day. Out: the page. Never: a case out of scope.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import polars as pl
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tuogu.data.workdays import is_working_day
from tuogu.renewals import queries as renewals
from tuogu.web.paging import day_of
from tuogu.web.renewals.reading import month_before, month_of, names_of, next_month, places, rooms, words
from tuogu.web.viewer import ViewerRequest

_WEEK = 7
_SHOWN = 200


@require_safe
def calendar(request: ViewerRequest) -> HttpResponse:
    """A month of steps that are to come, or were; a click names the cases of a day."""
    viewer, query = request.viewer, request.GET
    first = month_of(query.get("month", ""), viewer.today)
    until = next_month(first)
    rows = renewals.calendar(viewer.scope, first, until)
    running = renewals.pipeline(viewer.scope, viewer.today)
    named = running.filter("named")["subject_id"].implode()
    rows = rows.filter((pl.col("step") != "claim_late") | ~pl.col("subject_id").is_in(named))
    counted = Counter(rows.select("due_date", "step").iter_rows())
    holidays = renewals.festivals(first, until)
    day = day_of(query.get("day", ""))
    lines = rows.filter(rows["due_date"] == day).head(_SHOWN).to_dicts() if day else []
    context: dict[str, Any] = {
        "rooms": rooms(viewer, "calendar"), "first": first, "weeks": _weeks(first, until, counted, holidays, viewer.today),
        "holidays": holidays, "total": rows.height, "day": day, "lines": lines,
        "names": names_of(row["custodian_id"] for row in lines),
        "places": places(row["institution_code"] for row in lines),
        "before": f"{reverse('renewals:calendar')}?month={month_before(first):%Y-%m}",
        "after": f"{reverse('renewals:calendar')}?month={until:%Y-%m}", **words(),
    }  # fmt: skip
    return render(request, "renewals/calendar.html", context)


def _weeks(
    first: date, until: date, counted: Counter[tuple[date, str]], holidays: list[renewals.Festival], today: date
) -> list[list[dict[str, Any]]]:  # fmt: skip
    start = first - timedelta(days=first.weekday())
    weeks = -(-(until - start).days // _WEEK)
    found = []
    for week in range(weeks):
        days = [start + timedelta(days=week * _WEEK + place) for place in range(_WEEK)]
        found.append([_day(day, first, counted, holidays, today) for day in days])
    return found


def _day(
    day: date, first: date, counted: Counter[tuple[date, str]], holidays: list[renewals.Festival], today: date
) -> dict[str, Any]:  # fmt: skip
    steps = sorted(((step, n) for (when, step), n in counted.items() if when == day), key=lambda one: -one[1])
    return {
        "day": day, "inside": day.month == first.month, "today": day == today, "steps": steps,
        "off": not is_working_day(day), "holiday": next((h.name for h in holidays if h.first <= day <= h.last), ""),
        "before": next((h.name for h in holidays if h.before == day), ""),
    }  # fmt: skip
