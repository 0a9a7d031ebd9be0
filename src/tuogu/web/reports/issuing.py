"""A report issued: its content as it was stored, with its digest; who issued what."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.org import queries as org
from tuogu.reports import actions
from tuogu.reports import queries as reports
from tuogu.web.exports.asking import answer
from tuogu.web.paging import id_of, pager_of, size_of
from tuogu.web.reports.papers import REPORT, form_of
from tuogu.web.reports.reading import day_asked, one_of, refusing, report_or_404, rooms, shown, told
from tuogu.web.viewer import ViewerRequest


@require_POST
def issue(request: ViewerRequest, key: str) -> HttpResponse:
    """Store it once, as it stands."""
    viewer, post = request.viewer, request.POST
    found, asked = report_or_404(key), post.get("day", "")
    institution, made = post.get("institution", ""), list[int]()

    def act() -> str:
        day = day_asked(asked, viewer.today)
        made.append(actions.issue(found.key, institution, day, by=viewer.person, at=viewer.now))
        return _("已签发，内容和摘要已留存；数字再变也不会改动这一份，要更正请再签发一版。")

    if told(request, act):
        return redirect("reports:issued", issue_id=made[0])
    return redirect("reports:report", key=key)


@require_safe
@refusing
def listing(request: ViewerRequest) -> HttpResponse:
    """What was issued, the newest first."""
    viewer, query = request.viewer, request.GET
    size, key = size_of(query), one_of(query.get("report", ""), ("", *reports.REPORTS), _("报表"))
    found = reports.issues(viewer.scope, key=key, before=id_of(query.get("after", "")), size=size + 1)
    more, found = len(found) > size, found[:size]
    context = {
        "rooms": rooms(viewer, "issued_list"),
        "issues": found,
        "kinds": [(one.key, reports.titled(one.title)) for one in reports.REPORTS.values()],
        "key": key,
        "names": org.known_as({one.by for one in found}),
        "pager": pager_of(query, shown=len(found), before=None, after=str(found[-1].id) if more else None),
    }
    return render(request, "reports/issued_list.html", context)


@require_safe
def record(request: ViewerRequest, issue_id: int) -> HttpResponse:
    """One issue as it was stored."""
    viewer = request.viewer
    try:
        head, content = reports.issued(viewer.scope, issue_id)
    except reports.ReportUnknown as unknown:
        raise Http404 from unknown
    context = {"rooms": rooms(viewer, "issued_list"), "head": head, "names": org.known_as({head.by})}
    return render(request, "reports/issued.html", context | shown(content))


@require_POST
def file(request: ViewerRequest, issue_id: int) -> HttpResponse:
    """The issue as a workbook or PDF."""
    try:
        head, content = reports.issued(request.viewer.scope, issue_id)
    except reports.ReportUnknown as unknown:
        raise Http404 from unknown
    title = f"{content.title} {content.place} {content.period}"
    return answer(
        request, kind=REPORT.name, title=title, query={"issue": head.id, **form_of(request.POST)}, rows=content.rows,
        back=reverse("reports:issued", args=[head.id]),
    )  # fmt: skip
