"""Links of a board: one is only made where the viewer may follow it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from tuogu.web.viewer import Viewer


def link(viewer: Viewer, name: str, *args: Any, **query: Any) -> str:
    """The page's address with `query`; '' when the viewer may not open it."""
    if not viewer.may(name):
        return ""
    return reverse(name, args=args) + (f"?{urlencode(query)}" if query else "")
