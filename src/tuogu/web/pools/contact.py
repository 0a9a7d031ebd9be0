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
from tuogu.web.phone.whose import holder_of
from tuogu.web.viewer import ViewerRequest


@require_POST
def contact(request: ViewerRequest, number: str) -> HttpResponse:
    """`channel`, `outcome`, perhaps `next` and `note`."""
    viewer, post = request.viewer, request.POST
    shown, policies = holder_of(viewer, number)
    try:
        actions.contacted(
            number,
            person=shown.person,
            policy=policies[0].number,
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
    return redirect("phone:customer" if post.get("back") == "phone" else "customers:record", number)
