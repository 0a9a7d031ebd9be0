"""Keys of the API: listed, made (shown once), approved for clear data by a second person, revoked."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tuogu.core.custody import SHANGHAI
from tuogu.integration import actions
from tuogu.integration.actions import IntegrationRefused
from tuogu.org import queries as org
from tuogu.web.keys.shown import context
from tuogu.web.paging import day_of
from tuogu.web.viewer import Viewer, ViewerRequest

EVERYWHERE = "*"
_BETWEEN = re.compile(r"[,\uff0c\s]+")  # commas of either width


@never_cache
@require_http_methods(["GET", "POST"])
def keys(request: ViewerRequest) -> HttpResponse:
    """The page; a POST makes a key and shows it, this once."""
    if request.method == "GET":
        return render(request, "keys/list.html", context(request.viewer))
    given = {
        name: request.POST.get(name, "").strip()
        for name in ("name", "owner", "institution", "addresses", "expires")
    }
    chosen = {**given, "rights": request.POST.getlist("rights")}
    try:
        secret = _made(request.viewer, chosen)
    except IntegrationRefused as refused:
        shown = context(request.viewer, given=chosen, refusal=str(refused))
        return render(request, "keys/list.html", shown, status=400)
    return render(request, "keys/list.html", context(request.viewer, secret=secret))


@require_POST
def approve(request: ViewerRequest, key: int) -> HttpResponse:
    """The second person's word."""
    viewer = request.viewer
    try:
        actions.approve_clear(key, within=viewer.scope, by=viewer.person, at=viewer.now)
        messages.success(request, _("已批准这把密钥读取未脱敏资料；要收回请吊销密钥"))
    except IntegrationRefused as refused:
        messages.error(request, str(refused))
    return _back(request)


@require_POST
def revoke(request: ViewerRequest, key: int) -> HttpResponse:
    """Dead from its next call on."""
    viewer = request.viewer
    try:
        actions.revoke_key(key, within=viewer.scope, by=viewer.person, at=viewer.now)
        messages.success(request, _("已吊销，下一次调用起无效；不能恢复，需要时另建一把"))
    except IntegrationRefused as refused:
        messages.error(request, str(refused))
    return _back(request)


def _made(viewer: Viewer, given: dict[str, object]) -> str:
    owner = org.staff_ids([str(given["owner"])])["custodian_id"].to_list()
    day = day_of(str(given["expires"]))
    place = str(given["institution"])
    if not owner or day is None or not place:
        raise IntegrationRefused(_("请填写在职负责人的工号、范围和有效期；没有写入任何数据"))
    until = datetime.combine(day + timedelta(days=1), time.min, SHANGHAI)  # the whole last day
    _id, secret = actions.make_key(
        name=str(given["name"]), owner=owner[0], rights=list(given["rights"]),  # type: ignore[call-overload]  # a list
        institution_code="" if place == EVERYWHERE else place, addresses=_BETWEEN.split(str(given["addresses"])),
        expires_at=until, maker_scope=viewer.scope, rulebook=viewer.rulebook, by=viewer.person, at=viewer.now,
    )  # fmt: skip
    return secret


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(reverse("keys:list"))
