"""Whom a file may be meant for outside the house: registered parties whose assessment stands. A fragment of the dialog."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tuogu.privacy import queries as privacy
from tuogu.web.viewer import ViewerRequest


@require_safe
def parties(request: ViewerRequest) -> HttpResponse:
    """A choice among them; asked for when somebody opens the question."""
    found = [party for party in privacy.parties(request.viewer.today) if not party.why_not]
    return render(request, "exports/_parties.html", {"parties": found})
