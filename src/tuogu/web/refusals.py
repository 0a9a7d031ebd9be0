"""Pages that say no: wrong post, not found, broken form, our own fault. Each says whether anything was written.

In: a request and a reason. Out: a page (or a fragment for htmx) with the right status. Never: a hint that a record out
of scope exists.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.web.permissions import rule_of

COLLEAGUES_MAX = 3  # whom to ask: a few names are a help, a list is not


def forbidden(request: HttpRequest, url_name: str) -> HttpResponse:
    """403: names the posts that may, so that the reader knows whom to ask."""
    rule = rule_of(url_name)
    posts = rule.posts(request.method or "GET")
    viewer = request.viewer  # type: ignore[attr-defined]  # a refusal by post has a viewer
    whom = org.holders_of_posts(posts, viewer.today, limit=COLLEAGUES_MAX)
    names = org.names(whom)
    context = {
        "posts": [gettext(role.label) for role in Role if role in posts],
        "whom": [f"{names.get(person) or ''} {number}".strip() for person, number in whom.items()],
    }
    return render(request, "403.html", context, status=403)


def not_found(request: HttpRequest, exception: object) -> HttpResponse:
    """404: the same page whether it never was or is out of scope."""
    return render(request, "404.html", status=404)


def refused(request: HttpRequest, exception: object) -> HttpResponse:
    """403 without a rule of ours behind it: a signed link gone stale, a step of the sign-in out of turn."""
    return render(request, "403.html", {"posts": []}, status=403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form that was open too long or came from elsewhere: nothing was written, load it again."""
    return render(request, "403_csrf.html", status=403)


def seen_enough(request: HttpRequest, limit: int) -> HttpResponse:
    """429: the day's budget of rows of lists is used up (N-13); the page was made but is not shown."""
    return render(request, "429_rows.html", {"limit": limit}, status=429)


def broken(request: HttpRequest, exception: object) -> HttpResponse:
    """400: the request could not be read."""
    return render(request, "400.html", status=400)


def failed(request: HttpRequest) -> HttpResponse:
    """500: rendered without a database, which may be what failed."""
    return render(request, "500.html", status=500)
