"""A second person agrees or refuses; the asker withdraws; and the same two people's way back.

In: a request within scope. Out: a step, a message. Never: custody moved by one person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tuogu.ledger.failures import LedgerError
from tuogu.transfers import actions
from tuogu.web.transfers.showing import asked_or_404
from tuogu.web.viewer import ViewerRequest

Act = Callable[[ViewerRequest, int], str]


@require_POST
def decide(request: ViewerRequest, request_id: int) -> HttpResponse:
    """Agree or refuse."""
    return _do(request, request_id, {"agree": _agree, "refuse": _refuse})


@require_POST
def withdraw(request: ViewerRequest, request_id: int) -> HttpResponse:
    """The asker takes the request back."""
    return _do(request, request_id, {"": _withdraw})


@require_POST
def undo(request: ViewerRequest, request_id: int) -> HttpResponse:
    """Ask to take a posted transfer back, confirm, refuse, or let it be."""
    acts = {"ask": _ask_undo, "confirm": _confirm_undo, "refuse": _refuse_undo, "withdraw": _withdraw_undo}
    return _do(request, request_id, acts)


def _do(request: ViewerRequest, request_id: int, acts: Mapping[str, Act]) -> HttpResponse:
    asked_or_404(request.viewer, request_id)
    act = acts.get(request.POST.get("decision", ""))
    if act is None:
        raise Http404
    try:
        messages.success(request, act(request, request_id))
    except (actions.TransferRefused, LedgerError) as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": refused})
    return redirect("transfers:record", request_id=request_id)


def _agree(request: ViewerRequest, request_id: int) -> str:
    done = actions.agree(request_id, by=request.viewer.person, at=request.viewer.now)
    said = _("已调整 %(posted)s 件；%(stale)s 件申请之后已变动，留在原处。需要时可在本页申请撤销。")
    return said % {"posted": f"{done.posted:,}", "stale": f"{done.stale.height:,}"}


def _refuse(request: ViewerRequest, request_id: int) -> str:
    actions.refuse(request_id, by=request.viewer.person, at=request.viewer.now, reason=_reason(request))
    return _("已不同意；没有任何变动。")


def _withdraw(request: ViewerRequest, request_id: int) -> str:
    actions.withdraw(request_id, by=request.viewer.person, at=request.viewer.now)
    return _("已撤回申请；没有任何变动。")


def _ask_undo(request: ViewerRequest, request_id: int) -> str:
    actions.ask_undo(request_id, by=request.viewer.person, at=request.viewer.now, reason=_reason(request))
    return _("已申请撤销；另一人确认后才生效，现在没有任何变动。您可以撤回申请。")


def _confirm_undo(request: ViewerRequest, request_id: int) -> str:
    done = actions.confirm_undo(request_id, by=request.viewer.person, at=request.viewer.now)
    said = _("已撤销：%(back)s 件退回，%(kept)s 件此后已变动、保留不动。原记录不删除。")
    return said % {"back": f"{done.posted:,}", "kept": f"{done.conflicts.height:,}"}


def _refuse_undo(request: ViewerRequest, request_id: int) -> str:
    actions.refuse_undo(request_id, by=request.viewer.person, at=request.viewer.now, reason=_reason(request))
    return _("已不同意撤销；没有任何变动。")


def _withdraw_undo(request: ViewerRequest, request_id: int) -> str:
    actions.withdraw_undo(request_id, by=request.viewer.person, at=request.viewer.now)
    return _("已撤回撤销申请；没有任何变动。")


def _reason(request: ViewerRequest) -> str:
    return request.POST.get("reason", "")
