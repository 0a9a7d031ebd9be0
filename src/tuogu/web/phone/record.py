"""Record what was done at a door or on the telephone: the form, and where phones send it (S1-24, S1-25, P-21).

In: a viewer, a customer whom the viewer or a colleague holds; then fields. Out: the form; one row in `work`, however
often it is sent. Never: a customer of somebody else on the form (404), a record twice, a name or phone in an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tuogu.privacy.failures import PrivacyRefused
from tuogu.web import personal
from tuogu.web.phone import tasks
from tuogu.web.phone.agreeing import agreed, consents_of
from tuogu.web.phone.keeping import masked_page
from tuogu.web.phone.reading import Fields, fields_of, said_of
from tuogu.web.phone.whose import holder_of
from tuogu.web.phone.words import record_words
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.work import actions
from tuogu.work.failures import Moved, WorkRefused
from tuogu.work.kinds import Kind
from tuogu.work.said import Said


@dataclass(frozen=True)
class Answer:
    """What became of a record. `state`: sent | conflict | refused; `url`: where it can be seen."""

    state: str
    why: str = ""
    url: str = ""
    tasks_done: int = 0
    again: bool = False

    @property
    def status(self) -> int:
        """Of the answer to a phone."""
        return {"sent": 200, "conflict": 409, "refused": 400}[self.state]


@require_safe
def form(request: ViewerRequest, number: str) -> HttpResponse:
    """The form for one customer; it holds nothing in clear and may wait on the phone for a place without network."""
    return masked_page(render(request, "phone/record.html", _context(request.viewer, number, request.GET)))


@require_safe
def blank(request: ViewerRequest) -> HttpResponse:
    """The form without a customer: what a phone shows offline for somebody whose form it has not kept."""
    words = record_words(request.viewer.rulebook, kind=Kind.VISIT, reasons=(), full=False)
    context = words | {"number": "", "client_key": "", "consents": consents_of("", request.viewer)}
    return masked_page(render(request, "phone/record.html", context))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def records(request: ViewerRequest) -> HttpResponse:
    """GET: who is signed in and the token with which this phone may send. POST: one record, as JSON or as a form."""
    if request.method != "POST":
        return JsonResponse({"who": str(request.viewer.person), "token": get_token(request)})
    as_json = request.content_type == "application/json"
    try:
        fields = fields_of(request)
    except WorkRefused as refused:
        return _told(Answer("refused", str(refused)))
    answer = _filed(request, fields)
    if answer.state == "sent" and not fields.get("quiet"):
        messages.success(request, _sent_words(answer))
    if as_json:
        return _told(answer)
    if answer.state == "refused":
        return _form_again(request, fields, answer)
    if answer.state == "conflict":
        messages.warning(request, answer.why)
    return redirect(answer.url)


def _filed(request: ViewerRequest, fields: Fields) -> Answer:
    viewer = request.viewer
    try:
        said = said_of(fields, request.FILES, viewer.now)
        return _file(viewer, said, fields.getlist("consent"))
    except (WorkRefused, PrivacyRefused) as refused:
        return Answer("refused", str(refused))


def _file(viewer: Viewer, said: Said, consents: list[str]) -> Answer:
    """Where the record is by now, with the consents given in it."""
    here = reverse("phone:customer", args=[said.customer]) if said.customer else reverse("phone:today")
    try:
        filed = actions.record(said, agreed=agreed(consents), by=viewer.person, at=viewer.now)
    except Moved as moved:
        return Answer("conflict", str(moved), reverse("phone:conflict", args=[moved.conflict_id]))
    return Answer("sent", "", here, filed.tasks_done, filed.again)


def _sent_words(answer: Answer) -> str:
    if answer.again:
        return _("这条记录之前已经送到，没有重复登记。")
    done = ngettext("办结 %(n)s 项待办", "办结 %(n)s 项待办", answer.tasks_done) % {"n": answer.tasks_done}
    return _("已登记，%(done)s。写错了的，请再记一条更正，两条都保留。") % {"done": done}


def _told(answer: Answer) -> JsonResponse:
    told = {
        "state": answer.state, "why": answer.why, "url": answer.url, "tasks_done": answer.tasks_done, "again": answer.again,
    }  # fmt: skip
    return JsonResponse(told, status=answer.status)


def _form_again(request: ViewerRequest, fields: Fields, answer: Answer) -> HttpResponse:
    """A plain form that was refused: the same page with what was written, and why."""
    context = _context(request.viewer, str(fields.get("customer") or ""), fields)
    context |= {
        "refusal": answer.why,
        "given": _given(fields),
        "client_key": fields.get("client_key") or context["client_key"],
    }
    return render(request, "phone/record.html", context, status=answer.status)


def _given(fields: Fields) -> dict[str, Any]:
    return {
        name: fields.getlist(name) if len(fields.getlist(name)) > 1 else fields.get(name) for name in fields
    }


def _context(viewer: Viewer, number: str, asked: Any) -> dict[str, Any]:
    shown_of, policies = holder_of(viewer, number)
    shown = personal.masked([number])
    if number not in shown:
        raise Http404
    kind = asked.get("kind", "") if asked.get("kind", "") in Kind.values else str(Kind.VISIT)
    owed = tasks.owed_by(number, viewer)
    pressing = [task for task in owed.tasks if str(task.id) == asked.get("task")] or owed.tasks
    reasons = [task.reason for task in pressing] + [
        row["reason"] for row in tasks.suggested_for(number, shown_of, viewer)
    ]
    words = record_words(viewer.rulebook, kind=kind, reasons=reasons)
    return words | {
        "number": number, "customer": shown[number], "policies": policies, "whose": shown_of, "client_key": uuid4().hex,
        "consents": consents_of(number, viewer), "owed": owed,
    }  # fmt: skip
