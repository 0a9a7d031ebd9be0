"""The URLs of the API: what ninja serves, and everything else below /api/v1/ as a problem instead of a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path

from tuogu.web.api import pushing, reading  # noqa: F401 - they put their operations into the application
from tuogu.web.api.application import api
from tuogu.web.api.problems import problem


def nothing_here(request: HttpRequest) -> HttpResponse:
    """404."""
    return problem("not_found")


nothing_here.csrf_exempt = True  # type: ignore[attr-defined]  # there is no session to ride on
_ROOT = "api-root"  # ninja asks for its address; its own view answers with a page
_patterns, _app, _namespace = api.urls
_served = [pattern for pattern in _patterns if getattr(pattern, "name", "") != _ROOT]
urls = (
    [*_served, path("", nothing_here, name=_ROOT), re_path(r"", nothing_here, name="unknown")],
    _app,
    _namespace,
)
