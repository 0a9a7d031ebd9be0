"""Records that arrived after their customer had passed to somebody else: who decides what they count as.

In: a viewer, the record asked for, a posted decision with its reason. Out: a desk; a decision, a message. Never: a record
dropped without a person and a reason; one decided by who sent it; one out of scope (404).
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.org import queries as org
from tuogu.web import personal
from tuogu.web.paging import id_of
from tuogu.web.parts import View
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.web.work.rooms import rooms
from tuogu.work import actions
from tuogu.work import queries as work
from tuogu.work.failures import WorkRefused
from tuogu.work.kinds import Decision, Kind, Outcome, Service
from tuogu.work.said import CARD, Said

_KEYS = ("1", "2", "3")


@require_safe
def conflicts(request: ViewerRequest) -> HttpResponse:
    """The waiting ones, newest first; the one asked for, or the first, stands open. `of=decided`: what was decided."""
    viewer, query = request.viewer, request.GET
    decided = query.get("of") == "decided"
    rows = work.conflicts(viewer.scope, decided=decided)
    asked = id_of(query.get("id", ""))
    row = next((one for one in rows if one.id == asked), rows[0] if rows else None)
    found = None if row is None else work.conflict(viewer.scope, row.id)
    said = found[1] if found else None
    context = {
        "rooms": rooms(viewer, "conflicts"), "tabs": _tabs(decided), "decided": decided, "rows": rows, "row": row,
        "said": said, "told": _told(said) if said else [],
        "people": org.known_as([i for one in rows for i in (one.by, one.held_by)]),
        "shown": personal.masked(one.customer_number for one in rows),
        "decisions": list(zip(_KEYS, Decision.values, [_(one.label) for one in Decision], strict=True)),
        "words": {str(one.value): _(one.label) for one in Decision},
        "may_resolve": row is not None and _may(viewer, row.by) and not decided,
        "own": row is not None and row.by == viewer.person,
    }  # fmt: skip
    return render(request, "work/conflicts.html", context)


def _may(viewer: Viewer, by: int) -> bool:
    return by != viewer.person and viewer.may("work:resolve", "POST")


def _tabs(decided: bool) -> list[View]:
    url = reverse("work:conflicts")
    return [View(_("待定"), url, None, not decided), View(_("已决定"), f"{url}?of=decided", None, decided)]


def _told(said: Said) -> list[tuple[str, Any]]:
    """What the record says, as far as it was filled in: words of the program, no text that a person typed."""
    lines = [
        (_("方式"), _(Kind(said.kind).label)),
        (_("结果"), _(Outcome(said.outcome).label)),
        (_("基本服务"), _("、").join(_(Service(one).label) for one in said.services)),
        (_("服务卡"), _("三项都已填写") if set(said.card) == set(CARD) else ""),
        (_("保单"), _("、").join(said.policies)),
    ]
    return [(name, text) for name, text in lines if text]


@require_POST
def resolve(request: ViewerRequest, conflict_id: int) -> HttpResponse:
    """Count it for who held the customer then, for who does now, or not at all."""
    viewer, post = request.viewer, request.POST
    if work.conflict(viewer.scope, conflict_id) is None:
        raise Http404
    try:
        actions.resolve(
            conflict_id, post.get("decision", ""), reason=post.get("reason", ""), by=viewer.person, at=viewer.now
        )  # fmt: skip
    except WorkRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已决定，原记录和决定都留档；决定错了的，请责任人更正那条记录。"))
    return redirect("work:conflicts")
