"""The desk of a caller: one customer at a time, the script beside the form, data masked until a counted look.

In: a programme, a form. Out: the next customer, a filed visit. Never: a phone number in clear without its row in the access
log, what somebody typed lost when it was refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tuogu.accesslog.failures import RevealRefused
from tuogu.corrections import actions
from tuogu.corrections import queries as corrections
from tuogu.corrections.failures import CorrectionRefused
from tuogu.web import personal
from tuogu.web.corrections.reading import moment_of, names_of, programme_or_404, rooms
from tuogu.web.viewer import Viewer, ViewerRequest

_QUEUE = 14  # customers shown in the queue
_FIELDS = "name,phone,address"
_WORKING = ("due", "new", "again")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: ViewerRequest, programme: int) -> HttpResponse:
    """The next customer, or the one that `customer` names; POST files the visit and goes on."""
    viewer = request.viewer
    head = programme_or_404(viewer, programme)
    work = corrections.worklist(viewer.scope, programme, viewer.rulebook, at=viewer.now, turn=viewer.person)
    refusal = ""
    if request.method == "POST":
        customer = _on_list(work, request.POST.get("customer", ""))
        try:
            filed = actions.record_visit(
                viewer.scope,
                programme,
                customer,
                said_of(request.POST, viewer),
                by=viewer.person,
                at=viewer.now,
            )
        except CorrectionRefused as refused:
            refusal = str(refused)
        else:
            _told(request, filed)
            return redirect("corrections:desk", programme=programme)
    asked = request.POST.get("customer", "") or request.GET.get("customer", "")
    context = _context(viewer, head, work, asked, request.POST.dict()) | {
        "refusal": refusal,
        "said": request.POST,
    }
    return render(request, "corrections/desk.html", context, status=400 if refusal else 200)


@never_cache
@require_POST
def reveal(request: ViewerRequest, programme: int, customer: str) -> HttpResponse:
    """Name, phone and address in clear for this visit, with what was told before: a fragment; counted."""
    viewer = request.viewer
    head = programme_or_404(viewer, programme)
    work = corrections.worklist(viewer.scope, programme, viewer.rulebook, at=viewer.now)
    _on_list(work, customer)
    context: dict[str, Any] = {
        "head": head,
        "number": customer,
        "customer": personal.masked([customer]).get(customer),
    }
    try:
        context["clear"], context["told"] = personal.revealed_on_visit(
            viewer, customer, fields=_FIELDS, reason=_("回访计划 %(id)s") % {"id": programme}
        )
    except RevealRefused as refused:
        context["refusal"] = str(refused)
    context["left"] = personal.visit_reveals_left(viewer)
    return render(request, "corrections/_person.html", context)


def said_of(form: QueryDict, viewer: Viewer) -> actions.Said:
    """A visit as the form has it. A new value that is typed says by itself that something is new, unless the form also says
    that nothing is: the room refuses that."""
    answers = {}
    for name in form:
        if not name.startswith("state.") and not name.startswith("new."):
            continue
        field = name.partition(".")[2]
        value = form.get(f"new.{field}", "").strip()
        state = form.get(f"state.{field}", "") or ("new" if value else "")
        if state:
            answers[field] = (state, value)
    return actions.Said(
        channel=form.get("channel", ""),
        outcome=form.get("outcome", ""),
        visited_at=moment_of(form.get("visited_at", "")) or viewer.now,
        answers=answers,
        note=form.get("note", ""),
        next_at=moment_of(form.get("next_at", "")) if form.get("outcome") == "appointment" else None,
    )


def questions_of(
    head: corrections.ProgrammeHead, said: Mapping[str, str], states: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The script's questions with what stands in the form."""
    script = corrections.script(head.script_id)
    return [
        {
            "field": question.field, "title": question.title, "ask": question.ask,
            "state": said.get(f"state.{question.field}", states.get(question.field, "")),
            "value": said.get(f"new.{question.field}", ""),
            "options": [("M", _("男")), ("F", _("女"))] if question.field == "sex" else [],
            "kind": "date" if question.field == "birth_date" else "text",
        }
        for question in (script.questions if script else ())
    ]  # fmt: skip


def _on_list(work: pl.DataFrame, customer: str) -> str:
    if customer not in work["customer_number"]:
        raise Http404
    return customer


def _told(request: ViewerRequest, filed: actions.Filed) -> None:
    if filed.amendments:
        said = _(
            "已登记回访 %(visit)s 和更正 %(n)s 项；更正要经签名的清单更改。登错的在回访记录里更正，原记录保留。"
        )
    else:
        said = _("已登记回访 %(visit)s。登错的在回访记录里更正，原记录保留。")
    messages.success(request, said % {"visit": filed.visit, "n": len(filed.amendments)})


def _context(
    viewer: Viewer, head: corrections.ProgrammeHead, work: pl.DataFrame, asked: str, typed: Mapping[str, str]
) -> dict[str, Any]:
    counts = dict(work.group_by("state").len().iter_rows())
    waiting = work.filter(pl.col("state").is_in(_WORKING))
    if asked and asked not in work["customer_number"]:
        raise Http404
    number = asked or (waiting["customer_number"][0] if waiting.height else "")
    queue = waiting.head(_QUEUE).to_dicts()
    shown = personal.masked({row["customer_number"] for row in queue} | ({number} if number else set()))
    before = corrections.visits_of(number) if number else []
    script = corrections.script(head.script_id)
    return {
        **rooms(viewer, "programmes"),
        "head": head, "script": script, "open": head.open_on(viewer.today), "number": number,
        "customer": shown.get(number), "queue": [(row, shown.get(row["customer_number"])) for row in queue],
        "counts": counts, "waiting_n": waiting.height, "before": before, "names": names_of(v.by for v in before),
        "questions": questions_of(head, typed, {}), "left": personal.visit_reveals_left(viewer),
        "visited_value": "", "visit": None,
        "next_url": _skip_url(head.id, waiting, number), "marks": corrections.held([number]).get(number, []),
        "findings": corrections.findings_of(number) if number else [],
    }  # fmt: skip


def _skip_url(programme: int, waiting: pl.DataFrame, number: str) -> str:
    """The customer after this one, for whoever does not want to call this one now; '' when there is none."""
    numbers = waiting["customer_number"].to_list()
    place = numbers.index(number) + 1 if number in numbers else 0
    if place >= len(numbers):
        return ""
    return f"{reverse('corrections:desk', args=[programme])}?customer={numbers[place]}"
