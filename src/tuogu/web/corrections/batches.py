"""Lists of amendments (客户信息更改汇总清单): all of them, a new one, one with its road, with its road."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tuogu.corrections import actions
from tuogu.corrections import queries as corrections
from tuogu.corrections.failures import CorrectionRefused
from tuogu.org import queries as org
from tuogu.web import personal
from tuogu.web.corrections.reading import batch_or_404, institution_names, names_of, rooms, signer
from tuogu.web.paging import day_of
from tuogu.web.parts import Moment, View
from tuogu.web.viewer import Viewer, ViewerRequest

_DAYS = 31  # a month: the period that the form proposes


def _views(chosen: str) -> list[View]:
    base = reverse("corrections:batches")
    words = {
        "": _("全部"), "collecting": _("归集中"), "awaiting": _("待签名"), "signed": _("已签名"), "with_it": _("处理中"),
        "applied": _("已更改"), "filed": _("已备档"), "returned": _("已退回"), "overdue": _("逾期"),
    }  # fmt: skip
    return [
        View(word, f"{base}?state={state}" if state else base, current=state == chosen)
        for state, word in words.items()
    ]


@require_safe
def batches(request: ViewerRequest) -> HttpResponse:
    """Every list within scope; an account manager's own ones."""
    viewer, state = request.viewer, request.GET.get("state", "")
    found = corrections.batches(
        viewer.scope, viewer.rulebook, at=viewer.now, state=state, person=signer(viewer)
    )
    people = [person for b in found for person in (b.made_by, b.custodian, b.signed_by, b.applied_by)]
    context = {
        **rooms(viewer, "batches"), "batches": found, "tabs": _views(state), "names": names_of(people),
        "institutions": institution_names(b.institution_code for b in found),
    }  # fmt: skip
    return render(request, "corrections/batches.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ViewerRequest) -> HttpResponse:
    """Collect the open amendments of an institution and period."""
    viewer, refusal = request.viewer, ""
    if request.method == "POST":
        try:
            made = _collect(request)
        except CorrectionRefused as refused:
            refusal = str(refused)
        else:
            messages.success(
                request,
                _("已归集为第 %(id)s 号清单；核对后冻结送签。不要了就退回，更正回到待归集。") % {"id": made},
            )
            return redirect("corrections:batch", batch=made)
    oldest = corrections.oldest_open(viewer.scope)
    context = {
        **rooms(viewer, "batches"), "refusal": refusal, "said": request.POST,
        "institution_options": org.institution_choices(viewer.scope),
        "first": (oldest or viewer.today - timedelta(days=_DAYS)).isoformat(), "until": viewer.today.isoformat(),
    }  # fmt: skip
    return render(request, "corrections/new_batch.html", context, status=400 if refusal else 200)


def _collect(request: ViewerRequest) -> int:
    viewer, said = request.viewer, request.POST
    first, last = day_of(said.get("first", "")), day_of(said.get("until", ""))
    if first is None or last is None:
        raise CorrectionRefused(_("请写明起止日期；没有建立清单"))
    manager, number = None, said.get("manager", "").strip()
    if number:
        found = org.staff_ids([number])
        if found.is_empty():
            raise CorrectionRefused(_("没有工号 %(number)s；没有建立清单") % {"number": number})
        manager = int(found["custodian_id"][0])
    return actions.collect(
        viewer.scope, said.get("institution", ""), first_date=first, until_date=last + timedelta(days=1),
        custodian=manager, by=viewer.person, at=viewer.now,
    )  # fmt: skip


@never_cache
@require_safe
def batch(request: ViewerRequest, batch: int) -> HttpResponse:
    """One list: its lines masked, its digests, its road, and what the viewer may do next."""
    viewer = request.viewer
    head = batch_or_404(viewer, batch)
    lines = corrections.batch_lines(batch)
    people = [head.made_by, head.custodian, head.signed_by, head.applied_by, *(line.by for line in lines)]
    names = names_of([*people, *(step.by for step in head.steps)])
    recorders = {line.by for line in lines}
    context = {
        **rooms(viewer, "batches"), "head": head, "lines": lines, "names": names,
        "institutions": institution_names([head.institution_code]),
        "customers": personal.masked({line.customer_number for line in lines}),
        "changes": personal.masked_changes(viewer, [line.id for line in lines]),
        "outcomes_of": corrections.line_outcomes(batch), "moments": _moments(head, names),
        "may": _may(viewer, head, recorders), "own": viewer.person == head.made_by or viewer.person in recorders,
    }  # fmt: skip
    return render(request, "corrections/batch.html", context)


def _may(viewer: Viewer, head: corrections.BatchHead, recorders: set[int]) -> dict[str, bool]:
    """What the state and the posts allow; the room below judges again, by row."""
    open_states = ("collecting", "awaiting", "signed", "with_it")
    return {
        "freeze": head.state == "collecting" and viewer.may("corrections:freeze", "POST"),
        "sign": head.state == "awaiting" and viewer.may("corrections:sign", "POST")
        and viewer.person not in recorders | {head.made_by},
        "send_back": head.state in open_states and viewer.may("corrections:send_back", "POST"),
        "receive": head.state == "signed" and viewer.may("corrections:receive", "POST"),
        "apply": head.state == "with_it" and viewer.may("corrections:apply", "POST"),
        "file": head.state == "applied" and viewer.may("corrections:file_copy", "POST"),
        "undo": head.state in ("applied", "filed") and head.undone_by is None and viewer.may("corrections:undo", "POST"),
        "scan": head.state in ("signed", "with_it", "applied", "filed") and "scan" not in head.papers
        and viewer.may("corrections:scan", "POST"),
        "list": "list" in head.papers and viewer.may("corrections:list_file", "POST"),
        "filed": "filed" in head.papers and viewer.may("corrections:filed_file", "POST"),
        "scan_file": "scan" in head.papers and viewer.may("corrections:scan_file", "POST"),
    }  # fmt: skip


def _moments(head: corrections.BatchHead, names: dict[int, str]) -> list[Moment]:
    """The steps, newest first."""
    return [
        Moment(
            head=_(step.label), tag=names.get(step.by, ""), when=timezone.localtime(step.at).strftime("%m-%d %H:%M"),
            text=step.reason, current=place == 0,
        )
        for place, step in enumerate(reversed(head.steps))
    ]  # fmt: skip
