"""The inspection plan: who is due for whom today, what waits in the ledger, which departments have to draw (S1-18)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tuogu.core.inspection.tables import LEVELS
from tuogu.org import queries as org
from tuogu.review import queries as review
from tuogu.web.paging import first_of
from tuogu.web.review.reading import names_of, rooms
from tuogu.web.viewer import ViewerRequest

_ROWS_A_PAGE = 40


@require_safe
def home(request: ViewerRequest) -> HttpResponse:
    """Who is due for which inspection, the longest due first; by level on request."""
    viewer, first = request.viewer, first_of(request.GET)
    due = review.plan_of(viewer.scope, viewer.today)
    counts = {level: due.filter(due["level"] == level).height for level in LEVELS if level != "department"}
    level = request.GET.get("level", "")
    if level in counts:
        due = due.filter(due["level"] == level)
    rows = due.sort("overdue_days", "level", "staff_number", descending=[True, False, False])
    page = rows.slice(first - 1, _ROWS_A_PAGE).to_dicts()
    ids = org.staff_ids([n for row in page for n in (row["staff_number"], row["by"]) if n])
    people = dict(ids.select("staff_number", "custodian_id").iter_rows())
    reports = review.open_reports(viewer.scope)
    context = {
        "rooms": rooms(viewer, "home"),
        "rows": [row | {"level_label": LEVELS[row["level"]], "by_id": people.get(row["by"])} for row in page],
        "names": names_of([*people.values(), *(r.by for r in reports), *(r.person for r in reports)]),
        "counts": [(name, LEVELS[name], n) for name, n in counts.items()],
        "level": level,
        "first": first,
        "total": due.height,
        "more": first - 1 + _ROWS_A_PAGE < due.height,
        "next_first": first + _ROWS_A_PAGE,
        "departments": review.departments_due(viewer.scope, viewer.today),
        "waiting": review.waiting(viewer.scope),
        "reports": reports,
    }
    return render(request, "review/home.html", context)
