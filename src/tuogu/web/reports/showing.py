"""The list of reports by their names, and each report as it stands."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.core.measures.definitions import DIMENSIONS
from tuogu.files.bulletin import Content
from tuogu.org import queries as org
from tuogu.reports import queries as reports
from tuogu.web.exports.asking import answer
from tuogu.web.reports.papers import REPORT, form_of
from tuogu.web.reports.reading import day_asked, one_of, report_or_404, rooms, shown
from tuogu.web.viewer import Viewer, ViewerRequest

_NEWEST = 5


@require_safe
def hub(request: ViewerRequest) -> HttpResponse:
    """Every report by the name that the source documents give it; every figure; what was issued last."""
    viewer = request.viewer
    groups = [
        (title, [one for one in reports.REPORTS.values() if one.group == group])
        for group, title in reports.GROUPS.items()
    ]
    context = {
        "rooms": rooms(viewer, "hub"),
        "groups": groups,
        "cadences": reports.CADENCES,
        "measures": list(reports.measures(viewer.today).values()),
        "issues": reports.issues(viewer.scope, size=_NEWEST),
        "months": reports.frozen_months()[:1],
    }
    return render(request, "reports/hub.html", context)


@require_safe
def page(request: ViewerRequest, key: str) -> HttpResponse:
    """One report of a place and period, as it would be issued now."""
    viewer, query = request.viewer, request.GET
    found, institution = report_or_404(key), query.get("institution", "")
    by, refused = tuple(dict.fromkeys(name for name in query.getlist("by") if name)), ""
    try:
        day = day_asked(query.get("day", ""), viewer.today)
        for name in by:
            one_of(name, DIMENSIONS if found.cut else {}, _("维度"))
    except reports.AskedWrongly as wrong:
        day, by, refused = viewer.today, (), str(wrong)
    context: dict[str, Any] = {
        "rooms": rooms(viewer, ""),
        "report": found,
        "institution": institution,
        "institutions": org.institution_choices(viewer.scope),
        "day": day,
        "by": by,
        "dimensions": DIMENSIONS if found.cut else {},
        "kept": urlencode(
            [("institution", institution), ("day", day.isoformat()), *(("by", name) for name in by)]
        ),
        **_around(found, viewer, institution, day, by),
        "may_issue": viewer.may("reports:issue", "POST"),
    }
    try:
        order, content = _made(viewer, key, institution, day, by, refused)
    except reports.ReportsRefused as wrong:
        status = 400 if isinstance(wrong, reports.AskedWrongly) else 200
        return render(request, "reports/report.html", context | {"refused": str(wrong)}, status=status)
    context |= {
        "order": order,
        "earlier": reports.issues(viewer.scope, key=key, size=_NEWEST),
        "figures": [one for one in reports.measures(viewer.today).values()
                    if one.title in {d.title for d in content.definitions}],
        **shown(content),
    }  # fmt: skip
    return render(request, "reports/report.html", context)


@require_POST
def file(request: ViewerRequest, key: str) -> HttpResponse:
    """The report as a workbook or PDF, as it stands now for who asks."""
    found, query = report_or_404(key), QueryDict(request.POST.get("asked", ""))
    try:
        day = day_asked(query.get("day", ""), request.viewer.today)
        by = [one_of(name, DIMENSIONS, _("维度")) for name in query.getlist("by")]
    except reports.ReportsRefused as refused:
        messages.error(request, _("%(why)s；没有生成文件。") % {"why": refused})
        return redirect("reports:report", key=key)
    asked = {"report": found.key, "institution": query.get("institution", ""), "day": day.isoformat()}
    return answer(
        request, kind=REPORT.name, title=_("%(title)s %(day)s") % {"title": found.title, "day": day.isoformat()},
        query={**asked, "by": by, **form_of(request.POST)}, rows=0,
        back=f"{reverse('reports:report', args=[key])}?{urlencode(asked)}",
    )  # fmt: skip


def _made(
    viewer: Viewer, key: str, institution: str, day: date, by: tuple[str, ...], refused: str
) -> tuple[reports.Asked, Content]:
    """The report with its order, unless its address was refused already."""
    if refused:
        raise reports.AskedWrongly(refused)
    return reports.preview(viewer.scope, key, institution, day, on=viewer.today, by=by)


def _around(
    found: reports.Report, viewer: Viewer, institution: str, day: date, by: tuple[str, ...]
) -> dict[str, str]:
    """Addresses of the periods before and after; '' where there is none."""
    first, last = reports.days_of(found.cadence, day)
    kept = [("institution", institution)] * bool(institution) + [("by", name) for name in by]
    earlier = reports.before(found.cadence, first).isoformat()
    later = last + timedelta(days=1)
    return {
        "before_url": "?" + urlencode([("day", earlier), *kept]),
        "after_url": "?" + urlencode([("day", later.isoformat()), *kept]) if later <= viewer.today else "",
    }
