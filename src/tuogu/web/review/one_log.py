"""One person's logs of a month and penalties; one log with its checks; a report about it and its confirmation (S1-35)."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.core.inspection.tables import LOG_PARTS
from tuogu.review import actions
from tuogu.review import queries as review
from tuogu.web.review.reading import day_or_404, names_of, person_or_404, rooms, told
from tuogu.web.viewer import ViewerRequest

DAYS_SHOWN = 31


@require_safe
def person(request: ViewerRequest, number: str) -> HttpResponse:
    """The logs of the last month and the penalties of one person."""
    viewer = request.viewer
    who = person_or_404(viewer, number)
    days = review.person_days(who, viewer.today - timedelta(days=DAYS_SHOWN), viewer.today).to_dicts()
    context = {
        "rooms": rooms(viewer, ""),
        "number": number,
        "known": names_of([who]).get(who),
        "days": days,
        "owed": len(days),
        "passed": sum(row["passed"] for row in days),
        "penalties": review.penalty_page(viewer.scope, "all", person=who),
    }
    return render(request, "review/person.html", context)


@require_safe
def record(request: ViewerRequest, number: str, day: str) -> HttpResponse:
    """One log."""
    viewer = request.viewer
    who, log_date = person_or_404(viewer, number), day_or_404(day)
    log = review.log_of(who, log_date)
    if log is None:
        raise Http404
    people = [
        who,
        *(c.by for c in log.checks),
        *(r.by for r in log.reports),
        *(r.ended_by for r in log.reports),
    ]
    context = {
        "number": number,
        "who": who,
        "log": log,
        "parts": [(word, log.texts.get(part, "")) for part, word in LOG_PARTS.items()],
        "figures": [(word, log.figures.get(name, 0)) for name, word in review.FIGURES.items()],
        "names": names_of(people),
        "findings": review.Finding.choices,
        "may_report": viewer.may("review:report", "POST") and who != viewer.person,
        "reason_max": review.REASON_CHARS_MAX,
        "reason_min": review.REASON_CHARS_MIN,
    }
    return render(request, "review/one_log.html", context)


@require_POST
def report(request: ViewerRequest, number: str, day: str) -> HttpResponse:
    """Report a log as falsified or irregular."""
    viewer, post = request.viewer, request.POST
    who, log_date = person_or_404(viewer, number), day_or_404(day)

    def act() -> str:
        actions.report_log(
            who,
            log_date,
            post.get("finding", ""),
            evidence=post.get("evidence", ""),
            by=viewer.person,
            at=viewer.now,
        )
        return _("已报告；由另一人认定后才生效，现在没有任何后果。")

    told(request, act)
    return redirect("review:one_log", number=number, day=day)


@require_POST
def end(request: ViewerRequest, report_id: int) -> HttpResponse:
    """Confirm a report, or not."""
    viewer, post = request.viewer, request.POST
    if not any(one.id == report_id for one in review.open_reports(viewer.scope)):
        raise Http404
    confirmed = post.get("decision") == "confirm"

    def act() -> str:
        actions.end_report(
            report_id, confirmed=confirmed, reason=post.get("reason", ""), by=viewer.person, at=viewer.now
        )
        actions.judge(by=viewer.person, at=viewer.now)
        if confirmed:
            return _("已认定；处罚已算入台账，告知本人后生效，本人可以申诉。")
        return _("已记为不成立；没有任何后果。")

    told(request, act)
    return redirect("review:home")
