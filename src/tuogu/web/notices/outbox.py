"""The outbox: what waits, what left, what became of it; what a person must find out.

In: the viewer's scope. Out: lines without text or address. Never: a sending from here (the worker sends).
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.notices import actions
from tuogu.notices import queries as notices
from tuogu.web.notices.rooms import shared
from tuogu.web.notices.words import names, options
from tuogu.web.paging import first_of, numbered
from tuogu.web.viewer import ViewerRequest

_ROWS = 40


@never_cache
@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Messages, newest first."""
    viewer, query, first = request.viewer, request.GET, first_of(request.GET)
    state, channel = query.get("state", ""), query.get("channel", "")
    rows, total = notices.message_page(viewer.scope, state=state, channel=channel, first=first, size=_ROWS)
    context = {
        **shared("outbox"),
        "rows": rows,
        "total": total,
        "people": names({row.leaver for row in rows} | {row.prepared_by for row in rows}),
        "states": options("message_state"),
        "channels": options("channel"),
        "closed": {way: why for way, why in notices.ways_out(viewer.today).items() if why},
        "pager": numbered(reverse("notices:outbox"), query, first, _ROWS, total),
        "filtered": bool(state or channel),
    }
    return render(request, "notices/outbox.html", context)


@require_POST
def settle(request: ViewerRequest, message: int) -> HttpResponse:
    """A person has found out whether an unsure message went out."""
    _within(request, message)
    went_out = request.POST.get("answer") == "sent"
    try:
        actions.settle(message, went_out=went_out, by=request.viewer.person, at=request.viewer.now)
    except actions.NoticeRefused as refused:
        messages.error(request, str(refused))
    else:
        said = _("已记为发出，等待回执。") if went_out else _("已重新排队，由后台再发；发出前可以取消。")
        messages.success(request, said)
    return redirect(f"{reverse('notices:outbox')}?state=unsure")


@require_POST
def cancel(request: ViewerRequest, message: int) -> HttpResponse:
    """Take back a message that has not left."""
    _within(request, message)
    try:
        actions.cancel(message, by=request.viewer.person, at=request.viewer.now)
    except actions.NoticeRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已取消，案件回到待告知；可以重新准备。"))
    return redirect("notices:outbox")


def _within(request: ViewerRequest, message: int) -> None:
    if not notices.message_within(request.viewer.scope, message):
        raise Http404
