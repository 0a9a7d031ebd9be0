"""What the pages of this room share: a campaign within reach, tabs, names, refusals.

In: a request. Out: values for templates; 404 for what is not there or out of reach. Never: a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tuogu.campaigns import queries as campaigns
from tuogu.campaigns.failures import CampaignRefused
from tuogu.org import queries as org
from tuogu.web.parts import View
from tuogu.web.viewer import Viewer


def campaign_or_404(viewer: Viewer, campaign_id: int) -> campaigns.Campaign:
    """One campaign within reach."""
    try:
        return campaigns.campaign(campaign_id, viewer.scope)
    except campaigns.CampaignUnknown as unknown:
        raise Http404 from unknown


def rooms(viewer: Viewer, campaign_id: int, here: str) -> list[View]:
    """The pages of a campaign that the viewer may open, as tabs."""
    pages = {
        "board": _("进度"), "reports": _("周报"), "rankings": _("月度排名"), "enrichment": _("资料与利用"),
        "evaluation": _("考核日"),
    }  # fmt: skip
    found = [
        View(title, reverse(f"campaigns:{name}", args=[campaign_id]), None, name == here)
        for name, title in pages.items()
        if viewer.may(f"campaigns:{name}")
    ]
    return [
        *found,
        View(_("话术"), f"{reverse('campaigns:scripts')}?campaign={campaign_id}", None, here == "scripts"),
    ]


def day_or_404(text: str) -> date:
    """2026-11-22 → the day."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error


def names_of(ids: Iterable[int | None]) -> dict[int, org.KnownAs]:
    """Names and staff numbers: one query."""
    return org.known_as(set(ids))


def told(request: HttpRequest, act: Callable[[], str]) -> bool:
    """Do it and say what happened; a refusal says why, and that nothing was written."""
    try:
        said = act()
    except CampaignRefused as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": refused})
        return False
    except campaigns.CampaignUnknown as unknown:
        raise Http404 from unknown
    messages.success(request, said)
    return True
