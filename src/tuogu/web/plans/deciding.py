"""The approver's own desk: what is asked, what has changed since, one decision by one key.

In: a draft by somebody else. Out: approval with its calendar, or the draft sent back with a reason. Never: a decision on
one's own plan (the room refuses it and says why), an entry of the ledger.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tuogu.core.strategies import STRATEGIES, TERRITORY
from tuogu.files.certificate_words import FACT_TOPICS
from tuogu.plans import actions
from tuogu.plans import queries as plans
from tuogu.web.paging import day_of
from tuogu.web.plans.page import calendar_rule, heat_key, month_order, overlaps_of, steps, sums
from tuogu.web.plans.strategy import certificate_parts, options_said
from tuogu.web.plans.visible import head_or_404
from tuogu.web.viewer import Viewer, ViewerRequest

_UNITS_SHOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: ViewerRequest, plan: int) -> HttpResponse:
    """GET shows the desk; POST approves or sends back."""
    head = head_or_404(request.viewer, plan)
    if request.method == "POST":
        done = (
            _approve(request, plan)
            if request.POST.get("decision") == "approve"
            else _send_back(request, plan)
        )
        return redirect("plans:plan" if done else "plans:decide", plan=plan)
    viewer = request.viewer
    changes = plans.unit_changes(plan, viewer.scope, on=viewer.today, size=_UNITS_SHOWN)
    at_stake = plans.approved_overlapping(plan, viewer.scope)
    context = {
        "head": head,
        "queue": [h for h in plans.plan_heads(viewer.scope) if h.state == "awaiting"],
        "steps": steps(head),
        "drift": plans.drift(plan, viewer.scope, on=viewer.today),
        "changes": changes,
        "change_rows": changes.rows.to_dicts(),
        "own": head.made_by == viewer.person,
        "overlaps": overlaps_of(viewer, head),
        "released": [line for line in at_stake if line.released],
        "must_acknowledge": bool(at_stake),
        "open": head.state == "awaiting",
        "today": viewer.today,
    }
    of_strategy = _territory if head.strategy == TERRITORY.name else _placed
    return render(request, "plans/decide.html", context | of_strategy(viewer, head))


def _territory(viewer: Viewer, head: plans.PlanHead) -> dict[str, Any]:
    board = plans.board(head.id, viewer.scope)
    return {
        "board": board,
        "sums": sums(board, month_order(head)),
        "heat_key": heat_key(board.band.low, board.band.high),
        "calendar_rule": calendar_rule(board),
        "certificate": [line for line in board.certificate if line.topic not in FACT_TOPICS],
    }


def _placed(viewer: Viewer, head: plans.PlanHead) -> dict[str, Any]:
    board = plans.strategy_board(head.id, viewer.scope)
    return {
        "strategy": STRATEGIES[head.strategy],
        "options": options_said(head),
        "receivers": board.receivers[:_UNITS_SHOWN],
        **certificate_parts(board),
    }


def _approve(request: ViewerRequest, plan: int) -> bool:
    viewer = request.viewer
    day = day_of(request.POST.get("first_release_date", "")) or viewer.today
    try:
        if request.POST.get("overlap_reason") and not request.POST.get("overlap_seen"):
            raise actions.PlanRefused(_("请先勾选“已看到与其他方案重叠”"))
        days = actions.approve(
            plan, by=viewer.person, at=viewer.now, first_release_date=day, note=request.POST.get("note", ""),
            overlap_reason=request.POST.get("overlap_reason", ""),
        )  # fmt: skip
    except actions.PlanRefused as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": str(refused)})
        return False
    if days:
        said = _("方案 %(plan)s 已批准，分 %(n)s 期，首期 %(day)s。现在没有变动；下发前可逐期取消。")
        messages.success(request, said % {"plan": plan, "n": len(days), "day": days[0]})
    else:
        messages.success(
            request, _("方案 %(plan)s 已批准；它没有分出什么，没有要下发的期次。") % {"plan": plan}
        )
    return True


def _send_back(request: ViewerRequest, plan: int) -> bool:
    viewer = request.viewer
    try:
        actions.reject(plan, by=viewer.person, at=viewer.now, note=request.POST.get("reason", ""))
    except actions.PlanRefused as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": str(refused)})
        return False
    messages.success(request, _("方案 %(plan)s 已退回编制人；没有任何变动。") % {"plan": plan})
    return True


@require_POST
def withdraw(request: ViewerRequest, plan: int) -> HttpResponse:
    """The maker takes the own draft back."""
    viewer = request.viewer
    head = head_or_404(viewer, plan)
    try:
        actions.withdraw(plan, by=viewer.person, at=viewer.now)
        messages.success(request, _("方案 %(plan)s 已撤回；没有任何变动。") % {"plan": plan})
        if head.adjusts:  # one revision back
            messages.info(request, _("这次人工调整已撤销，回到方案 %(plan)s。") % {"plan": head.adjusts})
            return redirect("plans:plan", plan=head.adjusts)
    except actions.PlanRefused as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": str(refused)})
    return redirect("plans:plan", plan=plan)
