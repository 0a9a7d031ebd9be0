"""One JSON call over HTTP, with a time limit. In: address, payload. Out: status and answer. Never: a redirect followed
(a signed body goes where it was meant to go), a body in an error."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

SECONDS = 10.0  # a gateway that takes longer is tried again later
ANSWER_MAX = 1_000_000  # bytes
_LOCAL = {"127.0.0.1", "::1", "localhost"}


class Unreachable(OSError):
    """No connection came about: nothing went out."""


class TimedOut(OSError):
    """The connection broke or took too long after the call went out: it may have been taken."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def usable(url: str) -> str:
    """'' when calls to `url` may be made, else why not. The demo calls addresses of this machine only."""
    if not url:
        return "没有配置"
    parts = urlsplit(url)
    local = parts.hostname in _LOCAL
    if parts.scheme not in {"https", "http"} or not parts.hostname or (parts.scheme == "http" and not local):
        return "地址应为 https://…"
    return "演示环境不向外发送" if settings.TUOGU_DEMO and not local else ""


def call(
    url: str,
    payload: dict[str, Any] | None,
    *,
    headers: dict[str, str] | None = None,
) -> tuple[int, dict[str, Any]]:
    """POST `payload` (GET without one); returns status and the JSON object answered ({} for anything else)."""
    body = None if payload is None else json.dumps(payload, ensure_ascii=False).encode()
    return call_bytes(url, body, headers=headers)


def call_bytes(
    url: str, body: bytes | None, *, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    """As `call`, with the bytes that were signed."""
    request = urllib.request.Request(
        url, data=body, headers={"Content-Type": "application/json", **(headers or {})}
    )
    try:
        with _OPENER.open(request, timeout=SECONDS) as answer:
            return int(answer.status), _object(answer.read(ANSWER_MAX))
    except urllib.error.HTTPError as refused:
        with refused:
            return int(refused.code), _object(refused.read(ANSWER_MAX))
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise TimedOut(str(error.reason)) from None
        raise Unreachable(str(error.reason)) from None
    except OSError as broken:  # time-outs and connections that broke while the answer was read
        raise TimedOut(type(broken).__name__) from None


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
