"""The second person's word on an export: yes starts the job, no says why."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tuogu.exports import actions as exports
from tuogu.exports import queries
from tuogu.web.exports.asking import start_building
from tuogu.web.viewer import ViewerRequest


@require_POST
def decide(request: ViewerRequest, export: int) -> HttpResponse:
    """`agree` = 1 or 0, with a `reason` when it is no."""
    viewer = request.viewer
    found = queries.export(export, viewer.scope, now=viewer.now)
    if found is None:
        raise Http404
    try:
        if request.POST.get("agree") == "1":
            exports.approve(export, by=viewer.person, at=viewer.now)
            start_building(export, found.title, request, asker=found.by)
            said = _("已同意“%(title)s”，正在生成；申请人在导出页下载，到期自动删除。")
        else:
            exports.decline(export, reason=request.POST.get("reason", ""), by=viewer.person, at=viewer.now)
            said = _("未同意“%(title)s”，没有导出任何数据；申请人看得到原因，可以重新申请。")
        messages.success(request, said % {"title": found.title})
    except exports.ExportRefused as refused:
        messages.error(request, str(refused))
    return redirect("exports:list")
