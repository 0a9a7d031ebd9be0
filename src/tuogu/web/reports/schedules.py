"""Reports that go by themselves: to whom, what was sent, what did not go out (S3-19)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.org import queries as org
from tuogu.org.rights import Right, posts_with
from tuogu.org.roles import Role
from tuogu.reports import actions
from tuogu.reports import queries as reports
from tuogu.web.reports.reading import rooms, told
from tuogu.web.viewer import ViewerRequest


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Schedules and the last mails."""
    viewer = request.viewer
    found, mails = reports.schedules(viewer.scope), reports.mailings(viewer.scope)
    held = posts_with(Right.READ_REPORTS)
    context = {
        "rooms": rooms(viewer, "schedules"),
        "schedules": found,
        "mails": mails,
        "names": org.known_as({one.by for one in found} | {one.person for one in mails}),
        "reports": list(reports.REPORTS.values()),
        "cadences": reports.CADENCES,
        "posts": [(str(role), role.label) for role in Role if role in held],
        "institutions": org.institution_choices(viewer.scope),
        "languages": settings.LANGUAGES,
        "language": get_language(),
        "whole": viewer.scope.all_rows,
        "closed": reports.why_closed(),
        "may_add": viewer.may("reports:schedule_add", "POST"),
    }
    return render(request, "reports/schedules.html", context)


@require_POST
def add(request: ViewerRequest) -> HttpResponse:
    """From now on."""
    viewer, post = request.viewer, request.POST

    def act() -> str:
        key, institution = post.get("report", ""), post.get("institution", "")
        actions.schedule(
            key, institution, post.get("role", ""), language=post.get("language", settings.LANGUAGE_CODE),
            by=viewer.person, at=viewer.now,
        )  # fmt: skip
        return _("已加入定时发送，从下一期起发；不需要时点“停止”。")

    told(request, act)
    return redirect("reports:schedules")


@require_POST
def stop(request: ViewerRequest, schedule_id: int) -> HttpResponse:
    """No more."""
    viewer = request.viewer

    def act() -> str:
        actions.stop(schedule_id, by=viewer.person, at=viewer.now)
        return _("已停止；发出的不能收回，要恢复请重新加入。")

    told(request, act)
    return redirect("reports:schedules")
