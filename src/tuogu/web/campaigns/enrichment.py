"""What is known of the customers before and after visits, and how far the resource is used, by department (S2-20)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tuogu.campaigns import queries as campaigns
from tuogu.web.campaigns.reading import campaign_or_404, rooms
from tuogu.web.personal import masked
from tuogu.web.viewer import ViewerRequest

_SHOWN = 20


@require_safe
def enrichment(request: ViewerRequest, campaign_id: int) -> HttpResponse:
    """One line a department; below, of whom least is known."""
    viewer = request.viewer
    row = campaign_or_404(viewer, campaign_id)
    thin = campaigns.thinnest(row, campaigns.seen_departments(row, viewer.scope), _SHOWN)
    context = {
        "campaign": row,
        "rooms": rooms(viewer, row.pk, "enrichment"),
        "lines": campaigns.board(row, viewer.scope, viewer.today).lines,
        "fields": campaigns.FIELDS,
        "thin": [(one, [campaigns.FIELDS[name] for name in one.missing]) for one in thin],
        "shown": masked(one.customer_number for one in thin),
        "may_open": viewer.may("customers:record"),
    }
    return render(request, "campaigns/enrichment.html", context)
