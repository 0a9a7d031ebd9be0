"""Scripts of contact and closing with how often each version was used and rehearsed; a use is written down here (S2-18)."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tuogu.campaigns import actions
from tuogu.campaigns import queries as campaigns
from tuogu.web.campaigns.reading import rooms, told
from tuogu.web.paging import id_of
from tuogu.web.viewer import ViewerRequest

_RECENT = 10


@require_http_methods(["GET", "HEAD", "POST"])
def scripts(request: ViewerRequest) -> HttpResponse:
    """The library; POST writes down the viewer's own use."""
    viewer, chosen = request.viewer, id_of(request.GET.get("campaign", ""))
    if request.method == "POST":
        told(request, lambda: _use(request))
        return redirect(request.get_full_path())
    found = campaigns.used_scripts(viewer.scope, viewer.today)
    reach = {row.pk for row in campaigns.campaigns(viewer.scope)} if chosen else set()
    purposes = campaigns.Purpose.choices
    context = {
        "frame": "campaigns/_phone.html" if viewer.only_phone else "campaigns/_desk.html",
        "rooms": rooms(viewer, chosen, "scripts") if chosen in reach and chosen else [],
        "scripts": found,
        "usable": [one for one in found if one.usable],
        "purposes": purposes,
        "own": campaigns.own_uses(viewer.person, _RECENT),
        "may_use": viewer.may("campaigns:scripts", "POST"),
    }
    return render(request, "campaigns/scripts.html", context)


def _use(request: ViewerRequest) -> str:
    viewer, post = request.viewer, request.POST
    times = post.get("times", "1").strip()
    try:
        day = date.fromisoformat(post.get("day", "") or viewer.today.isoformat())
    except ValueError as error:
        raise actions.CampaignRefused(_("日期应为 2026-11-22 这样的写法")) from error
    if not times.isascii() or not times.isdecimal():
        raise actions.CampaignRefused(_("次数应为数字"))
    actions.use_script(
        id_of(post.get("script", "")) or 0, person=viewer.person, used_date=day, purpose=post.get("purpose", ""),
        times=int(times[:9]), by=viewer.person, at=viewer.now,
    )  # fmt: skip
    return _("已登记使用；次数计入这一版话术。")
