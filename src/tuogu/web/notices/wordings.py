"""Wordings of the channels: the one in use, a further version, a second person's word.

In: a title and a body with placeholders. Out: versions. Never: a version that only its author has read in use.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tuogu.notices import actions
from tuogu.notices import queries as notices
from tuogu.org.rights import Right
from tuogu.web.notices.rooms import shared
from tuogu.web.notices.words import names, options
from tuogu.web.viewer import ViewerRequest


@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: ViewerRequest) -> HttpResponse:
    """GET shows what is in use and the versions; POST drafts a further one."""
    viewer, refusal = request.viewer, ""
    channels = dict(options("channel"))
    channel = request.POST.get("channel") or request.GET.get("channel", "")
    channel = channel if channel in channels else "letter"
    current = notices.current(channel)
    title, body = current.title, current.body
    if request.method == "POST":
        title, body = request.POST.get("title", ""), request.POST.get("body", "")
        try:
            actions.draft(channel, title=title, body=body, by=viewer.person, at=viewer.now)
        except actions.NoticeRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("已存为新版本，须另一人复核后才使用；复核前仍用现行版本。"))
            return redirect(f"{request.path}?channel={channel}")
    versions = notices.versions(channel)
    context = {
        **shared("wordings"),
        "channel": channel,
        "channels": channels,
        "current": current,
        "title": title,
        "body": body,
        "refusal": refusal,
        "versions": versions,
        "people": names({v.drafted_by for v in versions} | {v.decided_by for v in versions}),
        "placeholders": notices.PLACEHOLDERS,
        "may_decide": viewer.can(Right.APPROVE_NOTICES),
        "may_draft": viewer.can(Right.SEND_NOTICES),
    }
    return render(request, "notices/wordings.html", context, status=409 if refusal else 200)


@require_POST
def decide(request: ViewerRequest, version: int) -> HttpResponse:
    """Approve or decline a version."""
    viewer, approve = request.viewer, request.POST.get("decision") == "approve"
    try:
        actions.decide(
            version, approve=approve, reason=request.POST.get("reason", ""), by=viewer.person, at=viewer.now
        )
    except actions.NoticeRefused as refused:
        messages.error(request, str(refused))
    else:
        said = _("已同意，从现在起使用这个版本。") if approve else _("未同意；起草人可以再存一个版本。")
        messages.success(request, said)
    channel = request.POST.get("channel", "letter")
    return redirect(f"{_home()}?channel={channel if channel in dict(options('channel')) else 'letter'}")


def _home() -> str:
    from django.urls import reverse

    return reverse("notices:wordings")
