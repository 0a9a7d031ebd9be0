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

from tuogu.core.calling import ANSWERS
from tuogu.privacy.failures import PrivacyRefused
from tuogu.renewals.queries import RenewalRefused
from tuogu.web import personal
from tuogu.web.paging import id_of
from tuogu.web.phone import renewal_talk, tasks
from tuogu.web.phone.agreeing import agreed, consents_of
from tuogu.web.phone.correcting import RECORD, WHY, correct, given, own_record
from tuogu.web.phone.keeping import masked_page
from tuogu.web.phone.reading import Fields, fields_of, said_of
from tuogu.web.phone.whose import holder_of
from tuogu.web.phone.words import record_words
from tuogu.web.review.own_log import sent_by_phone
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.work import actions
from tuogu.work.failures import Moved, WorkRefused
from tuogu.work.kinds import Kind
from tuogu.work.said import Said

LOG = "log"  # in the place of the kind: the log of a day, not a record of a customer


@dataclass(frozen=True)
class Answer:
    """What became of a record. `state`: sent | conflict | refused; `url`: where it can be seen; `words` that say so, where
    they are not those of a visit or call."""

    state: str
    why: str = ""
    url: str = ""
    tasks_done: int = 0
    again: bool = False
    corrects: bool = False
    words: str = ""

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
    if fields.get("kind") == LOG and request.viewer.may("phone:log", "POST"):
        why, url = sent_by_phone(request, fields)
        return _told(Answer("refused", why) if why else Answer("sent", "", url))
    answer = _filed(request, fields)
    if answer.state == "sent" and not fields.get("quiet"):
        (messages.warning if answer.why else messages.success)(request, _sent_words(answer))
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
        if fields.get(renewal_talk.SUBJECT):
            return _talked(viewer, fields)
        said = said_of(fields, request.FILES, viewer.now)
        corrects = id_of(fields.get(RECORD) or "")
        if corrects is not None:
            return _corrected(viewer, said, corrects, fields.get(WHY) or "")
        return _file(viewer, said, fields.getlist("consent"))
    except (WorkRefused, PrivacyRefused, RenewalRefused) as refused:
        return Answer("refused", str(refused))


def _talked(viewer: Viewer, fields: Fields) -> Answer:
    """A talk about a renewal. Sent with a `why`: the talk is filed, the intention is not."""
    try:
        told = renewal_talk.file(viewer, fields)
    except Moved as moved:
        return Answer("conflict", str(moved), reverse("phone:conflict", args=[moved.conflict_id]))
    url = reverse("phone:renewal", args=[told.subject])
    return Answer("sent", told.words if told.lacking else "", url, again=told.again, words=told.words)


@never_cache
@require_safe
def correction(request: ViewerRequest, number: str, record: int) -> HttpResponse:
    """The form for an own record that was written wrongly, with what it says. Not to be kept on the phone."""
    viewer = request.viewer
    context = _context(viewer, number, {RECORD: str(record)})
    if context["corrects"] is None:
        raise Http404
    return render(request, "phone/record.html", context | {"given": given(viewer, context["corrects"])})


def _file(viewer: Viewer, said: Said, consents: list[str]) -> Answer:
    """Where the record is by now, with the consents given in it."""
    here = reverse("phone:customer", args=[said.customer]) if said.customer else reverse("phone:today")
    try:
        filed = actions.record(said, agreed=agreed(consents), by=viewer.person, at=viewer.now)
    except Moved as moved:
        return Answer("conflict", str(moved), reverse("phone:conflict", args=[moved.conflict_id]))
    return Answer("sent", "", here, filed.tasks_done, filed.again)


def _corrected(viewer: Viewer, said: Said, record: int, why: str) -> Answer:
    filed = correct(viewer, record, said, why)
    url = reverse("phone:customer", args=[said.customer])
    return Answer("sent", "", url, filed.tasks_done, filed.again, corrects=True)


def _sent_words(answer: Answer) -> str:
    if answer.again:
        return _("这条记录之前已经送到，没有重复登记。")
    if answer.words:
        return answer.words
    if answer.corrects:
        return _("已更正：以这一条为准，原来的一条留档，不再计入。")
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
    answers = {name: fields.get(f"answer_{name}") for name in ANSWERS}
    return {"answers": answers} | {
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
        "corrects": own_record(viewer, number, asked.get(RECORD)),
    }  # fmt: skip
