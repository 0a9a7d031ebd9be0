"""What every page of this room shares: the tabs, and a colleague or a case that the viewer may see."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse

from tuogu.notices import queries as notices
from tuogu.web.notices.words import TONES, rooms, table
from tuogu.web.viewer import Viewer

_PAGES = ("board", "cases", "red", "letters", "outbox", "wordings", "relations", "contacts")


def shared(current: str) -> dict[str, Any]:
    """Tabs of the room and its words, for every template."""
    return {
        "rooms": rooms(current, {name: reverse(f"notices:{name}") for name in _PAGES}),
        "tones": TONES,
        **{
            f"{name}_words": table(name)
            for name in ("channel", "case_state", "message_state", "trouble", "why", "cause")
        },
    }


def record_or_404(viewer: Viewer, case: int) -> notices.CaseRecord:
    """A case within scope."""
    found = notices.case_record(viewer.scope, case, viewer.today)
    if found is None:
        raise Http404
    return found
