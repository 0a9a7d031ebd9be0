"""What is done about a request: each button one act, each refusal a sentence (L-07).

In: a request within scope, the name of an act. Out: a step, and the page anew. Never: a deletion by one person; a copy
that left without its row in the access log.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tuogu.privacy import actions
from tuogu.web.privacy.desk import context_of, request_or_404
from tuogu.web.viewer import ViewerRequest


@require_POST
def act(request: ViewerRequest, request_id: int) -> HttpResponse:
    """The officer's acts: check, start, answer, copy, propose, block."""
    wish = _ACTS.get(request.POST.get("act", ""))
    if wish is None:
        request_or_404(request.viewer, request_id)
        raise Http404
    return _done(request, request_id, wish)


@require_POST
def decide(request: ViewerRequest, request_id: int) -> HttpResponse:
    """The second person's word on a deletion."""
    return _done(request, request_id, _approve if request.POST.get("decision") == "approve" else _decline)


@require_POST
@never_cache
def copy(request: ViewerRequest, request_id: int) -> HttpResponse:
    """The person's copy as a file; noted each time."""
    viewer, found = request.viewer, request_or_404(request.viewer, request_id)
    try:
        content = actions.fetch_copy(request_id, by=viewer.person, at=viewer.now)
    except actions.PrivacyRefused as refused:
        return _refused(request, request_id, refused)
    answer = HttpResponse(content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="copy-{found.id}.zip"'
    return answer


def _done(request: ViewerRequest, request_id: int, wish: Callable[[ViewerRequest, int], str]) -> HttpResponse:
    request_or_404(request.viewer, request_id)
    try:
        messages.success(request, wish(request, request_id))
    except actions.PrivacyRefused as refused:
        return _refused(request, request_id, refused)
    return redirect("privacy:request", request_id=request_id)


def _refused(request: ViewerRequest, request_id: int, why: actions.PrivacyRefused) -> HttpResponse:
    found = request_or_404(request.viewer, request_id)
    return render(request, "privacy/request.html", context_of(request.viewer, found, str(why)), status=409)


def _check(request: ViewerRequest, request_id: int) -> str:
    viewer = request.viewer
    actions.check_identity(request_id, how=request.POST.get("how", ""), by=viewer.person, at=viewer.now)
    return _("身份已核实；只记下方式，不留证件内容。")


def _start(request: ViewerRequest, request_id: int) -> str:
    actions.start_work(request_id, by=request.viewer.person, at=request.viewer.now)
    return _("由您办理。办完后写答复。")


def _answer(request: ViewerRequest, request_id: int) -> str:
    given, viewer = request.POST, request.viewer
    actions.answer(
        request_id,
        outcome=given.get("outcome", ""),
        note=given.get("note", ""),
        by=viewer.person,
        at=viewer.now,
    )
    return _("已答复，请求办结。客户另有要求时，再受理一项。")


def _copy(request: ViewerRequest, request_id: int) -> str:
    rows = actions.make_copy(request_id, by=request.viewer.person, at=request.viewer.now)
    return _("副本已制作，共 %(rows)s 行，已记入共享登记；请下载后交给本人，过期自动清除。") % {
        "rows": f"{rows:,}"
    }


def _propose(request: ViewerRequest, request_id: int) -> str:
    actions.propose_erasure(request_id, by=request.viewer.person, at=request.viewer.now)
    return _("已提交删除，等第二人批准；还没有删除任何信息。")


def _block(request: ViewerRequest, request_id: int) -> str:
    ground, viewer = request.POST.get("ground", ""), request.viewer
    actions.block_instead(request_id, ground=ground, by=viewer.person, at=viewer.now)
    return _("已停止处理：不再用于营销和导出，服务照常。要恢复，在客户的意愿页写明依据。")


def _approve(request: ViewerRequest, request_id: int) -> str:
    n = actions.approve_erasure(request_id, by=request.viewer.person, at=request.viewer.now)
    return _("已删除 %(n)s 个客户号的个人信息，不能恢复。台账与保单仅剩假名，封印链不变。") % {"n": n}


def _decline(request: ViewerRequest, request_id: int) -> str:
    note, viewer = request.POST.get("note", ""), request.viewer
    actions.decline_erasure(request_id, note=note, by=viewer.person, at=viewer.now)
    return _("没有批准，请求退回办理；没有删除任何信息。")


_ACTS = {
    "check": _check, "start": _start, "answer": _answer, "copy": _copy, "propose": _propose, "block": _block,
}  # fmt: skip
