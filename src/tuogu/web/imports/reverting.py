"""Taking an import back: what would happen, the request, and the second person's answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.books import actions, queries
from tuogu.books.failures import ImportRefused
from tuogu.notices import actions as notices
from tuogu.org import queries as org
from tuogu.web.templatetags.tuogu import num
from tuogu.web.viewer import ViewerRequest

CONFLICTS_SHOWN = 100
_KEPT = (
    ("updated", gettext_lazy("原来就有、由这次更新的保单")),
    ("closed", gettext_lazy("这次终止的责任")),
    ("reopened", gettext_lazy("这次恢复的责任")),
    ("people_new", gettext_lazy("新增人员")),
    ("people_left", gettext_lazy("离司人员")),
    ("moved_by_leaving", gettext_lazy("随离司转保全组的件")),
    ("institutions", gettext_lazy("机构变动")),
)


@never_cache
@require_safe
def revert(request: ViewerRequest, run_id: int) -> HttpResponse:
    """What taking it back would do now, and who has to agree."""
    try:
        run = queries.import_run(run_id)
    except ImportRefused as unknown:
        raise Http404 from unknown
    try:
        preview, refusal = queries.preview_revert(run_id), ""
    except ImportRefused as refused:
        preview, refusal = None, str(refused)
    asked = run.revert if run.revert and run.revert.state == "asked" else None
    context = {
        "run": run,
        "preview": preview,
        "refusal": refusal,
        "kept": [(words, preview.kept[name]) for name, words in _KEPT if preview and preview.kept.get(name)],
        "conflict_count": preview.conflicts.height if preview else 0,
        "conflicts": preview.conflicts.head(CONFLICTS_SHOWN).to_dicts() if preview else [],
        "asked": asked,
        "own": asked is not None and asked.asked_by == request.viewer.person,
        "names": org.names({run.by, *([asked.asked_by] if asked else [])}),
    }
    return render(request, "imports/revert.html", context)


@require_POST
def ask(request: ViewerRequest, run_id: int) -> HttpResponse:
    """Ask for it, with a reason; nothing changes yet."""
    viewer, reason = request.viewer, request.POST.get("reason", "")
    said = _("已提出撤回，等待组长或机构负责人复核；数据还没有改动，复核前可以收回。")
    return _act(
        request,
        run_id,
        lambda: actions.ask_revert(run_id, reason=reason, by=viewer.person, at=viewer.now),
        said,
    )


@require_POST
def confirm(request: ViewerRequest, run_id: int) -> HttpResponse:
    """Agree: the import is taken back now."""
    viewer = request.viewer

    def act() -> None:
        done = actions.confirm_revert(run_id, by=viewer.person, at=viewer.now)
        said = _(
            "已撤回：移出 %(policies)s 件保单，终止责任 %(closed)s 件，%(conflicts)s 件保留不动。改好后可重新导入。"
        )
        counts = {name: num(done.counts.get(name, 0)) for name in ("closed", "conflicts")}
        counts["policies"] = num(done.counts.get("policies", 0) + done.counts.get("motor", 0))
        messages.success(request, said % counts)
        if done.counts.get("leaves"):
            # the cases of these leaves are closed with them
            notices.open_cases(by=viewer.person, at=viewer.now)
            told = _(
                "随这次导入登记的 %(leaves)s 人离司已撤回：%(returned)s 件回到其名下，原岗位恢复；"
                "口令、值班和代管须另行登记。"
            )
            messages.success(
                request, told % {name: num(done.counts[name]) for name in ("leaves", "returned")}
            )

    return _act(request, run_id, act, "")


@require_POST
def decline(request: ViewerRequest, run_id: int) -> HttpResponse:
    """Turn it down, or withdraw one's own request."""
    viewer = request.viewer
    said = _("撤回申请已退回，数据没有改动。")
    return _act(
        request, run_id, lambda: actions.decline_revert(run_id, by=viewer.person, at=viewer.now), said
    )


def _act(request: ViewerRequest, run_id: int, act: Callable[[], Any], said: str) -> HttpResponse:
    try:
        act()
    except ImportRefused as refused:
        messages.error(request, str(refused))
        return redirect("imports:revert", run_id)
    if said:
        messages.success(request, said)
    return redirect("imports:run", run_id)
