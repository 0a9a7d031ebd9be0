"""One filed visit: as it stands, and the correction that is filed beside it (L-04). Nothing is edited."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuogu.core.amending import title_of
from tuogu.corrections import actions
from tuogu.corrections import queries as corrections
from tuogu.corrections.failures import CorrectionRefused
from tuogu.web import personal
from tuogu.web.corrections.desk import questions_of, said_of
from tuogu.web.corrections.reading import names_of, programme_or_404, rooms
from tuogu.web.viewer import ViewerRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: ViewerRequest, visit: int) -> HttpResponse:
    """GET shows the visit with the form of a correction; POST files the correction."""
    viewer = request.viewer
    found = corrections.visit(viewer.scope, visit)
    if found is None:
        raise Http404
    head, refusal = programme_or_404(viewer, found.programme), ""
    if request.method == "POST":
        try:
            filed = actions.correct_visit(
                viewer.scope, visit, said_of(request.POST, viewer), why=request.POST.get("why", ""), by=viewer.person,
                at=viewer.now,
            )  # fmt: skip
        except CorrectionRefused as refused:
            refusal = str(refused)
        else:
            told = _(
                "已另记一条回访 %(new)s 更正 %(old)s；原记录保留，汇总只计新的。再有错，更正新的那一条。"
            )
            messages.success(request, told % {"new": filed.visit, "old": visit})
            return redirect("corrections:visit", visit=filed.visit)
    states = personal.answer_states(visit)
    context = {
        **rooms(viewer, "programmes"), "head": head, "visit": found, "refusal": refusal, "said": request.POST,
        "names": names_of([found.by]), "customer": personal.masked([found.customer_number]).get(found.customer_number),
        "answers": [(title_of(field), state) for field, state in states.items()],
        "questions": questions_of(head, request.POST.dict(), states if not request.POST else {}),
        "open": head.open_on(viewer.today), "now": found.visited_at,
    }  # fmt: skip
    return render(request, "corrections/visit.html", context, status=400 if refusal else 200)
