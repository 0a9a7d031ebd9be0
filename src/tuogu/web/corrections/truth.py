"""Truthfulness (L-09): the newest check and its findings, rates of error, marks until corrected."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.core.truth import KINDS
from tuogu.corrections import actions
from tuogu.corrections import queries as corrections
from tuogu.corrections.failures import CorrectionRefused
from tuogu.org import queries as org
from tuogu.org.rights import Right
from tuogu.renewals import queries as renewals
from tuogu.web import personal
from tuogu.web.corrections.reading import names_of, rooms
from tuogu.web.paging import first_of, numbered
from tuogu.web.viewer import ViewerRequest

_ROWS = 50
_RATES = 12  # entrants and agents with the most errors


@never_cache
@require_safe
def board(request: ViewerRequest) -> HttpResponse:
    """What the newest check found, whose entries and sales it was about, the samples, how many marks are open."""
    viewer = request.viewer
    check, found = corrections.newest_check(), corrections.finding_rows(viewer.scope)
    samples = corrections.samples(viewer.scope)
    people = [check.by if check else None, *(sample.by for sample in samples)]
    context = {
        **rooms(viewer, "truth"), "check": check, "counts": corrections.finding_counts(found),
        "wrong": found["customer_number"].n_unique(), "names": names_of(people), "samples": samples,
        "entrants": corrections.rates_by_entrant(viewer.scope, found)[:_RATES] if check else [],
        "agents": corrections.rates_by_agent(viewer.scope, found)[:_RATES] if check else [],
        "typed": renewals.entries(viewer.scope, most=_RATES) if viewer.can(Right.READ_RENEWALS) else None,
        "held": len(corrections.open_marks(viewer.scope)),
        "institution_options": org.institution_choices(viewer.scope),
        "sample_min": viewer.rulebook["corrections.sample_min"], "sample_bp": viewer.rulebook["corrections.sample_bp"],
    }  # fmt: skip
    return render(request, "corrections/truth.html", context)


@require_POST
def check(request: ViewerRequest) -> HttpResponse:
    """Run every validator now."""
    viewer = request.viewer
    actions.check_truth(by=viewer.person, at=viewer.now)
    messages.success(request, _("已核查全部客户资料；只列出疑点，没有改动任何资料。更正走回访和更改清单。"))
    return redirect("corrections:truth")


@never_cache
@require_safe
def findings(request: ViewerRequest) -> HttpResponse:
    """The customers behind a kind of finding."""
    viewer, kind, first = request.viewer, request.GET.get("kind", ""), first_of(request.GET)
    rows = corrections.finding_rows(viewer.scope, [kind] if kind in KINDS else ())
    page = rows.slice(first - 1, _ROWS).to_dicts()
    numbers = {row["customer_number"] for row in page}
    context = {
        **rooms(viewer, "truth"), "kind": kind, "kinds": KINDS, "rows": page, "total": rows.height,
        "customers": personal.masked(numbers), "marked": corrections.held(numbers),
        "pager": numbered(reverse("corrections:findings"), request.GET, first, _ROWS, rows.height),
        "campaign_url": f"{reverse('corrections:new_programme')}?kinds={kind}" if kind in KINDS else "",
    }  # fmt: skip
    return render(request, "corrections/findings.html", context)


@never_cache
@require_safe
def holds(request: ViewerRequest) -> HttpResponse:
    """Customers that are marked until corrected."""
    viewer, first = request.viewer, first_of(request.GET)
    marks = corrections.open_marks(viewer.scope)
    page = marks[first - 1 : first - 1 + _ROWS]
    context = {
        **rooms(viewer, "truth"), "marks": page, "total": len(marks), "names": names_of(mark.by for mark in page),
        "customers": personal.masked({mark.customer_number for mark in page}),
        "pager": numbered(reverse("corrections:holds"), request.GET, first, _ROWS, len(marks)),
    }  # fmt: skip
    return render(request, "corrections/holds.html", context)


@require_POST
def close(request: ViewerRequest, hold: int) -> HttpResponse:
    """Take one mark off."""
    viewer = request.viewer
    if corrections.mark(viewer.scope, hold) is None:
        raise Http404
    try:
        actions.close_hold(hold, reason=request.POST.get("reason", ""), by=viewer.person, at=viewer.now)
    except CorrectionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已解除标记；要恢复就在新的回访计划里重新标记。"))
    return redirect("corrections:holds")


@require_POST
def close_corrected(request: ViewerRequest) -> HttpResponse:
    """Take the marks off whoever the newest check found nothing about."""
    viewer = request.viewer
    numbers = {mark.customer_number for mark in corrections.open_marks(viewer.scope)}
    try:
        ended = actions.close_corrected(numbers, by=viewer.person, at=viewer.now)
    except CorrectionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已解除 %(n)s 个标记：最近一次核查已无疑点。") % {"n": f"{ended:,}"})
    return redirect("corrections:holds")
