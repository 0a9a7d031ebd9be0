"""The sheets of one customer: policy check-up (S4-31), family coverage with its gaps (S4-30), service survey.

In: a customer's number. Out: pages, papers, files, names masked. Never: a customer out of scope (404).
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.core.calling import ANSWERS
from tuogu.core.household import KINDS
from tuogu.kit import queries as kit
from tuogu.web import personal
from tuogu.web.exports.asking import answer
from tuogu.web.kit.papers import SHEETS, form_of
from tuogu.web.kit.reading import framed
from tuogu.web.viewer import Viewer, ViewerRequest


@never_cache
@require_safe
def customer(request: ViewerRequest, number: str) -> HttpResponse:
    """All of it on one page."""
    context = _sheets(request.viewer, number)
    personal.opened(request.viewer, subject_kind="customer", subject=number)
    return render(request, "kit/customer.html", {**framed(request.viewer, "kit:hub"), **context})


@never_cache
@require_safe
def paper(request: ViewerRequest, number: str) -> HttpResponse:
    """The three tables as they are printed, one a page."""
    context = _sheets(request.viewer, number)
    personal.opened(request.viewer, subject_kind="customer", subject=number)
    return render(request, "kit/sheets_paper.html", context)


@require_POST
def file(request: ViewerRequest, number: str) -> HttpResponse:
    """The workbook or the PDF: names masked, or (`clear`) in clear once a second person agrees."""
    check_up = kit.sheet(request.viewer.scope, number, request.viewer.today, request.viewer.rulebook)
    if check_up is None:
        raise Http404
    clear = bool(request.POST.get("clear"))
    return answer(
        request, kind=SHEETS.name, title=f"{_(SHEETS.label)}-{number}",
        query={"customer": number, "clear": clear, **form_of(request.POST)}, rows=check_up.height, fields="name",
        clear=clear, back=reverse("kit:customer", args=[number]),
    )  # fmt: skip


def _sheets(viewer: Viewer, number: str) -> dict[str, Any]:
    check_up = kit.sheet(viewer.scope, number, viewer.today, viewer.rulebook)
    family = personal.family(viewer.scope, number, viewer.today, viewer.rulebook)
    if check_up is None or family is None:
        raise Http404
    gaps: dict[str, list[dict[str, Any]]] = {}
    for row in family.gaps.iter_rows(named=True):
        gaps.setdefault(row["member"], []).append(row)
    return {
        "number": number, "customer": personal.masked([number]).get(number),
        "check_up": check_up.to_dicts(), "found": int(check_up["found"].sum()),
        "family": family, "table": family.table.to_dicts(), "gaps": list(gaps.values()), "kinds": KINDS,
        "lacking": family.lacking.height, "questions": ANSWERS.values(),
        "told": family.told, "outside": family.outside,
    }  # fmt: skip
