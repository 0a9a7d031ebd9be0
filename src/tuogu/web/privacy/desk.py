"""The desk of requests: what waits by due day, a new one, one of them with its steps (L-07).

In: a view, a customer number. Out: pages. Never: a request about a customer out of scope; the person's words in a list.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.privacy import actions
from tuogu.privacy import queries as privacy
from tuogu.privacy.kinds import OPEN_STATES, IdentityCheck, Outcome, RequestKind, RequestState
from tuogu.web import personal
from tuogu.web.paging import day_of, pager_of, size_of
from tuogu.web.parts import Moment, View
from tuogu.web.privacy.words import choices_of, words
from tuogu.web.templatetags.tuogu import moment
from tuogu.web.viewer import Viewer, ViewerRequest

_OPEN = {str(state) for state in OPEN_STATES}


@require_safe
def requests(request: ViewerRequest) -> HttpResponse:
    """One page of requests, the nearest due day first."""
    viewer, query = request.viewer, request.GET
    view = query.get("view", "open")
    page = privacy.request_page(
        viewer.scope, view, viewer.today, after=query.get("after", ""), size=size_of(query)
    )
    customers = personal.masked({row.number for row in page.rows})
    context = {
        "rows": [{"row": row, "customer": customers.get(row.number)} for row in page.rows],
        "tabs": _tabs(viewer, view),
        "words": words(),
        "open_states": _OPEN,
        "view": view,
        "pager": pager_of(query, shown=len(page.rows), before=None, after=page.after),
    }
    return render(request, "privacy/requests.html", context)


def _tabs(viewer: Viewer, current: str) -> list[View]:
    counts = privacy.view_counts(viewer.scope, viewer.today)
    names = {"open": _("待办理"), "overdue": _("已逾期"), "answered": _("已答复"), "all": _("全部")}
    url = reverse("privacy:home")
    return [View(name, f"{url}?view={code}", counts[code], code == current) for code, name in names.items()]


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ViewerRequest) -> HttpResponse:
    """Take in a request."""
    viewer, given = request.viewer, request.POST or request.GET
    refusal = ""
    if request.method == "POST":
        number = given.get("number", "").strip()
        try:
            if not books.customer_within(viewer.scope, number):
                raise actions.PrivacyRefused(_("没有这位客户，或不在您的范围内"))
            request_id = actions.receive(
                number, kind=given.get("kind", ""), wish=given.get("wish", ""),
                asked_date=day_of(given.get("asked", "")) or viewer.today, by=viewer.person, at=viewer.now,
            )  # fmt: skip
        except actions.PrivacyRefused as refused:
            refusal = _("%(why)s；没有写入任何数据。") % {"why": str(refused)}
        else:
            messages.success(
                request, _("已受理。下一步：核实来人身份，再办理。受理有误时，答复为不予办理并写明原因。")
            )
            return redirect("privacy:request", request_id=request_id)
    context = {"given": given, "kinds": choices_of(RequestKind), "today": viewer.today, "refusal": refusal}
    return render(request, "privacy/new.html", context, status=409 if refusal else 200)


@require_safe
def record(request: ViewerRequest, request_id: int) -> HttpResponse:
    """One request: who, what, by when, what was done, what may be done next."""
    viewer = request.viewer
    found = request_or_404(viewer, request_id)
    personal.opened(viewer, subject_kind="customer", subject=found.number)
    return render(request, "privacy/request.html", context_of(viewer, found))


def request_or_404(viewer: Viewer, request_id: int) -> privacy.RequestRow:
    """The request, where its customer is within scope."""
    found = privacy.request_record(viewer.scope, request_id)
    if found is None:
        raise Http404
    return found


def context_of(viewer: Viewer, found: privacy.RequestRow, refusal: str = "") -> dict[str, Any]:
    """Everything that the page of a request shows."""
    names = org.names({one.by for one in found.steps})
    said = words()
    deletion = found.kind == RequestKind.DELETION and not found.answered
    return {
        "row": found,
        "customer": personal.masked([found.number]).get(found.number),
        "words": said,
        "checks": choices_of(IdentityCheck),
        "answers": {str(one): said["outcome"][one] for one in _answers(found)},
        "moments": [_moment(one, names, said) for one in reversed(found.steps)],
        "outlook": privacy.erasure_outlook(found.number, viewer.today) if deletion else None,
        "own": found.proposer == viewer.person,
        "late": not found.answered and found.due_date < viewer.today,
        "today": viewer.today,
        "history": privacy.history(found.number) if found.kind == RequestKind.CONSENTS else [],
        "policies": books.policies_of(found.number) if found.kind == RequestKind.EXPLANATION else [],
        "refusal": refusal,
    }


def _answers(found: privacy.RequestRow) -> list[Outcome]:
    """What one person may answer to this kind of request."""
    if found.kind == RequestKind.DELETION:
        return [Outcome.REFUSED]
    granted = [Outcome.GRANTED, Outcome.PARTLY]
    return (
        granted + ([Outcome.HANDED_OVER] if found.kind == RequestKind.CORRECTION else []) + [Outcome.REFUSED]
    )


def _moment(one: privacy.StepRow, names: dict[int, str | None], said: dict[str, dict[str, str]]) -> Moment:
    tag = said["outcome"].get(one.outcome, "")
    tones = {str(Outcome.REFUSED): "warn", str(Outcome.BLOCKED): "warn", str(Outcome.ERASED): "bad"}
    return Moment(
        said["state"][one.state], tag, f"{names.get(one.by) or ''} · {moment(one.at)}", one.note,
        tone=tones.get(one.outcome, "good") if tag else "",
        current=one.state == RequestState.ANSWERED,
    )  # fmt: skip
