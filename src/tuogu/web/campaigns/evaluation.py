"""The day on which a quarter is judged: the test, and the way to reclaim and redistribution (S2-10…S2-12)."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tuogu.campaigns import queries as campaigns
from tuogu.web.campaigns.reading import campaign_or_404, rooms
from tuogu.web.viewer import Viewer, ViewerRequest


@require_safe
def evaluation(request: ViewerRequest, campaign_id: int) -> HttpResponse:
    """The quarter's test as it stands, what is missing, links to make the plans."""
    viewer = request.viewer
    row = campaign_or_404(viewer, campaign_id)
    found = campaigns.evaluation_day(
        row,
        viewer.scope,
        viewer.today,
        stage=request.GET.get("stage", ""),
        source=request.GET.get("source", "book"),
    )
    context = {
        "campaign": row,
        "rooms": rooms(viewer, row.pk, "evaluation"),
        "day": found,
        "stages": list(campaigns.STAGES.items()),
        "sources": list(campaigns.SOURCES.items()),
        "steps": [(step, _make(viewer, step.make, found)) for step in found.steps],
    }
    return render(request, "campaigns/evaluation.html", context)


def _make(viewer: Viewer, strategy: str, found: campaigns.EvaluationDay) -> str:
    """The address of the form of a new plan, filled in; '' where the viewer makes none."""
    if not strategy or not viewer.may("plans:new", "POST"):
        return ""
    early = "yes" if found.days < found.days_min else "no"
    options = {"stage": found.stage, "completions": found.source, "early": early}
    given = {f"{strategy}.{name}": value for name, value in options.items()}
    return f"{reverse('plans:new')}?{urlencode({'strategy': strategy, **given})}"
