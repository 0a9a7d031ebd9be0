"""What the record of a customer shows of the cases: the service card, the newest cases and where they stand.

In: a viewer and a customer within the viewer's scope. Out: the context of `cases/_panel.html`. Never: the words of a case.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tuogu.cases import queries as cases
from tuogu.web.cases.words import TONES, kind_words
from tuogu.web.viewer import Viewer

TEMPLATE = "cases/_panel.html"
_SHOWN = 6


def customer_panel(viewer: Viewer, number: str) -> dict[str, Any]:
    """The context of the panel; a title alone when there is nothing to show."""
    rows, card = cases.cases_of_customer(number, limit=_SHOWN), cases.card_of(number)
    if not viewer.may("cases:record") or not (rows or card):
        return {"title": _("个案")}
    return {
        "title": _("个案"), "rows": rows, "card": card, "number": number, "kinds": kind_words(), "tones": TONES,
    }  # fmt: skip
