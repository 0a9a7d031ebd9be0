"""Samples for checks by hand: drawn by lot from a frozen list, verdict by verdict (L-09, S3-01)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.core.amending import AMENDABLE, title_of
from tuogu.corrections import actions
from tuogu.corrections import queries as corrections
from tuogu.corrections.failures import CorrectionRefused
from tuogu.web import personal
from tuogu.web.corrections.reading import names_of, rooms
from tuogu.web.viewer import ViewerRequest


@require_POST
def draw(request: ViewerRequest) -> HttpResponse:
    """Draw the day's sample of an institution."""
    viewer = request.viewer
    try:
        made = actions.draw_sample(
            viewer.scope, request.POST.get("institution", ""), by=viewer.person, at=viewer.now
        )
    except CorrectionRefused as refused:
        messages.error(request, str(refused))
        return redirect("corrections:truth")
    messages.success(request, _("已抽出名单；由公开的种子算出，不能重抽。"))
    return redirect("corrections:sample", sample=made)


@never_cache
@require_safe
def sample(request: ViewerRequest, sample: int) -> HttpResponse:
    """The drawn customers in the order of the draw, with their verdicts, and rates by selling agent."""
    viewer = request.viewer
    head = corrections.sample(viewer.scope, sample)
    if head is None:
        raise Http404
    items = corrections.drawn_items(sample)
    context = {
        **rooms(viewer, "truth"), "head": head, "items": items,
        "customers": personal.masked(item.customer_number for item in items),
        "names": names_of([head.by, *(item.by for item in items)]),
        "rates": corrections.sample_rates(viewer.scope, sample),
        "titles": {field: _(title_of(field)) for field in AMENDABLE},
        "fields": [(field, _(title_of(field))) for field in AMENDABLE],
    }  # fmt: skip
    return render(request, "corrections/sample.html", context)


@require_POST
def verdict(request: ViewerRequest, item: int) -> HttpResponse:
    """What the check by hand of one drawn customer found."""
    viewer, said = request.viewer, request.POST
    found = corrections.item_within(viewer.scope, item)
    if found is None:
        raise Http404
    try:
        actions.record_verdict(
            item, verdict=said.get("verdict", ""), wrong_fields=said.getlist("wrong"), note=said.get("note", ""),
            by=viewer.person, at=viewer.now,
        )  # fmt: skip
    except CorrectionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已登记核查结论；再登记一次就以新的为准，原结论保留。"))
    return redirect("corrections:sample", sample=found)
