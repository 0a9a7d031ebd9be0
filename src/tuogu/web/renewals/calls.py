"""The city's calls to everybody unrenewed fifteen days before, and urgings that nobody acknowledged (S3-11, S3-12).

In: a viewer, a call's result. Out: rows of the room. Never: a phone in clear (that is the customer's own page).
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.renewals import actions
from tuogu.renewals import queries as renewals
from tuogu.web.chances import advised
from tuogu.web.paging import id_of
from tuogu.web.renewals.reading import rooms, shown, told
from tuogu.web.viewer import ViewerRequest

_SHOWN = 60


@require_safe
def desk(request: ViewerRequest) -> HttpResponse:
    """Who is to be called now, the nearest end of cover first; who has not answered an urging."""
    viewer = request.viewer
    to_call = advised.ordered(viewer, renewals.call_list(viewer.scope, viewer.today))
    silent = renewals.unacknowledged(viewer.scope, viewer.today)
    called, urged = to_call.head(_SHOWN).to_dicts(), silent.head(_SHOWN).to_dicts()
    known = renewals.pipeline_of([row["subject_id"] for row in (*called, *urged)], viewer.today)
    by_subject = {row["subject_id"]: row for row in known.to_dicts()}
    lines = list(by_subject.values())
    context: dict[str, Any] = {
        "rooms": rooms(viewer, "calls"), "cases": by_subject, "to_call": called, "calls_total": to_call.height,
        "silent": urged, "silent_total": silent.height, "may_call": viewer.may("renewals:call", "POST"),
        "advices": advised.on_cases(viewer, [row["subject_id"] for row in called]), **shown(lines),
    }  # fmt: skip
    return render(request, "renewals/calls.html", context)


@require_POST
def call(request: ViewerRequest) -> HttpResponse:
    """What came of a call."""
    viewer, post = request.viewer, request.POST
    fired = id_of(post.get("fired", ""))
    if fired is None or fired not in renewals.call_list(viewer.scope, viewer.today)["fired"].to_list():
        raise Http404

    def act() -> str:
        actions.file_call(fired, post.get("result", ""), by=viewer.person, at=viewer.now)
        return _("已登记呼出结果；未联系上的留在名单里，可再呼。")

    told(request, act)
    return redirect("renewals:calls")
