"""Texts that PostgreSQL cannot keep (NUL) and ids that no table holds are refused before any page sees them, on both
databases alike.

In: a request of a page. Out: 400 in words, or 404; nothing written. Never: a body read that the page has not asked for as
a form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse

from tuogu.web.paging import ID_DIGITS

NUL = "\x00"


class UnreadableMiddleware:
    """Address, query and form without NUL; ids of a length that exists."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, kwargs: dict[str, Any]) -> None:
        """BadRequest: 400.html says that nothing was written. A view for programs (`csrf_exempt`) reads its body itself."""
        if any(isinstance(value, int) and value >= 10**ID_DIGITS for value in kwargs.values()):
            raise Http404
        form = not getattr(view, "csrf_exempt", False)
        if any(NUL in text for text in _texts(request, kwargs, form=form)):
            raise BadRequest("NUL in a text")


def _texts(request: HttpRequest, kwargs: dict[str, Any], *, form: bool) -> Iterator[str]:
    yield from (value for value in kwargs.values() if isinstance(value, str))
    for fields in (request.GET, request.POST) if form else (request.GET,):
        for _name, values in fields.lists():
            yield from (value for value in values if isinstance(value, str))
