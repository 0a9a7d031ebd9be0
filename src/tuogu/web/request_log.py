"""One JSON line for each request and each failure, on standard error, with nothing personal in it.

In: requests, log records. Out: lines such as {"at": …, "event": "request", "route": "policies:list", "status": 200}.
Never: a path, a query string, form data, a name, the text of an exception or what a message was filled with: all of these
may carry a customer's name or number. A failure is told by its type and where it was raised.
"""

from __future__ import annotations

import json
import logging
import time
import traceback
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse

log = logging.getLogger("tuogu.request")
QUIET = frozenset({"health", "static"})  # asked every few seconds, and nobody's act
_FIELDS = ("request", "method", "route", "status", "ms", "person", "job", "kind", "seconds", "count")
_FRAMES_MAX = 12


class RequestLogMiddleware:
    """Gives the request an id, measures it and writes its line."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request.log_id = uuid.uuid4().hex[:12]  # type: ignore[attr-defined]  # ours; the 500 page prints it
        response = self._get_response(request)
        route = request.resolver_match.view_name if request.resolver_match else None
        if route in QUIET and response.status_code < 500:
            return response
        viewer = getattr(request, "viewer", None)
        line = {
            "request": request.log_id,  # type: ignore[attr-defined]
            "method": request.method,
            "route": route,
            "status": response.status_code,
            "ms": round((time.perf_counter() - started) * 1000),
            "person": viewer.person if viewer else None,
        }
        log.info("request", extra=line)
        return response


class JsonLines(logging.Formatter):
    """A log record as one JSON line: known fields only, messages as they stand in the code."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        line |= {
            name: getattr(record, name)
            for name in _FIELDS
            if isinstance(getattr(record, name, None), (str, int, float))
        }
        request = getattr(record, "request", None)
        if request is not None and hasattr(
            request, "log_id"
        ):  # Django puts the request itself there when a view fails
            line["request"] = request.log_id
        if record.exc_info and record.exc_info[0]:
            line["failure"] = record.exc_info[0].__name__
            line["where"] = _frames(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


def _event(record: logging.LogRecord) -> str:
    """Our own messages are fixed words; those of others may be filled already, unless they still carry arguments."""
    fixed = record.name.startswith("tuogu") or bool(record.args)
    return str(record.msg) if fixed else record.name


def _frames(trace: Any) -> list[str]:
    frames = traceback.extract_tb(trace)[-_FRAMES_MAX:]
    return [f"{Path(f.filename).parent.name}/{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames]
