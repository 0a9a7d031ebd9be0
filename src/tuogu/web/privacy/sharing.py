"""Outside parties and what went to them; the record of processing for the wall and the regulator (L-06).

In: a period, a party. Out: pages. Never: a party shared with before its assessment (the room refuses).
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.org import queries as org
from tuogu.privacy import actions
from tuogu.privacy import queries as privacy
from tuogu.privacy.kinds import LegalGround
from tuogu.web.paging import day_of, id_of, pager_of, size_of
from tuogu.web.privacy.words import choices_of, words
from tuogu.web.viewer import ViewerRequest

_YEAR_DAYS = 365


@require_safe
def register(request: ViewerRequest) -> HttpResponse:
    """Parties, and what was shared, newest first."""
    return _page(request)


@require_POST
def parties(request: ViewerRequest) -> HttpResponse:
    """Register a party, or write it down anew."""
    viewer, given = request.viewer, request.POST
    try:
        actions.register_party(
            given.get("code", "").strip(), name=given.get("name", ""), purpose=given.get("purpose", ""),
            ground=given.get("ground", ""), assessed_date=day_of(given.get("assessed", "")),
            assessment_ref=given.get("assessment_ref", ""), until_date=day_of(given.get("until", "")),
            by=viewer.person, at=viewer.now,
        )  # fmt: skip
    except actions.PrivacyRefused as refused:
        return _page(request, _("%(why)s；没有写入任何数据。") % {"why": str(refused)})
    messages.success(request, _("接收方已登记。写错时以同一代码再登记一次，原记录保留。"))
    return redirect("privacy:sharing")


@require_safe
def processing(request: ViewerRequest) -> HttpResponse:
    """The record of processing of a period, to be printed (PIPL 56)."""
    viewer, query = request.viewer, request.GET
    last = day_of(query.get("last", "")) or viewer.today
    first = day_of(query.get("first", "")) or last - timedelta(days=_YEAR_DAYS)
    frame = privacy.processing_record(min(first, last), max(first, last))
    context = {
        "headings": frame.columns, "rows": frame.rows(), "first": min(first, last), "last": max(first, last),
        "parties": privacy.parties(viewer.today), "words": words(), "now": viewer.now,
    }  # fmt: skip
    return render(request, "privacy/processing.html", context)


def _page(request: ViewerRequest, refusal: str = "") -> HttpResponse:
    viewer, query = request.viewer, request.GET
    page = privacy.sharing_page(
        party=query.get("party", ""), before=id_of(query.get("after", "")), size=size_of(query)
    )
    context = {
        "parties": privacy.parties(viewer.today),
        "rows": page.rows,
        "names": org.names({row.by for row in page.rows}),
        "words": words(),
        "grounds": choices_of(LegalGround),
        "given": request.POST,
        "today": viewer.today,
        "refusal": refusal,
        "pager": pager_of(
            query, shown=len(page.rows), before=None, after=None if page.older is None else str(page.older)
        ),
    }
    return render(request, "privacy/sharing.html", context, status=409 if refusal else 200)
