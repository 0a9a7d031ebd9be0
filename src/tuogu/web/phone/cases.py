"""Cases and receipts on the phone: what waits for the viewer, one case with the steps allowed now, one receipt.

In: a viewer. Out: small pages; their forms post where the desk's do. Never: a case that the viewer has no part in (404).
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tuogu.cases import queries as cases
from tuogu.web.cases.receipts import receipt_context
from tuogu.web.cases.showing import case_context, shown
from tuogu.web.cases.words import kind_words
from tuogu.web.viewer import Viewer, ViewerRequest

_SHOWN = 40


def at_home(viewer: Viewer) -> dict[str, Any]:
    """What the first page shows: policies to sign for or to answer, how many cases wait for the viewer."""
    waiting = cases.waiting_count(viewer.scope, viewer.person, viewer.today)
    return {"receipts": cases.receipts_waiting(viewer.person, viewer.today), "cases_waiting": waiting}


def of_customer(number: str) -> list[tuple[cases.CaseRow, str]]:
    """The cases of a customer whom the viewer has found, that are still open, with what their kind is called."""
    words = kind_words()
    return [(row, words[row.kind]) for row in cases.cases_of_customer(number) if not row.closed]


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Receipts to answer, then cases that wait for the viewer, then the others in hand."""
    viewer = request.viewer
    waiting = cases.case_page(viewer.scope, viewer.person, view="mine", today=viewer.today, size=_SHOWN)
    running = cases.case_page(viewer.scope, viewer.person, view="open", today=viewer.today, size=_SHOWN)
    seen = {row.id for row in waiting}
    others = [row for row in running if row.id not in seen]
    context = {
        "receipts": cases.receipts_waiting(viewer.person, viewer.today), "waiting": waiting, "others": others,
        "kind_words": kind_words(), **shown([*waiting, *others]),
    }  # fmt: skip
    return render(request, "phone/cases.html", context)


@require_safe
def case(request: ViewerRequest, case_id: int) -> HttpResponse:
    """One case."""
    return render(request, "phone/case.html", case_context(request.viewer, case_id) | {"phone": True})


@require_safe
def receipt(request: ViewerRequest, receipt_id: int) -> HttpResponse:
    """One receipt."""
    return render(
        request, "phone/case_receipt.html", receipt_context(request.viewer, receipt_id) | {"phone": True}
    )
