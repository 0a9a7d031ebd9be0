"""Before one leaves for a visit: what to bring, what to keep to, the papers and scripts at hand (S1-25).

In: a viewer. Out: pages. Never: a script that a second person has not approved.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tuogu.core.calling import ANSWERS, TRANSFERS
from tuogu.core.rulebook import Rulebook
from tuogu.core.rulebook_forms import read_form
from tuogu.corrections import queries as corrections
from tuogu.corrections.words import CALLS
from tuogu.kit import queries as kit
from tuogu.web.kit.reading import framed
from tuogu.web.viewer import ViewerRequest

_TOOLS, _CONDUCT = "visit_tools.papers", "visit_tools.conduct"


@never_cache
@require_safe
def hub(request: ViewerRequest) -> HttpResponse:
    """The checklist of a visit, and how many registers are out."""
    viewer = request.viewer
    context = {
        **framed(viewer, "kit:hub"), "tools": words_of(viewer.rulebook, _TOOLS),
        "conduct": words_of(viewer.rulebook, _CONDUCT), "early": viewer.rulebook["review.visit_early_minutes"],
        "out": kit.out_count(viewer.scope),
    }  # fmt: skip
    return render(request, "kit/hub.html", context)


@never_cache
@require_safe
def scripts(request: ViewerRequest) -> HttpResponse:
    """What to say on a call: by why the customer came, and by what the call is for."""
    viewer = request.viewer
    usable = corrections.usable_scripts(viewer.today)
    shown: list[dict[str, Any]] = [
        {"use": use, "title": _(title), "scripts": [one for one in usable if one.use == use]}
        for use, title in CALLS.items()
    ]
    pinned = {f"call_{transfer}": viewer.rulebook["calling.scripts"][transfer] for transfer in TRANSFERS}
    context = {
        **framed(viewer, "kit:scripts"),
        "groups": shown,
        "pinned": pinned,
        "questions": ANSWERS.values(),
    }
    return render(request, "kit/scripts.html", context)


def words_of(rulebook: Rulebook, key: str) -> list[str]:
    """The Chinese words of a list parameter, in its order."""
    known = read_form(rulebook.parameters[key].form).cells[0].words or {}
    return [_(known[code]) for code in rulebook[key]]
