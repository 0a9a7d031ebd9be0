"""Receipts of policies (S1-34): who was given what, answered by when, in what order; refusals judged by another person."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.review import actions
from tuogu.review import queries as review
from tuogu.web.paging import id_of
from tuogu.web.review.reading import names_of, rooms, told
from tuogu.web.templatetags.tuogu import num
from tuogu.web.viewer import ViewerRequest

_ROWS = 40


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """The newest first; batches that nobody was asked a receipt for."""
    viewer = request.viewer
    found = review.receipts(viewer.scope, size=_ROWS + 1, before=id_of(request.GET.get("before", "")))
    rows = found[:_ROWS]
    context = {
        "rooms": rooms(viewer, "receipts"),
        "rows": rows,
        "names": names_of(row.person for row in rows),
        "older": rows[-1].id if len(found) > _ROWS else None,
        "batches": review.batches_to_receive() if viewer.may("review:open_receipts", "POST") else [],
        "reason_max": review.REASON_CHARS_MAX,
        "reason_min": review.REASON_CHARS_MIN,
    }
    return render(request, "review/receipts.html", context)


@require_POST
def open_batch(request: ViewerRequest) -> HttpResponse:
    """Ask the receivers of a batch for their receipts."""
    viewer = request.viewer

    def act() -> str:
        n = actions.open_receipts(request.POST.get("batch", ""), by=viewer.person, at=viewer.now)
        return _("已请 %(n)s 人签收反馈；逾期未反馈的计入处罚台账。") % {"n": num(n)}

    told(request, act)
    return redirect("review:receipts")


@require_POST
def answer(request: ViewerRequest, receipt_id: int) -> HttpResponse:
    """The receiver's own answer."""
    viewer, post = request.viewer, request.POST
    if not any(one.id == receipt_id for one in review.receipts_of(viewer.person)):
        raise Http404
    refused = bool(post.get("refuse"))

    def act() -> str:
        actions.answer_receipt(
            receipt_id, () if refused else post.getlist("step"), by=viewer.person, at=viewer.now, refused=refused,
            reason=post.get("reason", ""),
        )  # fmt: skip
        return _("已反馈，不能再改。")

    told(request, act)
    return redirect("review:mine")


@require_POST
def judge(request: ViewerRequest, receipt_id: int) -> HttpResponse:
    """Whether a refusal had a cause."""
    viewer, post = request.viewer, request.POST
    if review.receipt_of(viewer.scope, receipt_id) is None:
        raise Http404
    with_cause = post.get("cause") == "yes"

    def act() -> str:
        actions.judge_refusal(
            receipt_id, with_cause=with_cause, reason=post.get("reason", ""), by=viewer.person, at=viewer.now
        )
        actions.judge(by=viewer.person, at=viewer.now)
        return _("已认定；本人可在告知后申诉。")

    told(request, act)
    return redirect("review:receipts")
