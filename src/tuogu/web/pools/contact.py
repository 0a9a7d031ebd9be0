"""A follow-up written down: from the phone or the desk, by who serves the customer or stands in.

In: a posted form. Out: a row, a message. Never: a customer whom the viewer does not serve (404), words about a customer in
an address or a log.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tuogu.pools import actions
from tuogu.pools.failures import PoolRefused
from tuogu.web.paging import day_of
from tuogu.web.phone.claimed import claim_or_404
from tuogu.web.phone.whose import holder_of
from tuogu.web.viewer import Viewer, ViewerRequest

CLAIMED = "claimed"  # the phone's page of a customer claimed for development


@require_POST
def contact(request: ViewerRequest, number: str) -> HttpResponse:
    """`channel`, `outcome`, perhaps `next` and `note`."""
    viewer, post = request.viewer, request.POST
    person, policy = _served(viewer, number, claimed=post.get("back") == CLAIMED)
    try:
        actions.contacted(
            number,
            person=person,
            policy=policy,
            channel=post.get("channel", ""),
            outcome=post.get("outcome", ""),
            next_date=day_of(post.get("next", "")),
            note=post.get("note", ""),
            by=viewer.person,
            at=viewer.now,
        )
    except PoolRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request, _("已记下这次跟进，退回的日子重新起算。记错了的，再记一次即可，原记录保留。")
        )
    pages = {"phone": "phone:customer", CLAIMED: "phone:claimed"}
    return redirect(pages.get(post.get("back", ""), "customers:record"), number)


def _served(viewer: Viewer, number: str, *, claimed: bool) -> tuple[int, str]:
    """Whose customer it is, and the policy that stands for it: none of a customer claimed for development."""
    if claimed:
        return claim_or_404(viewer, number).person, ""
    shown, policies = holder_of(viewer, number)
    return shown.person, policies[0].number
