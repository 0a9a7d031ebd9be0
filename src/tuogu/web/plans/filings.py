"""What departments file before a campaign's first wave: who is responsible, and their own rules (S2-15).

In: a department within scope, a person or rules. Out: the page of what is filed and missing; further filings. Never: a
filing of a department out of scope, one changed.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tuogu.org import queries as org
from tuogu.plans import actions
from tuogu.plans import queries as plans
from tuogu.web.viewer import Viewer, ViewerRequest

_YEAR_DIGITS = 4


@require_http_methods(["GET", "HEAD", "POST"])
def filings(request: ViewerRequest) -> HttpResponse:
    """What each department has filed for the year; POST files a person or rules."""
    viewer = request.viewer
    year = _year(request)
    if request.method == "POST":
        _file(request, year)
        return redirect(f"{request.path}?year={year}")
    waiting = plans.campaign_departments(viewer.scope)
    filed = plans.filings(viewer.scope, year)
    codes = {*waiting, *(line.department_code for line in filed)}
    context = {
        "year": year,
        "states": [(state, state.code in waiting) for state in plans.filing_states(codes, year)],
        "filed": filed,
        "departments": _departments(viewer),
        "may_file": viewer.may("plans:filings", "POST"),
    }
    return render(request, "plans/filings.html", context)


@require_safe
def filed_file(request: ViewerRequest, filing: int) -> HttpResponse:
    """The file of a filing, as it was filed."""
    found = plans.filed_content(filing, request.viewer.scope)
    if found is None:
        raise Http404
    name, content = found
    response = HttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = str(
        content_disposition_header(as_attachment=True, filename=name or "filing")
    )
    return response


def _file(request: ViewerRequest, year: int) -> None:
    viewer, department = request.viewer, request.POST.get("department", "")
    try:
        if department not in dict(_departments(viewer)):
            raise actions.PlanRefused(_("请选择您范围内的部门"))
        if request.POST.get("kind") == "person":
            actions.file_person(
                department, year=year, person=_person(request.POST.get("person", "")), by=viewer.person, at=viewer.now,
                note=request.POST.get("text", ""),
            )  # fmt: skip
        else:
            file = request.FILES.get("file")
            actions.file_rules(
                department, year=year, text=request.POST.get("text", ""), by=viewer.person, at=viewer.now,
                file_name=(file.name or "") if file else "", content=file.read() if file else b"",
            )  # fmt: skip
        messages.success(request, _("已报备并封存摘要；更正请再报备一版，旧版保留。"))
    except actions.PlanRefused as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": str(refused)})


def _person(staff_number: str) -> int:
    found = org.staff_ids([staff_number.strip()])
    if found.is_empty():
        raise actions.PlanRefused(_("没有这个工号"))
    return int(found["custodian_id"][0])


def _departments(viewer: Viewer) -> list[tuple[str, str]]:
    """Departments on record within scope: what may file, also before a plan names it."""
    rows = org.institutions().select("institution_code", "name", "level").sort("institution_code")
    within = None if viewer.scope.all_rows else org.institutions_within(viewer.scope)
    mine = [(code, name, level) for code, name, level in rows.iter_rows() if within is None or code in within]
    own = [(code, name) for code, name, level in mine if level == "department"]
    return own or [(code, name) for code, name, _level in mine]


def _year(request: ViewerRequest) -> int:
    text = request.POST.get("year", "") or request.GET.get("year", "")
    return int(text) if text.isdecimal() and len(text) == _YEAR_DIGITS else request.viewer.today.year
