"""What the record of a customer shows of the corrections: marks, findings, visits, amendments.

In: a viewer and a customer within the viewer's scope. Out: the context of `corrections/_panel.html`. Never: a value.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tuogu.corrections import queries as corrections
from tuogu.web.corrections.reading import WORDS, names_of
from tuogu.web.viewer import Viewer

TEMPLATE = "corrections/_panel.html"
_SHOWN = 5


def customer_panel(_viewer: Viewer, number: str) -> dict[str, Any]:
    """The context of the panel (web/customers/panels.py asks the right first); a title alone when there is nothing."""
    lines, visits = corrections.field_history(number), corrections.visits_of(number)
    marks, findings = corrections.held([number]).get(number, []), corrections.findings_of(number)
    if not (lines or visits or marks or findings):
        return {"title": _("资料更正")}
    return {
        "title": _("资料更正"), **WORDS, "number": number,
        "lines": lines[:_SHOWN], "visits": visits[:_SHOWN], "n_lines": len(lines),
        "n_visits": len(visits), "marks": marks, "findings": findings,
        "names": names_of([*(line.by for line in lines[:_SHOWN]), *(visit.by for visit in visits[:_SHOWN])]),
    }  # fmt: skip
