"""`/me/`: the viewer's own account."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.accounts import actions, queries
from tuogu.org import queries as org
from tuogu.web.personal import reveals_left
from tuogu.web.staff.posts import place_words
from tuogu.web.viewer import ViewerRequest


@require_safe
def me(request: ViewerRequest) -> HttpResponse:
    """Facts, posts, safety of the account, what was done to it."""
    viewer = request.viewer
    events = queries.events_of(viewer.person, limit=8)
    posts = org.posts_of([viewer.person], viewer.today)
    return render(
        request,
        "me/phone.html" if viewer.only_phone else "me/account.html",
        {
            "account": queries.account_of(viewer.person),
            "posts": posts,
            "places": place_words(posts),
            "left": reveals_left(viewer),
            "events": events,
            "names": org.names({event.by for event in events}),
        },
    )


@require_POST
def sign_out_everywhere(request: ViewerRequest) -> HttpResponse:
    """End every session of this account, this one included."""
    actions.end_sessions(person=request.viewer.person, by=request.viewer.person, at=request.viewer.now)
    messages.success(request, _("已在所有设备上退出。"))
    return redirect("account_login")
