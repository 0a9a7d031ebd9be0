"""Undo by two people: one sees what would go back and asks with a reason, another confirms or declines.

In: a posted release. Out: a request, then a compensating batch. Never: custody moved by a request; an undo without the
number of policies that go back typed, which a hasty click does not do.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tuogu.ledger.failures import LedgerError
from tuogu.plans import actions
from tuogu.plans import queries as plans
from tuogu.web.plans.visible import head_or_404, release_or_404
from tuogu.web.plans.words import counted
from tuogu.web.viewer import ViewerRequest

_LISTED = 50  # conflicts that the dialog names at first; a link shows all


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: ViewerRequest, release: int) -> HttpResponse:
    """GET: what an undo would do now, as the content of a dialog. POST: ask for it."""
    viewer, row = request.viewer, release_or_404(request.viewer, release)
    if request.method == "POST":
        _ask(request, row)
        return redirect("plans:plan", plan=row.plan)
    try:
        found = plans.undo_outlook(release, viewer.scope, on=viewer.today)
    except plans.PlanUnknown:
        return _shown(request, {"row": row, "found": None}, 409)
    asked, every = row.undo_asked, request.GET.get("all") == "1"
    context = {
        "row": row,
        "head": head_or_404(viewer, row.plan),
        "found": found,
        "conflicts": (found.conflicts if every else found.conflicts.head(_LISTED)).to_dicts(),
        "listed": _LISTED,
        "cut": found.kept > _LISTED and not every,
        "asked": asked,
        "own": asked is not None and asked.by == viewer.person,
        "may_decide": viewer.may("plans:undo_decide", "POST"),
    }
    return _shown(request, context, 200)


@require_POST
def decide(request: ViewerRequest, release: int) -> HttpResponse:
    """Confirm, decline or withdraw a request."""
    row = release_or_404(request.viewer, release)
    acts = {"confirm": _confirm, "refuse": _refuse, "withdraw": _withdraw}
    act = acts.get(request.POST.get("decision", ""))
    if act is not None:
        try:
            act(request, row)
        except (actions.PlanRefused, LedgerError) as refused:
            messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": str(refused)})
    return redirect("plans:plan", plan=row.plan)


def _shown(request: ViewerRequest, context: dict[str, Any], status: int) -> HttpResponse:
    """The content of a dialog for the page that asks by htmx; a page of its own for who follows a link."""
    name = "plans/_undo.html" if request.headers.get("HX-Request") else "plans/undo.html"
    return render(request, name, context, status=status)


def _ask(request: ViewerRequest, row: plans.ReleaseRow) -> None:
    viewer = request.viewer
    typed = request.POST.get("typed", "").strip().replace(",", "")
    try:
        found = plans.undo_outlook(row.id, viewer.scope, on=viewer.today)
        if typed != str(found.undoable):
            said = _("输入的数量与可撤销的 %(n)s 不符；没有写入任何数据。")
            messages.error(request, said % {"n": f"{found.undoable:,}"})
            return
        actions.ask_undo(row.id, by=viewer.person, at=viewer.now, reason=request.POST.get("reason", ""))
    except (actions.PlanRefused, plans.PlanUnknown) as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": str(refused)})
        return
    said = _("已申请撤销第 %(n)s 期；另一人确认后才生效，现在没有任何变动。你可以撤回申请。")
    messages.success(request, said % {"n": row.instalment})


def _confirm(request: ViewerRequest, row: plans.ReleaseRow) -> None:
    done = actions.confirm_undo(row.id, by=request.viewer.person, at=request.viewer.now)
    said = _("第 %(n)s 期已撤销：%(back)s退回，%(kept)s此后已变动、保留不动。原记录不删除，可重新安排发放。")
    strategy = head_or_404(request.viewer, row.plan).strategy
    facts = {
        "n": row.instalment,
        "back": counted(done.posted, strategy),
        "kept": counted(done.conflicts.height, strategy),
    }
    messages.success(request, said % facts)
    if done.redirected.height:
        said = _("其中 %(n)s原来的接手人已离司，转入保全组。")
        messages.warning(request, said % {"n": counted(done.redirected.height, strategy)})


def _refuse(request: ViewerRequest, row: plans.ReleaseRow) -> None:
    actions.refuse_undo(
        row.id, by=request.viewer.person, at=request.viewer.now, reason=request.POST.get("reason", "")
    )
    messages.success(request, _("已不同意撤销第 %(n)s 期；没有任何变动。") % {"n": row.instalment})


def _withdraw(request: ViewerRequest, row: plans.ReleaseRow) -> None:
    actions.withdraw_undo(row.id, by=request.viewer.person, at=request.viewer.now)
    messages.success(request, _("已撤回撤销第 %(n)s 期的申请；没有任何变动。") % {"n": row.instalment})
