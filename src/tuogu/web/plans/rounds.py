"""Rounds of the cross-department project: opened from a template, taken and handed on step by step, late steps listed.

In: a viewer's institutions. Out: pages; append-only hand-offs with who, when and what came with them. Never: a round of an
institution out of scope; a hand-off changed.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import actions
from tuogu.plans import queries as plans
from tuogu.web.paging import day_of, id_of
from tuogu.web.viewer import Viewer, ViewerRequest

_STEPS_MAX = 30


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Every round within scope with how far it is, and the late steps of all of them on top."""
    viewer = request.viewer
    found = plans.rounds(viewer.scope)
    context = {
        "rounds": [(line, len(line.overdue(viewer.today))) for line in found],
        "late": [
            (line, step, (viewer.today - step.due_date).days)
            for line, step in plans.overdue_steps(viewer.scope, viewer.today)
        ],
    }
    return render(request, "plans/rounds.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ViewerRequest) -> HttpResponse:
    """A round from the template of the rulebook; every step may be changed before it is opened."""
    viewer = request.viewer
    refusal = ""
    if request.method == "POST":
        try:
            opened = actions.open_round(
                request.POST.get("name", ""), month=_month(request.POST.get("month", "")),
                institution_code=_institution(request.POST.get("institution", ""), viewer.scope),
                coordinating=request.POST.get("coordinating", ""), steps=_steps(request), by=viewer.person, at=viewer.now,
            )  # fmt: skip
        except actions.PlanRefused as refused:
            refusal = str(refused)
        else:
            messages.success(
                request, _("轮次已开立，各步骤等待牵头部门接收；交接记录只增不改，做错的步骤可退回重做。")
            )
            return redirect("plans:round", number=opened)
    steps = (
        _given_steps(request)
        if request.method == "POST"
        else plans.round_template(viewer.today, viewer.today)
    )
    context = {
        "refusal": refusal,
        "steps": steps,
        "institutions": _institutions(viewer.scope),
        "given": request.POST,
        "month": f"{viewer.today:%Y-%m}",
    }
    return render(request, "plans/round_new.html", context, status=400 if refusal else 200)


@require_safe
def record(request: ViewerRequest, number: int) -> HttpResponse:
    """One round: each step with its owner, due day, log and what was handed on with it."""
    line = _round_or_404(number, request.viewer.scope)
    context = {
        "round": line,
        "steps": [
            (step, step.overdue(request.viewer.today), _links(step, request.viewer)) for step in line.steps
        ],
        "artefacts": [
            ("", _("无")),
            ("import", _("导入批次")),
            ("plan", _("方案")),
            ("release", _("下发期次")),
        ],
    }
    return render(request, "plans/round.html", context)


@require_POST
def step(request: ViewerRequest, step: int) -> HttpResponse:
    """Take a step in hand, hand it on, or hand it back."""
    viewer = request.viewer
    try:
        line = plans.round_of_step(step, viewer.scope)
    except plans.PlanUnknown as unknown:
        raise Http404 from unknown
    artefact = request.POST.get("artefact", "")
    try:
        actions.hand_off(
            step, request.POST.get("kind", ""), note=request.POST.get("note", ""), artefact=artefact,
            artefact_id=id_of(request.POST.get("artefact_id", "")) if artefact else None, by=viewer.person, at=viewer.now,
        )  # fmt: skip
        messages.success(request, _("交接已记录；要更正，请退回重做，原记录保留。"))
    except actions.PlanRefused as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": str(refused)})
    return redirect("plans:round", number=line.id)


def _round_or_404(number: int, scope: Scope) -> plans.RoundLine:
    try:
        return plans.round_line(number, scope)
    except plans.PlanUnknown as unknown:
        raise Http404 from unknown


def _links(step: plans.StepLine, viewer: Viewer) -> list[tuple[Any, str]]:
    """Each line of the log with where its artefact is looked at; '' where there is none or the viewer may not."""
    return [(line, _link(line.artefact, line.artefact_id, viewer)) for line in step.log]


def _link(artefact: str, number: int | None, viewer: Viewer) -> str:
    if number is None:
        return ""
    if artefact == "import" and viewer.may("imports:run"):
        return reverse("imports:run", args=[number])
    if artefact == "plan" and viewer.may("plans:plan"):
        return reverse("plans:plan", args=[number])
    if artefact == "release" and viewer.may("plans:plan"):
        try:
            return reverse("plans:plan", args=[plans.release_row(number, viewer.scope).plan]) + "#calendar"
        except plans.PlanUnknown:
            return ""
    return ""


def _institutions(scope: Scope) -> list[tuple[str, str]]:
    rows = org.institutions().select("institution_code", "name").sort("institution_code")
    within = None if scope.all_rows else org.institutions_within(scope)
    return [(code, name) for code, name in rows.iter_rows() if within is None or code in within]


def _institution(code: str, scope: Scope) -> str:
    if code not in dict(_institutions(scope)):
        raise actions.PlanRefused(_("请选择您范围内的机构"))
    return code


def _month(text: str) -> date:
    day = day_of(f"{text}-01")
    if day is None:
        raise actions.PlanRefused(_("请选择月份"))
    return day


def _given_steps(request: ViewerRequest) -> list[actions.StepWish]:
    """The steps as sent back, for the form; a day that cannot be read is today."""
    columns = (
        request.POST.getlist("title"),
        request.POST.getlist("department"),
        request.POST.getlist("due_date"),
    )
    rows = list(zip(*columns, strict=False))[:_STEPS_MAX]
    return [
        actions.StepWish(title, department, day_of(due) or request.viewer.today)
        for title, department, due in rows
        if title.strip() or department.strip()
    ]


def _steps(request: ViewerRequest) -> list[actions.StepWish]:
    if any(due and day_of(due) is None for due in request.POST.getlist("due_date")):
        raise actions.PlanRefused(_("到期日应为日期"))
    codes = {name: code for code, name in _institutions(request.viewer.scope)}
    return [
        actions.StepWish(s.title, s.department, s.due_date, codes.get(s.department.strip(), ""))
        for s in _given_steps(request)
    ]
