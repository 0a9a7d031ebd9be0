"""The desk of whoever inspects: one log at a time, read, marked, next. Every act has a key.

In: what is due for the viewer, a form. Out: a check, the next log. Never: a mark without the log having been shown.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuogu.core.inspection.logs import full_points
from tuogu.core.inspection.tables import LOG_PARTS, OUTCOMES
from tuogu.review import actions
from tuogu.review import queries as review
from tuogu.web.review.reading import names_of, points_of, rooms, told
from tuogu.web.templatetags.tuogu import points
from tuogu.web.viewer import Viewer, ViewerRequest

_QUEUE = 20
_QUICK = (20, 18, 16, 14, 12, 10)  # what the buttons write: the steps of the score card


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: ViewerRequest) -> HttpResponse:
    """The first log that is due, or the one that `line` names; POST files the check and goes on."""
    viewer = request.viewer
    lines = review.due_for(viewer.person, viewer.today)
    asked = request.POST.get("line") or request.GET.get("line", "")
    line = next((one for one in lines if one.key == asked), None)
    if request.method == "POST":
        if told(request, lambda: _check(viewer, line, request.POST)):
            return redirect("review:desk")
        return redirect(f"{reverse('review:desk')}?line={asked}")
    line = line or (lines[0] if lines else None)
    return render(request, "review/desk.html", _context(viewer, lines, line))


def _check(viewer: Viewer, line: review.DueLine | None, post: QueryDict) -> str:
    if line is None:
        raise actions.ReviewRefused(_("这一项已不在待检查之列"))
    outcome = post.get("outcome", "seen")
    found = actions.Found(
        outcome=outcome,
        found_points=points_of(post.get("points", "")) if outcome == "seen" else None,
        noted=bool(post.get("noted")),
        remark=post.get("remark", "").strip(),
        session=post.get("session", "") if line.level == "supervisor" else "",
    )
    if line.check:
        actions.recheck(line.check, found, by=viewer.person, at=viewer.now)
    else:
        actions.inspect(
            line.level, line.person, line.log_date, found, by=viewer.person, at=viewer.now, lot=line.lot
        )
    if outcome != "seen":
        return _("已登记：%(what)s。登记后不能更改；记错时由申诉撤销。") % {"what": _(OUTCOMES[outcome])}
    said = _("已登记：%(number)s %(day)s，%(points)s 分。登记后不能更改；记错时由申诉撤销。")
    return said % {"number": line.staff_number, "day": line.log_date, "points": points(found.found_points)}


def _context(viewer: Viewer, lines: list[review.DueLine], line: review.DueLine | None) -> dict[str, Any]:
    shown = review.log_of(line.person, line.log_date) if line else None
    checks = shown.checks if shown else []
    people = [*(one.person for one in lines[:_QUEUE]), *(check.by for check in checks)]
    following = next((one for one in lines if line and one.key != line.key), None)
    return {
        "rooms": rooms(viewer, "desk"),
        "queue": lines[:_QUEUE],
        "total": len(lines),
        "line": line,
        "log": shown,
        "parts": [(word, shown.texts.get(part, "")) for part, word in LOG_PARTS.items()] if shown else [],
        "figures": [(word, shown.figures.get(name, 0)) for name, word in review.FIGURES.items()]
        if shown
        else [],
        "checks": checks,
        "names": names_of(people),
        "sessions": review.Session.choices,
        "session": _session(viewer),
        "outcomes": OUTCOMES,
        "full": full_points(viewer.rulebook) // 100,
        "quick": _QUICK,
        "next_url": f"{reverse('review:desk')}?line={following.key}" if following else "",
        "before": _before(line) if line else [],
    }


def _before(line: review.DueLine) -> list[date]:
    """The person's other logs of late."""
    return [day for day in review.recent(line.person, line.log_date, 14) if day != line.log_date]


def _session(viewer: Viewer) -> str:
    """The meeting of this time of day."""
    from django.utils import timezone

    noon = 12
    return "morning" if timezone.localtime(viewer.now).hour < noon else "evening"
