"""Webhooks of a key: subscribed, tried again, one event passed over, ended."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tuogu.integration import actions
from tuogu.integration.actions import IntegrationRefused
from tuogu.web.keys.shown import context
from tuogu.web.paging import id_of
from tuogu.web.viewer import ViewerRequest

_ACTS = {"resume": actions.resume, "skip": actions.skip, "end": actions.end}


@never_cache
@require_POST
def subscribe(request: ViewerRequest) -> HttpResponse:
    """A new webhook; its secret is shown this once."""
    viewer = request.viewer
    try:
        _id, secret = actions.subscribe(
            id_of(request.POST.get("key", "")) or 0, url=request.POST.get("url", "").strip(),
            kinds=request.POST.getlist("kinds"), within=viewer.scope, rulebook=viewer.rulebook, by=viewer.person,
            at=viewer.now,
        )  # fmt: skip
    except IntegrationRefused as refused:
        return render(request, "keys/list.html", context(viewer, refusal=str(refused)), status=400)
    return render(request, "keys/list.html", context(viewer, secret=secret))


@require_POST
def act(request: ViewerRequest, subscription: int) -> HttpResponse:
    """Try again, pass over, or end."""
    viewer, wanted = request.viewer, _ACTS.get(request.POST.get("act", ""))
    try:
        if wanted is None:
            raise IntegrationRefused(_("请选择一种处理；没有写入任何数据"))
        wanted(subscription, within=viewer.scope, by=viewer.person, at=viewer.now)
        messages.success(request, _("已处理；作业进程在几分钟内按新的状态发送，随时可在此页再改"))
    except IntegrationRefused as refused:
        messages.error(request, str(refused))
    return redirect(reverse("keys:list"))
