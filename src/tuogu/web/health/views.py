"""Answers 200 when every check passes, else 503; the checks by name.

In: nothing. Out: JSON such as {"ok": true, "database": true, …, "worker_heartbeat_seconds": 3, "webhooks_halted": 0}; a
webhook that stopped waits for a person, the installation itself is well. Never: a version, a path, a name, the text of a
failure.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tuogu import clock
from tuogu.integration import queries as machines
from tuogu.jobs import health
from tuogu.org.scope import Scope


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers and monitoring; needs no sign-in."""
    found = health.checks()
    healthy = all(found.values()) and len(found) == len(health.CHECKS)
    age = health.worker_age_seconds(clock.now()) if healthy else None
    halted = len(machines.halted(Scope.everything())) if healthy else None
    body = {"ok": healthy, **found, "worker_heartbeat_seconds": age, "webhooks_halted": halted}
    return JsonResponse(body, status=200 if healthy else 503)
