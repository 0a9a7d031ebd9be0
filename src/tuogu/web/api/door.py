"""Who calls the API: a live key, from where it may come, often enough and no more, with the right that the table asks for.

In: a request and its row of the permission table. Out: `request.caller`, or a refusal. Never: a session that opens the API;
a key in a log.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tuogu import clock
from tuogu.integration import actions as integration
from tuogu.integration.queries import Caller
from tuogu.rules import queries as rules
from tuogu.web.api.problems import problem
from tuogu.web.permissions import Rule

_SCHEME = "bearer"
_CLIENT_ERROR, _METHOD_NOT_ALLOWED, _SERVER_ERROR = 400, 405, 500  # statuses of HTTP


class ApiRequest(HttpRequest):
    """A request that has passed the door: what the API's views receive."""

    caller: Caller


def asked(request: HttpRequest, rule: Rule) -> HttpResponse | None:
    """None = go on; a response = the refusal."""
    at = clock.now()
    caller = integration.caller_by(_secret(request), address=address_of(request), at=at)
    if caller is None:
        return problem("key_missing", headers={"WWW-Authenticate": "Bearer"})
    request.caller = caller  # type: ignore[attr-defined]  # the attribute is ours
    limit = rules.applicable(clock.business_today())["integration.calls_per_minute"]
    if not integration.within_limit(caller.key, per_minute=limit, at=at):
        return problem("too_many_calls", headers={"Retry-After": str(integration.seconds_left(at))})
    if rule.machine is not None and rule.machine not in caller.rights:
        return problem("right_missing")
    if _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return problem("too_large")
    return None


def counted(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer as it leaves; the call of a known key stands in the day's count."""
    caller: Caller | None = getattr(request, "caller", None)
    if caller is None:
        return response
    refused = _CLIENT_ERROR <= response.status_code < _SERVER_ERROR
    integration.count_call(caller.key, refused=refused, at=clock.now())
    if response.status_code == _METHOD_NOT_ALLOWED:
        return problem("method_not_allowed", headers={"Allow": response.get("Allow", "")})
    return response


def address_of(request: HttpRequest) -> str:
    """Where the call comes from: what our own outermost proxy saw, where we have proxies."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if proxies and len(seen) >= proxies:
        return str(seen[-proxies])
    return str(request.META.get("REMOTE_ADDR", ""))


def _secret(request: HttpRequest) -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == _SCHEME else ""


def _length(request: HttpRequest) -> int:
    given = request.META.get("CONTENT_LENGTH") or "0"
    return int(given) if given.isdecimal() and len(given) < 16 else 0
