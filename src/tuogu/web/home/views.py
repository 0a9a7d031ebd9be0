"""Today's page and the search box."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tuogu.web.viewer import ViewerRequest


def home(request: ViewerRequest) -> HttpResponse:
    """A board for desks; account managers go to their phone's list."""
    if request.viewer.only_phone:
        return redirect(reverse("phone:today"))
    return render(request, "home/board.html", {})


def search(request: ViewerRequest) -> HttpResponse:
    """Where a search leads: policies by default; a batch or a staff number to their own lists."""
    return redirect(reverse("home"))
