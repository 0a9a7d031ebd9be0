"""How much personal data people see and take out: the board of whoever watches over it (N-13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tuogu.accesslog import queries as log
from tuogu.exports import queries as exports
from tuogu.org import queries as org
from tuogu.web.personal import QUOTA
from tuogu.web.sightings import BUDGET
from tuogu.web.viewer import ViewerRequest

PERIODS = (1, 7, 30, 90)
_SHOWN = 20
_REMOVALS_SHOWN = 3


@never_cache
@require_safe
def exposure(request: ViewerRequest) -> HttpResponse:
    """Who saw most, at what hours, who took out most; of the last `days` days."""
    viewer, rulebook = request.viewer, request.viewer.rulebook
    asked = request.GET.get("days", "")
    days = next((period for period in PERIODS if str(period) == asked), 7)
    first, hours = viewer.today - timedelta(days=days - 1), tuple(rulebook["accesslog.day_hours"])
    viewers = log.top_viewers(viewer.scope, first, viewer.today, day_hours=hours, limit=_SHOWN)
    takers = exports.takers(viewer.scope, first, viewer.today, limit=_SHOWN)
    busy = log.by_hour(viewer.scope, first, viewer.today, day_hours=hours)
    context = {
        "days": days,
        "periods": [(period, _("%(n)s 天") % {"n": period}) for period in PERIODS],
        "first": first,
        "viewers": viewers,
        "takers": takers,
        "hours_chart": _chart(busy),
        "unusual": sum(hour.looks for hour in busy if hour.unusual),
        "hours": hours,
        "called": org.known_as({v.person for v in viewers} | {t.person for t in takers}),
        "outside": exports.shared_outside(viewer.scope, first, viewer.today, now=viewer.now),
        "removals": log.removals(_REMOVALS_SHOWN),
        "quota": rulebook[QUOTA],
        "budget": rulebook[BUDGET],
        "export_budget": rulebook["exports.rows_per_day"],
        "kept_days": rulebook["accesslog.kept_days"],
    }
    return render(request, "system/exposure.html", context)


def _chart(busy: list[log.Busy]) -> dict[str, Any]:
    """Looks by hour, working hours marked."""
    usual = [str(hour.hour) for hour in busy if not hour.unusual]
    return {
        "bins": [str(hour.hour) for hour in busy], "plan": [hour.looks for hour in busy], "now": None,
        "inside": [usual[0], usual[-1]] if usual else [],
        "words": {"unit": _("次"), "plan": _("查看"), "now": ""},
    }  # fmt: skip
