"""How long each kind of record is kept, what was removed, and which keys seal what is there (L-05, L-06, L-11)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tuogu.org import queries as org
from tuogu.privacy import queries as privacy
from tuogu.web.viewer import ViewerRequest


@require_safe
def periods(request: ViewerRequest) -> HttpResponse:
    """Every kind with its period, ground, cut and removals; the acts on the keys."""
    acts = privacy.key_history()
    context = {
        "kinds": privacy.retention(request.viewer.now),
        "acts": acts,
        "names": org.names({one.by for one in acts}),
    }
    return render(request, "privacy/periods.html", context)
