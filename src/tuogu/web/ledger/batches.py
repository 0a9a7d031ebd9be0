"""Batches: the list, and one batch with its entries within scope."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.plans import queries as plans
from tuogu.web.ledger.entries import shown_entries
from tuogu.web.ledger.reading import kinds
from tuogu.web.ledger.turns import reason_words
from tuogu.web.lists.tools import beside_links, trail, trailed
from tuogu.web.paging import pager_of, size_of
from tuogu.web.viewer import ViewerRequest


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Batches that moved something within scope, newest first."""
    query, size = request.GET, size_of(request.GET)
    page = books.batch_page(
        request.viewer.scope,
        query.get("kind", ""),
        after=query.get("after"),
        before=query.get("before"),
        size=size,
    )
    people = {i for b in page.rows for i in (b.by, b.approved_by) if i is not None}
    context = {
        "batches": [(batch, reason_words(batch.reason_code)) for batch in page.rows],
        "origins": _origins(page.rows),
        "names": org.names(people),
        "kinds": kinds(),
        "kind_words": dict(kinds()),
        "seal": ledger.seal_state(),
        "page": pager_of(query, shown=len(page.rows), before=page.before, after=page.after),
        "trail": trail(query),
    }
    return render(request, "ledger/batches.html", context)


@require_safe
def beside(request: ViewerRequest, batch_id: int) -> HttpResponse:
    """Previous and next in the list that the batch was opened from."""
    scope, query = request.viewer.scope, trailed(request)
    if query is None or books.batch_record(scope, batch_id) is None:
        raise Http404
    found = books.batches_beside(scope, query.get("kind", ""), batch_id)
    return render(request, "lists/_beside.html", beside_links("ledger:batch", found, query))


@require_safe
def record(request: ViewerRequest, batch_id: int) -> HttpResponse:
    """One batch: what it was, what undid it, its seal, and its entries within scope."""
    viewer, query, size = request.viewer, request.GET, size_of(request.GET)
    batch = books.batch_record(viewer.scope, batch_id)
    if batch is None:
        raise Http404
    wanted = books.AssignmentFilter(batch=batch_id)
    page = books.assignment_page(
        viewer.scope, wanted, after=query.get("after"), before=query.get("before"), size=size
    )
    context = {
        **shown_entries(page.rows),
        "batch": batch,
        "reason": reason_words(batch.reason_code),
        "origin": _origins([batch]).get(batch.id, ""),
        "actors": org.names({i for i in (batch.by, batch.approved_by) if i is not None}),
        "page": pager_of(query, shown=len(page.rows), before=page.before, after=page.after),
    }
    return render(request, "ledger/batch.html", context)


def _origins(batches: Sequence[ledger.PostedBatch]) -> dict[int, str]:
    """What plan and instalment a release came from, in words."""
    found = plans.batch_origins(batch.id for batch in batches)
    return {
        batch: _("方案 %(plan)s 第 %(part)s 期") % {"plan": plan, "part": part}
        for batch, (plan, part) in found.items()
    }
