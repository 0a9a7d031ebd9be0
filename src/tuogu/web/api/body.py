"""The body of a push, read strictly: what JSON cannot mean here is refused before anything looks at it.

In: bytes. Out: plain values. Never: NaN, a number of a thousand digits, a character that a database refuses (NUL, half of a
surrogate pair).
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.parser import Parser


class StrictParser(Parser):
    """ninja's parser with those refusals."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        try:
            found = json.loads(request.body.decode("utf-8"), parse_constant=_no_number)
            json.dumps(found, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError) as wrong:
            raise HttpError(400, "no JSON in UTF-8") from wrong
        if not isinstance(found, dict) or _has_nul(found):
            raise HttpError(400, "no JSON object")
        return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_nul(k) or _has_nul(v) for k, v in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))
