"""The campaigns in operation, and one of them at a glance (S2-15, S2-19)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.campaigns import actions
from tuogu.campaigns import queries as campaigns
from tuogu.web.campaigns.reading import campaign_or_404, names_of, rooms, told
from tuogu.web.paging import id_of
from tuogu.web.parts import Figure
from tuogu.web.templatetags.tuogu import num, rate, yuan
from tuogu.web.viewer import ViewerRequest


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Campaigns within reach; whoever keeps them puts a plan of quotas into operation."""
    viewer = request.viewer
    rows = campaigns.campaigns(viewer.scope)
    may_open = viewer.may("campaigns:open", "POST")
    context = {
        "rows": [(row, campaigns.seen_departments(row, viewer.scope), campaigns.ended(row)) for row in rows],
        "names": names_of(row.opened_by_id for row in rows),
        "may_open": may_open,
        "plans": campaigns.plans_to_open(viewer.scope) if may_open else [],
        "awaiting": campaigns.plans_awaiting(viewer.scope) if may_open and viewer.may("plans:plan") else [],
    }
    return render(request, "campaigns/list.html", context)


@require_POST
def open_campaign(request: ViewerRequest) -> HttpResponse:
    """Put a plan into operation."""
    viewer, post = request.viewer, request.POST

    def act() -> str:
        actions.open_campaign(
            viewer.scope,
            id_of(post.get("plan", "")) or 0,
            title=post.get("title", ""),
            by=viewer.person,
            at=viewer.now,
        )
        return _("活动已开立；下发仍按方案的批次进行，这里不改变任何分配。")

    told(request, act)
    return redirect("campaigns:list")


@require_POST
def end(request: ViewerRequest, campaign_id: int) -> HttpResponse:
    """The campaign is over."""
    viewer = request.viewer
    campaign_or_404(viewer, campaign_id)

    def act() -> str:
        reason = request.POST.get("reason", "")
        actions.end_campaign(viewer.scope, campaign_id, reason=reason, by=viewer.person, at=viewer.now)
        return _("活动已结束；不再催报，已报的周报和排名保留。")

    told(request, act)
    return redirect("campaigns:board", campaign_id=campaign_id)


@require_safe
def board(request: ViewerRequest, campaign_id: int) -> HttpResponse:
    """Departments with quota, released, second purchases, both rates, target, what is late or missing."""
    viewer = request.viewer
    row = campaign_or_404(viewer, campaign_id)
    found, long_only = campaigns.board(row, viewer.scope, viewer.today), request.GET.get("term") == "long"
    context = {
        "campaign": row,
        "ended": campaigns.ended(row),
        "rooms": rooms(viewer, row.pk, "board"),
        "board": found,
        "stage_word": campaigns.STAGES[found.stage],
        "long_only": long_only,
        "figures": _figures(found, long_only),
        "not_filed": [line for line in found.lines if line.missing],
        "total": _total(found, "second_long" if long_only else "second"),
        "days_left": (found.last_date - viewer.today).days if found.last_date else None,
    }  # fmt: skip
    return render(request, "campaigns/board.html", context)


def _total(found: campaigns.CampaignBoard, second: str) -> dict[str, int | None]:
    """The last line of the table: sums, and the rates over them of the products that are shown."""
    summed = ("quota", "released", "second", "second_long", "target", "late", "policies", "policies_long", "premium_fen",
              "premium_long_fen")  # fmt: skip
    sums = {name: found.total(name) for name in summed}
    rates = {"rate_bp": found.rate_bp(second, "quota"), "released_rate_bp": found.rate_bp(second, "released")}
    return sums | rates


def _figures(found: campaigns.CampaignBoard, long_only: bool) -> list[Figure]:
    quota, released = found.total("quota"), found.total("released")
    counted = "second_long" if long_only else "second"
    second, of_quota = found.total(counted), found.rate_bp(counted, "quota")
    of_released = found.rate_bp(counted, "released")
    sold, fen = ("policies_long", "premium_long_fen") if long_only else ("policies", "premium_fen")
    return [
        Figure(_("二次投保客户"), num(second), _("位"), _("配额 %(n)s 位") % {"n": num(quota)}, "",
               _("第一批下发以来又投保主险的客户，一人只计一次")),
        Figure(_("占配额"), rate(of_quota), "",
               _("目标 %(n)s") % {"n": rate(found.target_bp)}, "",
               _("二次投保客户÷全部配额；考核按此")),
        Figure(_("占已下发"), rate(of_released), "",
               _("已下发 %(n)s 位") % {"n": num(released)}, "", _("二次投保客户÷已下发客户；仅供参考")),
        Figure(_("新保单"), num(found.total(sold)), _("件"), yuan(found.total(fen)), "",
               _("配额客户在活动期间新投保的主险保单与首期保费")),
        Figure(_("迟报"), num(found.total("late")), _("份周报"), "", "", _("过了截止日还没有报的周报"),
               "bad" if found.total("late") else ""),
    ]  # fmt: skip
