"""A page was sent to a printer: the browser says so, the access log keeps it. The mark in the footer names the page view."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from tuogu.accesslog import actions as accesslog
from tuogu.web.viewer import ViewerRequest


@require_POST
def printed(request: ViewerRequest) -> HttpResponse:
    """`mark`: what the page's footer carries. A mark that is not the viewer's own page says nothing and changes nothing."""
    accesslog.record_print(
        by=request.viewer.person, mark=request.POST.get("mark", "")[:20], at=request.viewer.now
    )
    return HttpResponse(status=204)
