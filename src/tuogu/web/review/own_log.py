"""The own log: on the phone for whoever works at doors, at the desk for the others. Filled in from the records of the day.

In: a day, a form. Out: the log with what its checks found; a filed version. Never: what somebody typed lost when it was
refused, a log of somebody else.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuogu.core.inspection.tables import LOG_PARTS
from tuogu.review import actions
from tuogu.review import queries as review
from tuogu.web.review.reading import names_of
from tuogu.web.viewer import Viewer, ViewerRequest

DAYS_SHOWN = 31
_NOTES = {  # what belongs into each part
    "work": gettext_noop("打了哪些电话、见了谁、办了什么"),
    "collection": gettext_noop("提醒交费、确认交费方式、办理转账"),
    "development": gettext_noop("新的需求、转介绍、邀约"),
    "achievement": gettext_noop("今天的计划完成了几项，没完成的为什么"),
    "next_plan": gettext_noop("明天拜访谁、收费、服务；没有这一项即不合格"),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log(request: ViewerRequest) -> HttpResponse:
    """The log of today, or of `?day=`; POST files it."""
    viewer, refusal = request.viewer, ""
    day = _day(request.POST.get("day") or request.GET.get("day", ""), viewer)
    if request.method == "POST":
        texts = {part: request.POST.get(part, "") for part in LOG_PARTS}
        try:
            actions.file_log(viewer.person, day, texts, by=viewer.person, at=viewer.now)
        except actions.ReviewRefused as refused:
            refusal = _("%(why)s；没有写入任何数据。") % {"why": refused}
        else:
            _said(request, day)
            return redirect(f"{reverse('review:log')}?day={day}")
    context = _context(viewer, day) | {"refusal": refusal}
    if refusal:
        context["parts"] = _parts({part: request.POST.get(part, "") for part in LOG_PARTS}, ())
    page = "review/log_phone.html" if viewer.only_phone else "review/log.html"
    return render(request, page, context, status=409 if refusal else 200)


def _context(viewer: Viewer, day: date) -> dict[str, Any]:
    filed = review.log_of(viewer.person, day)
    closed = review.closed(viewer.person, day, viewer.today)
    texts = filed.texts if filed else ({} if closed else review.suggested(viewer.person, day))
    figures = filed.figures if filed and closed else review.figures_of(viewer.person, day)
    days = review.person_days(viewer.person, viewer.today - timedelta(days=DAYS_SHOWN), viewer.today)
    checks = filed.checks if filed else []
    return {
        "day": day,
        "filed": filed,
        "closed": closed,
        "parts": _parts(texts, filed.lacking if filed else ()),
        "figures": [(word, figures.get(name, 0)) for name, word in review.FIGURES.items()],
        "suggested": not filed and bool(texts),
        "checks": checks,
        "names": names_of(check.by for check in checks),
        "days": days.to_dicts(),
        "text_max": review.TEXT_CHARS_MAX,
    }


def _parts(texts: dict[str, str], lacking: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {
            "key": part,
            "word": word,
            "text": texts.get(part, ""),
            "note": _(_NOTES[part]),
            "lacking": word in lacking,
        }
        for part, word in LOG_PARTS.items()
    ]


def _said(request: ViewerRequest, day: date) -> None:
    filed = review.log_of(request.viewer.person, day)
    if filed and filed.lacking:
        what = _("、").join(_(word) for word in filed.lacking)
        messages.warning(request, _("已存，但缺%(what)s：这样不合格。主管批阅前可以补。") % {"what": what})
    else:
        messages.success(request, _("日志已存；主管批阅前可以再改。"))


def _day(text: str, viewer: Viewer) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return viewer.today
