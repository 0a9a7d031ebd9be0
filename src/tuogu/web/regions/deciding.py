"""Deciding at the desk: this community, none, later, or take the last one back. Each answers with the next address.

In: a customer within scope and a choice. Out: a stored decision, a message that says how to undo it. Never: a decision by a
link that somebody followed (POST only), one on a customer out of scope.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tuogu.books import actions
from tuogu.books import queries as books
from tuogu.regions import queries as regions
from tuogu.regions.failures import RegionsRefused
from tuogu.web.paging import id_of
from tuogu.web.regions.desk import SKIPPED, below, item_or_404, item_url, skipped
from tuogu.web.regions.words import evidence_words, known_reason
from tuogu.web.viewer import ViewerRequest

_SKIPPED_MAX = 500  # of one session


@require_POST
def choose(request: ViewerRequest, number: str) -> HttpResponse:
    """This customer lives in that community."""
    viewer, community = request.viewer, request.POST.get("community", "")
    found = item_or_404(viewer, number)
    spot = next((spot for spot in found.spots if spot.candidate.code == community), None)
    evidence = evidence_words(spot.candidate.evidence) if spot else _("在编码簿中搜得")
    following = _following(request, number)
    try:
        actions.code_by_hand(
            viewer.scope, number, community, evidence=evidence, by=viewer.person, at=viewer.now
        )
    except actions.CodingRefused as refused:
        messages.error(request, str(refused))
        return redirect(item_url(number, _reason(request)))
    place = regions.names_of([community], viewer.today)[community]
    messages.success(request, _("已编码到 %(place)s；按 U 撤销") % {"place": place})
    return redirect(following)


@require_POST
def uncodable(request: ViewerRequest, number: str) -> HttpResponse:
    """This address cannot be coded, and why."""
    viewer = request.viewer
    item_or_404(viewer, number)
    following = _following(request, number)
    try:
        actions.not_codable(
            viewer.scope, number, request.POST.get("why", ""), by=viewer.person, at=viewer.now
        )
    except actions.CodingRefused as refused:
        messages.error(request, str(refused))
        return redirect(item_url(number, _reason(request)))
    messages.success(request, _("已判为无法编码，地址变更后再进入队列；按 U 撤销"))
    return redirect(following)


@require_POST
def skip(request: ViewerRequest, number: str) -> HttpResponse:
    """Later: the customer stays in the queue and is not offered again in this session. `number` 'none' brings all back."""
    if request.POST.get("back"):
        request.session[SKIPPED] = []
        return redirect("regions:desk")
    item_or_404(request.viewer, number)
    following = _following(request, number)
    aside = [*skipped(request), number]
    request.session[SKIPPED] = list(dict.fromkeys(aside))[-_SKIPPED_MAX:]
    return redirect(following)


@require_POST
def undo(request: ViewerRequest) -> HttpResponse:
    """Take back one of the viewer's own acts; several customers where it was a pattern."""
    viewer, act = request.viewer, id_of(request.POST.get("act", ""))
    found = regions.act_of(act) if act is not None else None
    if found is None or found.by != viewer.person:
        raise Http404
    customers = regions.customers_of(found.id)
    try:
        restored = actions.undo_coding(viewer.scope, found.id, by=viewer.person, at=viewer.now)
    except (actions.CodingRefused, RegionsRefused) as refused:
        messages.error(request, str(refused))
        return redirect("regions:desk")
    messages.success(request, _("已撤销，%(n)s 位客户回到判定以前") % {"n": restored})
    if found.kind == regions.Kind.ONE:
        return redirect(item_url(customers[0], ""))
    return redirect("regions:patterns")


def _reason(request: ViewerRequest) -> str:
    return known_reason(request.POST.get("reason", ""))


def _following(request: ViewerRequest, number: str) -> str:
    """Where to go on: the next customer of the filter, else the first one, else that there is none."""
    viewer, reason = request.viewer, _reason(request)
    rows = books.queue_page(
        viewer.scope, below(viewer), reason=reason, from_number=number, skipped=skipped(request), size=2
    )
    after = next((row.number for row in rows if row.number != number), "")
    if after:
        return item_url(after, reason)
    base = reverse("regions:desk")
    return f"{base}?{urlencode({'reason': reason})}" if reason else base
