"""The account of a person, for administrators: open, new password, second factor, close, sign out.

In: an act and a reason. Out: the act with its line in the audit trail; a new password, shown once on this answer only.
Never: a password in a message, a session or a log; an act on one's own account (that is `/me/`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.accounts import actions, queries
from tuogu.accounts.failures import AccountRefused
from tuogu.org import queries as org
from tuogu.web.staff.visible import person_or_404
from tuogu.web.viewer import ViewerRequest

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no letter that reads like another


def new_password() -> str:
    """Four groups of four that can be read over a telephone: 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


@never_cache
@require_safe
def account(request: ViewerRequest, staff_number: str) -> HttpResponse:
    """State of the account and everything that was done to it."""
    return _page(request, person_or_404(request.viewer, staff_number))


@never_cache
@require_POST
def act(request: ViewerRequest, staff_number: str) -> HttpResponse:
    """One act, named by `act`."""
    person = person_or_404(request.viewer, staff_number)
    chosen = ACTS.get(request.POST.get("act", ""))
    if chosen is None:
        raise Http404
    try:
        password = chosen(request, person)
    except AccountRefused as refused:
        return _page(request, person, refusal=_("%(why)s；没有写入任何数据。") % {"why": str(refused)})
    return _page(request, person, password=password) if password else redirect("staff:account", staff_number)


def _page(
    request: ViewerRequest, person: org.StaffRow, *, password: str = "", refusal: str = ""
) -> HttpResponse:
    events = queries.events_of(person.person)
    context = {
        "person": person, "account": queries.account_of(person.person), "events": events, "password": password,
        "names": org.names({event.by for event in events}), "refusal": refusal,
        "own": person.person == request.viewer.person,
    }  # fmt: skip
    return render(request, "staff/account.html", context, status=409 if refusal else 200)


def _open(request: ViewerRequest, person: org.StaffRow) -> str:
    password, viewer = new_password(), request.viewer
    actions.make_account(
        person=person.person, login=person.staff_number, password=password, by=viewer.person, at=viewer.now
    )
    return password


def _new_password(request: ViewerRequest, person: org.StaffRow) -> str:
    if person.person == request.viewer.person:
        raise AccountRefused(_("本人的密码请在“我的账号”里修改"))
    password, viewer = new_password(), request.viewer
    actions.set_password(
        person=person.person, password=password, by=viewer.person, at=viewer.now, reason=_reason(request)
    )
    return password


def _reset_factor(request: ViewerRequest, person: org.StaffRow) -> str:
    viewer = request.viewer
    actions.reset_second_factor(
        person=person.person, by=viewer.person, at=viewer.now, reason=_reason(request)
    )
    messages.success(request, _("动态口令已重置，其登录已全部失效；下次登录时须在手机上重新设置。"))
    return ""


def _sign_out(request: ViewerRequest, person: org.StaffRow) -> str:
    actions.end_sessions(person=person.person, by=request.viewer.person, at=request.viewer.now)
    messages.success(request, _("已让其在所有设备上退出；密码照旧可以登录。"))
    return ""


def _deactivate(request: ViewerRequest, person: org.StaffRow) -> str:
    viewer = request.viewer
    actions.deactivate(person=person.person, by=viewer.person, at=viewer.now, reason=_reason(request))
    messages.success(request, _("账号已停用，其登录已全部失效。要恢复，点“恢复账号”。"))
    return ""


def _reactivate(request: ViewerRequest, person: org.StaffRow) -> str:
    viewer = request.viewer
    actions.reactivate(person=person.person, by=viewer.person, at=viewer.now, reason=_reason(request))
    messages.success(request, _("账号已恢复，原密码和动态口令仍然有效。"))
    return ""


def _reason(request: ViewerRequest) -> str:
    reason = request.POST.get("reason", "").strip()[:200]
    if not reason:
        raise AccountRefused(_("请写明原因，会记入账号变更记录"))
    return reason


ACTS: dict[str, Callable[[ViewerRequest, org.StaffRow], str]] = {
    "open": _open,
    "password": _new_password,
    "factor": _reset_factor,
    "sign_out": _sign_out,
    "deactivate": _deactivate,
    "reactivate": _reactivate,
}
