"""Receipts that the gateway of text messages pushes. In: a signed call. Out: 204. Never: a receipt without its signature."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tuogu import clock
from tuogu.notices import actions
from tuogu.notices.adapters.sms import genuine, outcome_of
from tuogu.org import queries as org

_UNSIGNED, _BROKEN = 401, 400  # statuses of HTTP
_LINES_MAX = 1000  # of one call


@csrf_exempt  # signed by the gateway, not sent by a browser
@require_POST
def sms(request: HttpRequest) -> HttpResponse:
    """{"receipts": [{"key", "id", "state"}]}, signed as `adapters.sms` says; again changes nothing."""
    at, body = clock.now(), request.body
    stamp, given = request.headers.get("X-Timestamp", ""), request.headers.get("X-Signature", "")
    if not genuine(stamp, given, body, now=at.timestamp()):
        return HttpResponse(status=_UNSIGNED)
    try:
        lines: Any = json.loads(body)["receipts"][:_LINES_MAX]
        told = [(str(line["key"]), outcome_of(str(line["state"]), str(line.get("id", "")))) for line in lines]
    except (ValueError, KeyError, TypeError, AttributeError):
        return HttpResponse(status=_BROKEN)
    actions.receive(told, by=org.machine(), at=at)
    return HttpResponse(status=204)
