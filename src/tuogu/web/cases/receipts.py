"""Receipts of released policies as pages: what waits for an answer, the list that is bound, the five acts and the answer
(S1-34).

In: a viewer. Out: pages; lines and messages. Never: a receipt of somebody out of scope (404).
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.cases import actions
from tuogu.cases import queries as cases
from tuogu.org import queries as org
from tuogu.org.rights import Right
from tuogu.web import personal
from tuogu.web.cases.words import rooms
from tuogu.web.paging import day_of, id_of, size_of
from tuogu.web.parts import View
from tuogu.web.viewer import Viewer, ViewerRequest

VIEWS = ("open", "late", "all")
_BACK = {"phone": "phone:receipt", "desk": "cases:receipt"}


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Receipts within scope, the newest first."""
    viewer, query = request.viewer, request.GET
    view = query.get("view", "open")
    view = view if view in VIEWS else "open"
    size = size_of(query)
    found = cases.receipt_page(
        viewer.scope,
        viewer.person,
        view=view,
        today=viewer.today,
        before=id_of(query.get("before", "")),
        size=size + 1,
    )
    rows = found[:size]
    titles = {"open": _("待反馈"), "late": _("已逾期"), "all": _("全部")}
    context = {
        "rooms": rooms(viewer, "receipts"), "rows": [(row, row.late(viewer.today)) for row in rows],
        "views": [View(title, f"?view={name}", None, name == view) for name, title in titles.items()],
        "people": org.known_as(row.person for row in rows), "acts": act_words(),
        "older": f"?view={view}&before={rows[-1].id}" if len(found) > size else "",
    }  # fmt: skip
    return render(request, "cases/receipts.html", context)


@require_safe
def record(request: ViewerRequest, receipt_id: int) -> HttpResponse:
    """One receipt with its list."""
    viewer = request.viewer
    context = receipt_context(viewer, receipt_id)
    if viewer.only_phone:
        return render(request, "phone/case_receipt.html", context | {"phone": True})
    return render(request, "cases/receipt.html", context | {"rooms": rooms(viewer, "receipts")})


@require_POST
def act(request: ViewerRequest, receipt_id: int) -> HttpResponse:
    """One act of a receipt."""
    viewer, post = request.viewer, request.POST
    receipt_context(viewer, receipt_id)
    try:
        actions.acknowledge(
            receipt_id, post.get("act", ""), day=day_of(post.get("day", "")), reason=post.get("reason", ""),
            by=viewer.person, at=viewer.now,
        )  # fmt: skip
    except actions.CaseUnknown:
        raise Http404 from None
    except actions.CaseRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已登记。登记后不能改；有误的，请主管在检查时注明。"))
    return redirect(_BACK.get(post.get("back", ""), _BACK["desk"]), receipt_id=receipt_id)


def receipt_context(viewer: Viewer, receipt_id: int) -> dict[str, Any]:
    """What desk and phone show of a receipt; 404 out of scope."""
    try:
        row = cases.receipt(viewer.scope, viewer.person, receipt_id, viewer.today)
    except cases.CaseUnknown:
        raise Http404 from None
    lines = cases.receipt_lines(receipt_id)
    words = act_words()
    return {
        "row": row, "lines": lines, "late": row.late(viewer.today), "acts": words, "people": org.known_as([row.person]),
        "customers": personal.masked(customer for _policy, customer in lines),
        "cards": cases.cards_of(customer for _policy, customer in lines),
        "asked": [(str(code), words[str(code)], row.done.get(code)) for code in cases.ASKED_FOR],
        "mine": row.person in {viewer.person, *viewer.acting_for}, "today": viewer.today,
        "may_rule": viewer.can(Right.KEEP_WORK),
    }  # fmt: skip


def act_words() -> dict[str, str]:
    """What is done with a receipt, in words."""
    return {str(code): _(str(label)) for code, label in cases.ReceiptAct.choices}
