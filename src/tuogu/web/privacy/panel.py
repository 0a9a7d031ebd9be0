"""What counts today of a customer's wishes, as the customer's page, the phone and the desk show it.

In: a viewer and a customer within the viewer's scope. Out: the context of `privacy/_panel.html`. Never: a name in clear.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tuogu.books import queries as books
from tuogu.privacy import queries as privacy
from tuogu.web import personal
from tuogu.web.privacy.words import purposes, words
from tuogu.web.viewer import Viewer

TEMPLATE = "privacy/_panel.html"


def customer_panel(_viewer: Viewer, number: str) -> dict[str, Any]:
    """The context of the panel (web/customers/panels.py asks the right first)."""
    return {"title": _("同意与拒绝"), "number": number, **_lines(number)}


def state_of(viewer: Viewer, number: str) -> dict[str, Any]:
    """The same with the customer's masked name, and whether the viewer may lift a block."""
    found = _lines(number)
    return {
        "panel": found | {"number": number}, "number": number, "customer": personal.masked([number]).get(number), **found,
        "may_lift": viewer.may("privacy:lift", "POST"),
    }  # fmt: skip


def _lines(number: str) -> dict[str, Any]:
    said = words()
    return {
        "lines": [
            {
                "word": said["purpose"][line.purpose],
                "line": line,
                "closed": _("、").join(said["channel"][one] for one in line.closed),
            }
            for line in privacy.standings(number)
        ],
        **purposes(),
        "words": said,
        "blocked": privacy.ground_of(number),
        "erased": books.erased(number),
    }
