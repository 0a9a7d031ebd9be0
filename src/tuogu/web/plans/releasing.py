"""The calendar of a plan: post what is due, look ahead, cancel an instalment, schedule it again.

In: an approved plan. Out: posted batches, a changed calendar, each with one line that says how to take it back. Never: an
instalment before its day; a release by its approver (the room refuses and says why).
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.ledger.failures import LedgerError
from tuogu.plans import actions
from tuogu.plans import queries as plans
from tuogu.web.paging import day_of
from tuogu.web.plans.visible import head_or_404, release_or_404
from tuogu.web.plans.words import counted
from tuogu.web.viewer import ViewerRequest

_LISTED = 50  # rows left out that the preview names; their number is always given


@require_POST
def release(request: ViewerRequest, plan: int) -> HttpResponse:
    """Post every instalment of this plan that is due today."""
    viewer = request.viewer
    head = head_or_404(viewer, plan)
    try:
        outcomes = actions.release_due(
            by=viewer.person, at=viewer.now, plan_id=plan, override_reason=request.POST.get("override", "")
        )
    except (actions.PlanRefused, LedgerError) as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": str(refused)})
        return redirect("plans:plan", plan=plan)
    if not outcomes:
        messages.warning(request, _("今天没有到期的期次；没有写入任何数据。"))
    for outcome in outcomes:
        _tell(request, head.strategy, outcome)
    return redirect("plans:plan", plan=plan)


@require_safe
def outlook(request: ViewerRequest, release: int) -> HttpResponse:
    """What releasing this instalment today would do: a fragment for a dialog; writes nothing."""
    row = release_or_404(request.viewer, release)
    found = plans.release_outlook(release, request.viewer.scope, on=request.viewer.today)
    context = {
        "row": row,
        "head": head_or_404(request.viewer, row.plan),
        "found": found,
        "stale": found.stale.head(_LISTED).to_dicts(),
        "held": found.held.head(_LISTED).to_dicts(),
        "held_count": found.held.height,
        "refusals": found.refusals[:3],
    }
    return render(request, "plans/_outlook.html", context)


@require_POST
def cancel(request: ViewerRequest, release: int) -> HttpResponse:
    """Cancel an instalment before its day."""
    viewer, row = request.viewer, release_or_404(request.viewer, release)
    try:
        actions.cancel(release, by=viewer.person, at=viewer.now, reason=request.POST.get("reason", ""))
        said = _("第 %(n)s 期已取消；没有任何变动。可在下面重新安排。")
        messages.success(request, said % {"n": row.instalment})
    except actions.PlanRefused as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": str(refused)})
    return redirect("plans:plan", plan=row.plan)


@require_POST
def again(request: ViewerRequest, release: int) -> HttpResponse:
    """Schedule a cancelled or undone instalment on another day."""
    viewer, row = request.viewer, release_or_404(request.viewer, release)
    day = day_of(request.POST.get("due_date", ""))
    if day is None:
        messages.error(request, _("请选发放日；没有写入任何数据。"))
        return redirect("plans:plan", plan=row.plan)
    try:
        actions.schedule_again(release, due_date=day, by=viewer.person, at=viewer.now)
        said = _("第 %(n)s 期已安排在 %(day)s 发放；到期前可取消。")
        messages.success(request, said % {"n": row.instalment, "day": day})
    except actions.PlanRefused as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": str(refused)})
    return redirect("plans:plan", plan=row.plan)


def _tell(request: ViewerRequest, strategy: str, outcome: actions.Released | actions.Refused) -> None:
    if isinstance(outcome, actions.Refused):
        said = _("第 %(n)s 期没有下发：%(why)s。没有写入任何数据。")
        messages.error(request, said % {"n": outcome.instalment, "why": outcome.reason})
        return
    said = _(
        "第 %(n)s 期已下发 %(posted)s，未变 %(same)s，封印 %(seal)s。要撤回，请在下面申请撤销，由另一人确认。"
    )
    facts = {
        "n": outcome.instalment, "posted": counted(outcome.posted, strategy), "same": counted(outcome.unchanged, strategy),
        "seal": outcome.seal_number,
    }  # fmt: skip
    messages.success(request, said % facts)
    if outcome.stale.height:
        said = _("第 %(n)s 期有 %(left)s自方案以来已变动，未下发，保留不动。")
        messages.warning(
            request, said % {"n": outcome.instalment, "left": counted(outcome.stale.height, strategy)}
        )
    if outcome.held.height:
        said = _(
            "第 %(n)s 期有 %(held)s暂缓：接收人今天不在岗，仍由现责任人负责；已另排 %(day)s 再发，可取消。"
        )
        held = counted(outcome.held.height, strategy)
        messages.warning(request, said % {"n": outcome.instalment, "held": held, "day": outcome.again})
