"""Which pages a phone may keep for a place without network, and the worker that keeps them (P-21).

In: a page that shows customers masked only. Out: the same page, marked; the worker's script. Never: a mark on an answer that
holds anything in clear; the mark on an answer to POST means nothing to the worker.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

MARK = "X-Tuogu-Keep"
SHELL = (
    "vendor/tabler.min.css", "vendor/htmx.min.js", "tuogu/tokens.css", "tuogu/base.css", "tuogu/shell.css",
    "tuogu/tables.css", "tuogu/components.css", "tuogu/map.css", "tuogu/phone.css", "tuogu/print.css", "tuogu/theme.js",
    "tuogu/page.js", "tuogu/outbox.js", "tuogu/phone.js", "tuogu/record.js", "tuogu/log.js", "tuogu/renewal.js",
    "tuogu/sent.js", "tuogu/seal.svg",
)  # fmt: skip
SCRIPTS = ("tuogu/outbox.js", "tuogu/worker.js")
PAGES_AT_ONCE = 24  # that a page may ask the worker to keep: a day's visits and their forms


def masked_page(response: HttpResponse) -> HttpResponse:
    """Mark a page without personal data in clear as one that the phone may keep."""
    response[MARK] = "masked"
    return response


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: what it keeps, for how long, then its script. A new version of any file makes a new worker."""
    told = {
        "version": version(), "static": static(""), "shell": [static(name) for name in SHELL],
        "pages": [reverse(f"phone:{name}") for name in ("blank", "log_blank", "renewal_blank", "outbox")],
        "blank": reverse("phone:blank"), "log": reverse("phone:log"), "log_blank": reverse("phone:log_blank"),
        "renewal_blank": reverse("phone:renewal_blank"),
        "outbox": reverse("phone:outbox"), "kept_seconds": settings.SESSION_COOKIE_AGE, "keep_max": PAGES_AT_ONCE,
    }  # fmt: skip
    scripts = ", ".join(json.dumps(static(name)) for name in SCRIPTS)
    text = f"const TG = {json.dumps(told)};\nimportScripts({scripts});\n"
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@cache
def version() -> str:
    """Digest of everything that the worker keeps of ours."""
    digest = hashlib.sha256()
    for name in (*SHELL, *SCRIPTS):
        path = finders.find(name)
        if path:
            digest.update(Path(path).read_bytes())
    return digest.hexdigest()[:16]
