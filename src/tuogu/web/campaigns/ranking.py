"""The month's ranking as it was frozen, its bulletin, the seminar of the best (S2-13)."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.campaigns import actions
from tuogu.campaigns import queries as campaigns
from tuogu.web.campaigns.papers import BULLETIN
from tuogu.web.campaigns.reading import campaign_or_404, names_of, rooms, told
from tuogu.web.exports.asking import answer
from tuogu.web.viewer import Viewer, ViewerRequest


@require_safe
def listing(request: ViewerRequest, campaign_id: int) -> HttpResponse:
    """Every frozen month, the newest first."""
    viewer = request.viewer
    row = campaign_or_404(viewer, campaign_id)
    context = {
        "campaign": row,
        "rooms": rooms(viewer, row.pk, "rankings"),
        "rankings": campaigns.rankings(row),
        "days": viewer.rulebook["campaigns.freeze_after_days"],
    }
    return render(request, "campaigns/rankings.html", context)


@require_safe
def bulletin(request: ViewerRequest, ranking_id: int) -> HttpResponse:
    """One month: places, who is named, the seminar, what the books say since; made to be printed."""
    viewer = request.viewer
    found = _found(viewer, ranking_id)
    row = campaign_or_404(viewer, found.campaign_id)
    acted = [one.by_id for one in (found.bulletin, found.seminar) if one is not None]
    context = {
        "campaign": row,
        "rooms": rooms(viewer, row.pk, "rankings"),
        "ranking": found,
        "since": campaigns.since_frozen(found, row, viewer.today),
        "names": names_of(acted),
        "granted": found.seminar and next(
            (r["name"] for r in found.rows if r["department"] == found.seminar.department_code), ""
        ),
        "long_years": viewer.rulebook["campaign.follow_up.payment_years_min"],
    }  # fmt: skip
    return render(request, "campaigns/ranking.html", context)


@require_POST
def publish(request: ViewerRequest, ranking_id: int) -> HttpResponse:
    """Publish the bulletin."""
    viewer = request.viewer

    def act() -> str:
        actions.publish(
            viewer.scope, ranking_id, remark=request.POST.get("remark", ""), by=viewer.person, at=viewer.now
        )
        return _("通报已发布，各部门可见；发布后不能撤回。")

    told(request, act)
    return redirect("campaigns:ranking", ranking_id=ranking_id)


@require_POST
def seminar(request: ViewerRequest, ranking_id: int) -> HttpResponse:
    """The best department may hold a product seminar."""
    viewer, post = request.viewer, request.POST

    def act() -> str:
        actions.grant_seminar(
            viewer.scope, ranking_id, post.get("department", ""), remark=post.get("remark", ""), by=viewer.person,
            at=viewer.now,
        )  # fmt: skip
        return _("已给予专场产品说明会支持；已留存，不能改给别的部门。")

    told(request, act)
    return redirect("campaigns:ranking", ranking_id=ranking_id)


@require_POST
def file(request: ViewerRequest, ranking_id: int) -> HttpResponse:
    """The ranking as a workbook."""
    found = _found(request.viewer, ranking_id)
    title = _("%(title)s %(month)s 月度排名") % {
        "title": found.campaign,
        "month": found.month.strftime("%Y-%m"),
    }
    return answer(
        request, kind=BULLETIN.name, title=title, query={"ranking": ranking_id}, rows=len(found.rows),
        back=reverse("campaigns:ranking", args=[ranking_id]),
    )  # fmt: skip


def _found(viewer: Viewer, ranking_id: int) -> campaigns.Ranking:
    try:
        return campaigns.ranking(ranking_id, viewer.scope)
    except campaigns.CampaignUnknown as unknown:
        raise Http404 from unknown
