"""One's own exports and those that wait for one's word; fetching a file, taking a wish back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.exports import actions as exports
from tuogu.exports import queries
from tuogu.exports.queries import Limits
from tuogu.org import queries as org
from tuogu.web.exports.asking import handed_out
from tuogu.web.paging import id_of, pager_of, size_of
from tuogu.web.viewer import ViewerRequest

_DECIDED_SHOWN = 10


@never_cache
@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """What waits for the viewer's word, then the viewer's own, newest first."""
    viewer, size = request.viewer, size_of(request.GET)
    own = queries.own_page(
        viewer.person, now=viewer.now, before=id_of(request.GET.get("after", "")), size=size + 1
    )
    more, own = len(own) > size, own[:size]
    waiting = queries.waiting_for(viewer.person, viewer.scope, now=viewer.now)
    decided = queries.decided_by(viewer.person, now=viewer.now, size=_DECIDED_SHOWN)
    people = {row.by for row in (*waiting, *decided)} | {row.decided_by for row in own if row.decided_by}
    context = {
        "own": own,
        "waiting": waiting,
        "decided": decided,
        "called": org.known_as(people),
        "limits": Limits.of(viewer.rulebook),
        "building": any(row.state == "building" for row in own),
        "page": pager_of(request.GET, shown=len(own), before=None, after=str(own[-1].id) if more else None),
    }
    return render(request, "exports/list.html", context)


@require_POST
def fetch(request: ViewerRequest, export: int) -> HttpResponse:
    """The file, for who asked for it. Gone: 410, with what to do now."""
    try:
        return handed_out(request, export)
    except exports.ExportExpired as expired:
        return render(request, "exports/gone.html", {"said": str(expired)}, status=410)
    except exports.ExportRefused as refused:
        return render(request, "exports/gone.html", {"said": str(refused)}, status=404)


@require_POST
def withdraw(request: ViewerRequest, export: int) -> HttpResponse:
    """Take back one's own wish while it waits."""
    try:
        exports.withdraw(export, by=request.viewer.person, at=request.viewer.now)
        messages.success(request, _("已撤回申请，没有导出任何数据；需要时重新申请。"))
    except exports.ExportRefused as refused:
        messages.error(request, str(refused))
    return redirect("exports:list")
