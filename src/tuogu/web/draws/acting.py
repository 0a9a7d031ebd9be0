"""What a party of a draw does: takes a secret, commits to it, reveals it. Three acts, so that a promise never outlives its
secret: nothing is promised before the party holds the file.

In: a draw within scope, the party's file or a commitment made elsewhere. Out: one step of the draw; words about what
happened. Never: a seed stored before its party reveals it, a party acting for another one.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tuogu.core.draw import DrawError, commitment
from tuogu.plans import actions
from tuogu.plans import queries as plans
from tuogu.web.draws import secret as files
from tuogu.web.draws.secret import Secret, SecretRefused
from tuogu.web.draws.showing import head_or_404, sent
from tuogu.web.viewer import ViewerRequest


@never_cache
@require_POST
def secret(request: ViewerRequest, draw: int) -> HttpResponse:
    """A new secret as a file. Nothing is written, nothing is promised: the file is all there is of it."""
    head = head_or_404(request.viewer, draw)
    state, party = plans.draw_state(head.code), request.viewer.staff_number
    return sent(
        files.as_text(files.new_secret(), state, party),
        f"{head.code}.{party}.secret.json",
        "application/json",
    )


@require_POST
def commit(request: ViewerRequest, draw: int) -> HttpResponse:
    """Bind the viewer to the seed of a file, or to a commitment made on the viewer's own machine."""
    viewer = request.viewer
    head = head_or_404(viewer, draw)
    try:
        made = request.POST.get("commitment", "").strip() or _promise(
            files.uploaded(request, plans.draw_state(head.code))
        )
        actions.commit_draw(head.code, commitment=made, by=viewer.person, at=viewer.now)
    except (SecretRefused, DrawError, actions.PlanRefused) as refused:
        messages.error(request, _("没有作出承诺：%(why)s") % {"why": refused})
    else:
        said = _("已记下你的承诺 %(made)s，不能更换。请保管好密件：两方都承诺之后，用它公开种子。")
        messages.success(request, said % {"made": made[:12]})
    return redirect("draws:draw", draw=draw)


@require_POST
def reveal(request: ViewerRequest, draw: int) -> HttpResponse:
    """Publish the viewer's seed; with the last one comes the result."""
    viewer = request.viewer
    head = head_or_404(viewer, draw)
    try:
        held = files.uploaded(request, plans.draw_state(head.code))
        actions.reveal_draw(head.code, salt=held.salt, seed=held.seed, by=viewer.person, at=viewer.now)
    except (SecretRefused, DrawError, actions.PlanRefused) as refused:
        messages.error(request, _("没有公开种子：%(why)s") % {"why": refused})
    else:
        messages.success(request, _revealed(head.code))
    return redirect("draws:draw", draw=draw)


def _revealed(code: str) -> str:
    state = plans.draw_state(code)
    if state.awaited:
        said = _("已公开你的种子，不能收回；还等 %(who)s 公开，之后才有结果。")
        return said % {"who": _("、").join(state.awaited)}
    return _("已公开你的种子，各方都已公开：抽出 %(n)s 个，结果不能更改。") % {"n": f"{state.count:,}"}


def _promise(held: Secret) -> str:
    return commitment(held.salt, held.seed)
