"""Every page that shows people is in the access log, without the page having to think of it.

In: how many customers the choke point handed to this request. Out: one row a page view (route, count, keyed digest of the
filter, the mark that a print of the page carries), written before the page is sent. Never: a row for each person listed; a
page beyond the day's budget (N-13); a personal value in the log.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from tuogu.accesslog import actions as accesslog
from tuogu.core.custody import SHANGHAI
from tuogu.web.refusals import seen_enough

BUDGET = "accesslog.list_rows_per_day"
_MARK_BYTES = 5


@dataclass
class PageView:
    """What this request has shown so far. `noted`: its row is (or will be) written where the page was asked for."""

    request: HttpRequest | None = None
    mark: str = ""
    people: int = 0
    noted: bool = False


_NOW: ContextVar[PageView | None] = ContextVar("page_view", default=None)


def request_now() -> HttpRequest | None:
    """The request that is being answered; None in a job or a command."""
    view = _NOW.get()
    return None if view is None else view.request


def shown(people: int) -> None:
    """The choke point handed out so many customers, masked."""
    if view := _NOW.get():
        view.people += people


def noted() -> PageView | None:
    """Somebody has logged this look as what it is (a record opened, a clear look, a file): it is no list."""
    if view := _NOW.get():
        view.noted = True
    return _NOW.get()


def mark_of(at: datetime) -> str:
    """What a print of the page of this request carries in its footer; '' outside of a request."""
    view = _NOW.get()
    if view is None:
        return ""
    if not view.mark:
        tail = base64.b32encode(secrets.token_bytes(_MARK_BYTES)).decode()
        view.mark = f"V{at.astimezone(SHANGHAI):%Y%m%d}-{tail}"
    return view.mark


class SightingsMiddleware:
    """Counts while the view runs; writes, or refuses, before the answer leaves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _NOW.set(view := PageView(request))
        try:
            response = self._get_response(request)
        finally:
            _NOW.reset(token)
        viewer, match = getattr(request, "viewer", None), request.resolver_match
        if viewer is None or match is None or view.noted or not view.people:
            return response
        budget = viewer.rulebook[BUDGET]
        allowed = accesslog.record_list(
            by=viewer.person, subject=match.view_name[:64], rows=view.people,
            query=request.META.get("QUERY_STRING", ""), mark=view.mark, rows_per_day=budget, at=viewer.now,
        )  # fmt: skip
        return response if allowed else seen_enough(request, budget)
