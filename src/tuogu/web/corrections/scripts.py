"""What callers say and ask: versions, a new one, the second person's approval."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tuogu.corrections import actions
from tuogu.corrections import queries as corrections
from tuogu.corrections.failures import CorrectionRefused
from tuogu.corrections.words import RETURN_VISIT, USES
from tuogu.web.corrections.reading import names_of, rooms
from tuogu.web.paging import day_of, id_of
from tuogu.web.viewer import ViewerRequest


@require_safe
def scripts(request: ViewerRequest) -> HttpResponse:
    """Every version."""
    found = corrections.scripts()
    people = [person for s in found for person in (s.made_by, s.approved_by)]
    context = {**rooms(request.viewer, "scripts"), "scripts": found, "names": names_of(people)}
    return render(request, "corrections/scripts.html", context)


@require_safe
def script(request: ViewerRequest, script: int) -> HttpResponse:
    """One version as callers read it."""
    found = _script_or_404(script)
    context = {
        **rooms(request.viewer, "scripts"), "script": found, "names": names_of([found.made_by, found.approved_by]),
        "own": found.made_by == request.viewer.person,
    }  # fmt: skip
    return render(request, "corrections/script.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ViewerRequest) -> HttpResponse:
    """A new version; ?after= fills the form with the words of an earlier one, ?use= says what it is for."""
    viewer, refusal = request.viewer, ""
    if request.method == "POST":
        day = day_of(request.POST.get("effective_date", ""))
        use = request.POST.get("use", RETURN_VISIT)
        asks = corrections.ASKS.get(use, {})
        questions = [(field, request.POST.get(f"ask.{field}", "")) for field in asks]
        try:
            if day is None:
                raise CorrectionRefused(_("请写明生效日期；没有保存"))
            made = actions.write_script(
                request.POST.get("name", ""), effective_date=day, opening=request.POST.get("opening", ""),
                questions=questions, closing=request.POST.get("closing", ""), by=viewer.person, at=viewer.now,
                use=use,
            )  # fmt: skip
        except CorrectionRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("已保存这一版话术，须由另一人核准后才能使用。要改就另存新的一版。"))
            return redirect("corrections:script", script=made)
    context = {**rooms(viewer, "scripts"), **_form(request), "refusal": refusal}
    return render(request, "corrections/new_script.html", context, status=400 if refusal else 200)


def _form(request: ViewerRequest) -> dict[str, Any]:
    after = corrections.script(id_of(request.GET.get("after", "")) or 0)
    said = request.POST
    asked = {question.field: question.ask for question in after.questions} if after else {}
    use = said.get("use") or (after.use if after else request.GET.get("use", ""))
    use = use if use in USES else RETURN_VISIT
    return {
        "name": said.get("name", after.name if after else ""),
        "opening": said.get("opening", after.opening if after else ""),
        "closing": said.get("closing", after.closing if after else ""),
        "effective_date": day_of(said.get("effective_date", "")) or request.viewer.today,
        "fields": [
            (field, title, said.get(f"ask.{field}", asked.get(field, "")))
            for field, title in corrections.ASKS[use].items()
        ],
        "use": use,
        "uses": USES,
    }


@require_POST
def approve(request: ViewerRequest, script: int) -> HttpResponse:
    """A second person finds it fit for use."""
    _script_or_404(script)
    try:
        actions.approve_script(script, by=request.viewer.person, at=request.viewer.now)
    except CorrectionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已核准，生效日起可用于回访计划。核准不能收回；要停用就另存新的一版。"))
    return redirect("corrections:script", script=script)


def _script_or_404(script: int) -> corrections.ScriptVersion:
    found = corrections.script(script)
    if found is None:
        raise Http404
    return found
