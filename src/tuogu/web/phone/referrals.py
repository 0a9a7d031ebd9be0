"""Who named whom: a customer names somebody, who may be a customer already (S4-33).

In: a viewer, a customer whom the viewer or a colleague holds; then a form. Out: whom the customer named and who named the
customer, masked; a row of `work`. Never: a customer of somebody else (404), a name or phone in clear on the page, a number
out of the viewer's scope told apart from one that does not exist.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuogu.books import queries as books
from tuogu.web import personal
from tuogu.web.paging import id_of
from tuogu.web.phone.whose import holder_of
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.work import actions
from tuogu.work import queries as work
from tuogu.work.failures import WorkRefused

RECORDS = 5  # the newest, to choose from: in which talk the name was given


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def referrals(request: ViewerRequest, number: str) -> HttpResponse:
    """Whom the customer named, and who named the customer. POST: one more name."""
    viewer, post, refusal = request.viewer, request.POST, ""
    holder_of(viewer, number)
    if request.method == "POST":
        try:
            _refer(viewer, number, post)
        except WorkRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("已登记介绍；登记错了的，在备注里说明，不删改。"))
            return redirect("phone:referrals", number=number)
    context = _context(viewer, number) | {"refusal": refusal, "given": post if refusal else {}}
    return render(request, "phone/referrals.html", context, status=409 if refusal else 200)


def _refer(viewer: Viewer, number: str, post: QueryDict) -> None:
    record = id_of(post.get("record", ""))
    if record is None or all(row.id != record for row in _records(number)):
        raise WorkRefused(_("没有这条记录；没有写入任何数据"))
    to = post.get("to", "").strip()
    if to and not books.customer_within(viewer.scope, to):
        raise WorkRefused(_("被介绍的客户：没有这位客户，或就是本人；没有写入任何数据"))
    actions.refer(
        record, name=post.get("name", ""), phone=post.get("phone", ""), to_customer=to, by=viewer.person,
        at=viewer.now,
    )  # fmt: skip


def _records(number: str) -> list[work.RecordRow]:
    rows = work.records_of_customer(number, limit=3 * RECORDS)
    return [row for row in rows if row.corrected_by is None][:RECORDS]


def _context(viewer: Viewer, number: str) -> dict[str, Any]:
    named, by = personal.people_named(viewer, number), work.referred_by(number)
    shown = personal.masked(
        {number, *(one.to for one, _n, _p in named if one.to), *(one.customer_number for one in by)}
    )
    if number not in shown:
        raise Http404
    personal.opened(viewer, subject_kind="customer", subject=number)
    return {
        "number": number, "customer": shown[number], "named": named, "by": by, "shown": shown,
        "records": _records(number), "text_max": viewer.rulebook["work.text_chars_max"],
    }  # fmt: skip
