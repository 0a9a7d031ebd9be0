"""The steps of a list: freeze, sign, return, receive, apply by hash, file, undo. Each says what happened and how it
is undone."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tuogu.corrections import actions
from tuogu.corrections.batches import SCAN_BYTES_MAX
from tuogu.corrections.failures import CorrectionRefused
from tuogu.web.corrections.reading import batch_or_404
from tuogu.web.paging import id_of
from tuogu.web.viewer import ViewerRequest

_FILE_BYTES_MAX = 50 * 1024 * 1024  # a list of some hundred thousand lines


def _step(request: ViewerRequest, batch: int, act: Callable[[], str]) -> HttpResponse:
    """Do it, say so, and show the list again."""
    batch_or_404(request.viewer, batch)
    try:
        told = act()
    except CorrectionRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, told)
    return redirect("corrections:batch", batch=batch)


@require_POST
def freeze(request: ViewerRequest, batch: int) -> HttpResponse:
    """Freeze what is picked; the others stay open."""
    viewer = request.viewer
    left = {pk for pk in (id_of(text) for text in request.POST.getlist("leave_out")) if pk is not None}

    def act() -> str:
        digest = actions.freeze(batch, leave_out=left, by=viewer.person, at=viewer.now)
        return _("清单已冻结，摘要 %(digest)s…，等待签名。内容不能再改；有错请退回，更正回到待归集。") % {
            "digest": digest[:12]
        }

    return _step(request, batch, act)


@require_POST
def sign(request: ViewerRequest, batch: int) -> HttpResponse:
    """The manager's signature: the own name, typed, in a session opened with a second factor."""
    viewer, said = request.viewer, request.POST

    def act() -> str:
        actions.sign(
            viewer.scope,
            batch,
            name=said.get("name", ""),
            digest=said.get("digest", ""),
            by=viewer.person,
            at=viewer.now,
        )
        return _("已签名，清单可由信息技术部接收。更改之前仍可退回。")

    return _step(request, batch, act)


@require_POST
def scan(request: ViewerRequest, batch: int) -> HttpResponse:
    """Keep the scanned paper."""
    viewer, file = request.viewer, request.FILES.get("scan")

    def act() -> str:
        if file is None or (file.size or 0) > SCAN_BYTES_MAX:
            raise CorrectionRefused(_("请选择签名扫描件，不超过 5 MB；没有保存"))
        digest = actions.keep_scan(batch, file.read(), by=viewer.person, at=viewer.now)
        return _("已附签名扫描件，摘要 %(digest)s…；不能更换。") % {"digest": digest[:12]}

    return _step(request, batch, act)


@require_POST
def send_back(request: ViewerRequest, batch: int) -> HttpResponse:
    """Return it with a reason."""
    viewer = request.viewer

    def act() -> str:
        actions.send_back(batch, reason=request.POST.get("reason", ""), by=viewer.person, at=viewer.now)
        return _("清单已退回，没有更改任何客户资料；其中的更正回到待归集，可重新归集。")

    return _step(request, batch, act)


@require_POST
def receive(request: ViewerRequest, batch: int) -> HttpResponse:
    """IT takes it in hand."""
    viewer = request.viewer

    def act() -> str:
        actions.receive(batch, by=viewer.person, at=viewer.now)
        return _("已接收。下载清单文件，核对摘要后按文件执行更改；执行之前仍可退回。")

    return _step(request, batch, act)


@require_POST
def apply(request: ViewerRequest, batch: int) -> HttpResponse:
    """Carry out the list that the uploaded file, or the typed hash, names."""
    viewer, file = request.viewer, request.FILES.get("file")

    def act() -> str:
        if file is not None and (file.size or 0) > _FILE_BYTES_MAX:
            raise CorrectionRefused(_("这个文件不是签名的清单：太大；没有更改"))
        content = file.read() if file is not None else None
        done = actions.apply(
            batch, content=content, digest=request.POST.get("digest", ""), by=viewer.person, at=viewer.now
        )
        if done.conflicts:
            told = _(
                "已更改 %(n)s 项；%(conflicts)s 项现有内容已不同，未更改，列在下面。备档件已存。要撤回请建立撤回清单。"
            )
        else:
            told = _("已更改 %(n)s 项，备档件已存。要撤回请建立撤回清单，走同样的签名。")
        return told % {"n": f"{done.applied:,}", "conflicts": f"{done.conflicts:,}"}

    return _step(request, batch, act)


@require_POST
def file_copy(request: ViewerRequest, batch: int) -> HttpResponse:
    """Operations confirm that the copy is filed."""
    viewer = request.viewer

    def act() -> str:
        actions.file_copy(batch, by=viewer.person, at=viewer.now)
        return _("已备档。备档件与执行的文件逐字节相同，随时可以下载核对。")

    return _step(request, batch, act)


@require_POST
def undo(request: ViewerRequest, batch: int) -> HttpResponse:
    """The opposite list, which goes the same road."""
    viewer = request.viewer
    batch_or_404(viewer, batch)
    try:
        made = actions.undo(batch, reason=request.POST.get("reason", ""), by=viewer.person, at=viewer.now)
    except CorrectionRefused as refused:
        messages.error(request, str(refused))
        return redirect("corrections:batch", batch=batch)
    messages.success(
        request, _("已建立撤回清单第 %(id)s 号；签名并执行之后才改回。不要了就退回它。") % {"id": made}
    )
    return redirect("corrections:batch", batch=made)
