"""Answers 200 when every check passes, else 503; the checks by name.

In: nothing. Out: JSON such as {"ok": true, "database": true, …, "worker_heartbeat_seconds": 3}. Never: a version, a path,
a name, the text of a failure.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tuogu import clock
from tuogu.jobs import health


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers and monitoring; needs no sign-in."""
    found = health.checks()
    healthy = all(found.values()) and len(found) == len(health.CHECKS)
    age = health.worker_age_seconds(clock.now()) if healthy else None
    body = {"ok": healthy, **found, "worker_heartbeat_seconds": age}
    return JsonResponse(body, status=200 if healthy else 503)
