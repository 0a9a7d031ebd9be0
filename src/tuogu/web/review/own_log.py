"""The own log: on the phone for whoever works at doors, also without network (P-21); at the desk for the others. Filled in
from the records of the day.

In: a day, a form. Out: the log with what its checks found; a filed version. Never: what somebody typed lost when it was
refused, a log of somebody else, a page kept on a phone that shows what somebody typed (the prefilled texts name numbers).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tuogu.core.inspection.tables import LOG_PARTS
from tuogu.review import actions
from tuogu.review import queries as review
from tuogu.web import personal
from tuogu.web.phone.keeping import masked_page
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
    phone = request.viewer.only_phone
    return _page(request, "review/log_phone.html" if phone else "review/log.html", here="review:log")


@require_http_methods(["GET", "HEAD", "POST"])
def phone_log(request: ViewerRequest) -> HttpResponse:
    """The same on the phone, which may keep it as long as nothing is filed for the day."""
    answer = _page(request, "review/log_phone.html", here="phone:log")
    day = _day(request.GET.get("day", ""), request.viewer)
    typed = request.method == "POST" or review.log_of(request.viewer.person, day) is not None
    if typed:
        add_never_cache_headers(answer)
        return answer
    return masked_page(answer)


@require_safe
def phone_blank(request: ViewerRequest) -> HttpResponse:
    """The empty form: what a phone shows offline when it has kept no other. Its script puts in the day."""
    empty = {
        "day": request.viewer.today,
        "parts": _parts({}, ()),
        "blank": True,
        "text_max": review.TEXT_CHARS_MAX,
    }
    return masked_page(render(request, "review/log_phone.html", empty | {"log_url": reverse("phone:log")}))


def sent_by_phone(request: ViewerRequest, fields: QueryDict | MultiValueDict[str, str]) -> tuple[str, str]:
    """File what the outbox of a phone sends; '' or why it is refused, and where the log can be seen."""
    viewer = request.viewer
    day = _day(str(fields.get("day") or ""), viewer)
    texts = {part: str(fields.get(part) or "").replace("\0", "") for part in LOG_PARTS}
    try:
        actions.file_log(viewer.person, day, texts, by=viewer.person, at=viewer.now)
    except actions.ReviewRefused as refused:
        return _("%(why)s；没有写入任何数据。") % {"why": refused}, ""
    if not fields.get("quiet"):
        _said(request, day)
    return "", f"{reverse('phone:log')}?day={day}"


def _page(request: ViewerRequest, template: str, *, here: str) -> HttpResponse:
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
            return redirect(f"{reverse(here)}?day={day}")
    context = _context(viewer, day) | {"refusal": refusal, "log_url": reverse(here)}
    if refusal:
        context["parts"] = _parts({part: request.POST.get(part, "") for part in LOG_PARTS}, ())
    return render(request, template, context, status=409 if refusal else 200)


def _context(viewer: Viewer, day: date) -> dict[str, Any]:
    filed = review.log_of(viewer.person, day)
    closed = review.closed(viewer.person, day, viewer.today)
    texts = filed.texts if filed else ({} if closed else review.suggested(viewer.person, day, called=_called))
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


def _called(numbers: Iterable[str]) -> dict[str, str]:
    return {number: one.name for number, one in personal.masked(numbers).items() if one.name}


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
