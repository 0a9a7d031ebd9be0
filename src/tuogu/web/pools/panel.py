"""What the record of a customer shows of the pools: the newest follow-ups, and a form for who serves the customer.

In: a viewer and a customer within the viewer's scope. Out: the context of `pools/_panel.html`. Never: a note's words.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from tuogu.org import queries as org
from tuogu.pools import queries as pools
from tuogu.web.phone.whose import holder_of
from tuogu.web.viewer import Viewer

TEMPLATE = "pools/_panel.html"


def customer_panel(viewer: Viewer, number: str) -> dict[str, Any]:
    """The context of the panel; a title alone when there is nothing to show or to do."""
    found, may = pools.follow_ups(number), _serves(viewer, number)
    if not found and not may:
        return {"title": _("跟进")}
    return {"title": _("跟进"), "follow_ups": found, "may_follow": may, **follow_words(number, found)}


def follow_words(number: str, found: list[pools.FollowUp]) -> dict[str, Any]:
    """What the form and the list are filled with."""
    return {
        "follow_number": number, "channels": pools.CHANNELS, "outcomes": pools.OUTCOMES, "note_max": pools.NOTE_MAX,
        "follow_names": {i: known.name for i, known in org.known_as(row.by for row in found).items()},
    }  # fmt: skip


def _serves(viewer: Viewer, number: str) -> bool:
    if not viewer.may("pools:contact", "POST"):
        return False
    try:
        holder_of(viewer, number)
    except Http404:
        return False
    return True
