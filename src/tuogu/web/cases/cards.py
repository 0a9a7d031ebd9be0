"""The service card of a customer (S1-28): its number, its entries with the three items, another card in its place.

In: a viewer and a customer within scope. Out: the page, a card. Never: an entry without its three items (`work` refuses
it), a customer out of scope (404).
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.books import queries as books
from tuogu.cases import actions
from tuogu.cases import queries as cases
from tuogu.org import queries as org
from tuogu.web import personal
from tuogu.web.cases.words import rooms
from tuogu.web.viewer import Viewer, ViewerRequest


@require_safe
def card(request: ViewerRequest, number: str) -> HttpResponse:
    """The card in use with its entries."""
    viewer = request.viewer
    _within(viewer, number)
    entries = personal.card_entries(viewer, number)
    context = {
        "rooms": rooms(viewer, "list"), "number": number, "customer": personal.masked([number]).get(number),
        "card": cases.card_of(number), "entries": entries, "people": org.known_as(entry.by for entry, _texts in entries),
        "rows": cases.cases_of_customer(number),
    }  # fmt: skip
    return render(request, "cases/card.html", context)


@require_POST
def replace(request: ViewerRequest, number: str) -> HttpResponse:
    """Another card in place of one that is lost or full."""
    viewer = request.viewer
    _within(viewer, number)
    try:
        made = actions.replace_card(
            number, reason=request.POST.get("reason", ""), by=viewer.person, at=viewer.now
        )
    except actions.CaseRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("新卡号 %(label)s；旧卡号不再使用，也不会另发。") % {"label": made.label})
    return redirect("cases:card", number)


def _within(viewer: Viewer, number: str) -> None:
    if not books.customer_within(viewer.scope, number):
        raise Http404
