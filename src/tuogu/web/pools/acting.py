"""Claim and give back: each says what happened to every piece, and how to take it back.

In: posted forms of desk or phone. Out: messages, and the page they came from. Never: a piece of somebody out of scope given
back; a redirect to an address that somebody else wrote.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tuogu.org.rights import Right
from tuogu.pools import actions
from tuogu.pools import queries as pools
from tuogu.pools.failures import PoolRefused
from tuogu.web.viewer import ViewerRequest

_WHYS_SHOWN = 5
_BACK = {"phone": "phone:pool", "desk": "pools:pieces"}
_CLAIMS = {"phone": "phone:claims", "desk": "pools:claims"}


@require_POST
def claim(request: ViewerRequest) -> HttpResponse:
    """The ticked pieces, or the one whose button was pressed."""
    post = request.POST
    numbers = [post["one"]] if post.get("one") else post.getlist("pick")
    relation = post.get("relation", "custody")
    try:
        done = actions.claim(numbers, relation=relation, by=request.viewer.person, at=request.viewer.now)
    except PoolRefused as refused:
        messages.error(request, str(refused))
        return _back(request, _BACK, relation)
    won, lost = [one for one in done if one.done], [one for one in done if not one.done]
    if won:
        said = _("已认领 %(n)s 件，现在由您负责，联系方式可以查看；不合适的在“我的认领”里退回。")
        messages.success(request, said % {"n": len(won)})
    for one in lost[:_WHYS_SHOWN]:
        messages.warning(
            request, _("%(number)s 没有领到：%(why)s。") % {"number": one.number[-8:], "why": one.why}
        )
    if len(lost) > _WHYS_SHOWN:
        messages.warning(request, _("另有 %(n)s 件没有领到。") % {"n": len(lost) - _WHYS_SHOWN})
    return _back(request, _BACK if lost and not won else _CLAIMS, relation if lost and not won else "")


@require_POST
def give_back(request: ViewerRequest, claim_id: int) -> HttpResponse:
    """The claimant's own piece, or one within the scope of who keeps the pools."""
    viewer = request.viewer
    found = pools.claim_within(viewer.scope, claim_id)
    if found is None or (found.person != viewer.person and not viewer.can(Right.KEEP_POOLS)):
        raise Http404  # a substitute contacts customers, but gives nothing away (P-05)
    try:
        actions.give_back(claim_id, reason=request.POST.get("reason", ""), by=viewer.person, at=viewer.now)
    except PoolRefused as refused:
        messages.error(request, str(refused))
    else:
        said = _("%(number)s 已退回公共池；要留下的话，可重新认领。")
        messages.success(request, said % {"number": found.number[-8:]})
    return _back(request, _CLAIMS, "")


def _back(request: ViewerRequest, names: dict[str, str], relation: str) -> HttpResponse:
    name = names.get(request.POST.get("back", ""), names["desk"])
    query = f"?relation={relation}" if relation in ("custody", "development") else ""
    return redirect(reverse(name) + query)
