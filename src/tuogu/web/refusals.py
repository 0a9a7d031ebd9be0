"""Pages that say no: wrong post, not found, broken form, our own fault. Each says whether anything was written.

In: a request and a reason. Out: a page (or a fragment for htmx) with the right status. Never: a hint that a record out
of scope exists.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tuogu.web.permissions import rule_of


def forbidden(request: HttpRequest, url_name: str) -> HttpResponse:
    """403: names the posts that may, so that the reader knows whom to ask."""
    rule = rule_of(url_name)
    posts = rule.write if request.method == "POST" else rule.read
    return render(request, "403.html", {"posts": sorted(role.label for role in posts)}, status=403)


def not_found(request: HttpRequest, exception: object) -> HttpResponse:
    """404: the same page whether it never was or is out of scope."""
    return render(request, "404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """500: rendered without a database, which may be what failed."""
    return render(request, "500.html", status=500)
