"""The working calendar of a team: who is away on which day of a month (P-06).

In: a month, an institution, people within scope. Out: a grid with China's working days; entries and their end. Never: the
kind of an absence shown to somebody who does not keep the calendar (an illness is nobody else's business).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tuogu.data.workdays import is_working_day, published
from tuogu.org import actions
from tuogu.org import queries as org
from tuogu.org.failures import OrgError
from tuogu.org.queries import StaffFilter
from tuogu.org.rights import Right
from tuogu.web.paging import day_of, pager_of, size_of
from tuogu.web.staff.substitutes import substitutions
from tuogu.web.viewer import Viewer, ViewerRequest

_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Day:
    """A column of the grid."""

    date: date
    working: bool
    today: bool


@dataclass(frozen=True)
class Cell:
    """One person on one day: `word` is '' on a day in post."""

    word: str
    working: bool


@dataclass(frozen=True)
class Line:
    """One person of the grid."""

    person: org.StaffRow
    cells: list[Cell]
    present: int  # working days in post
    substitute: str  # who receives the prompts today, '' = the person


@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: ViewerRequest) -> HttpResponse:
    """The month of a team; POST writes an absence down."""
    refusal = ""
    if request.method == "POST":
        refusal = _record(request)
        if not refusal:
            return redirect(f"{reverse('staff:calendar')}?{request.GET.urlencode()}")
    return render(request, "staff/calendar.html", _context(request, refusal), status=409 if refusal else 200)


@require_POST
def end_absence(request: ViewerRequest, absence_id: int) -> HttpResponse:
    """The person is back from today on; an entry that has not begun is taken off."""
    viewer, row = request.viewer, org.absence(absence_id)
    if row is None or not _visible(viewer, row.person):
        raise Http404
    if actions.end_absence(absence_id, by=viewer.person, at=viewer.now):
        messages.success(request, _("已从今天起恢复在岗。要改回来，重新登记即可。"))
    else:
        messages.warning(request, _("这一段已经结束；没有写入任何数据。"))
    return redirect("staff:calendar")


def month_of(text: str, today: date) -> date:
    """The first day of the month that an address names; of today for anything else."""
    return day_of(f"{text}-01") or today.replace(day=1)


def next_month(first: date) -> date:
    """The first day of the month after."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _context(request: ViewerRequest, refusal: str) -> dict[str, Any]:
    viewer, query = request.viewer, request.GET
    first = month_of(query.get("month", ""), viewer.today)
    wanted = StaffFilter(institution_code=query.get("institution", ""), state="in_post")
    page = org.staff_page(
        viewer.scope,
        wanted,
        viewer.today,
        before=query.get("before", ""),
        after=query.get("after", ""),
        size=size_of(query),
    )
    people = [row.person for row in page.rows]
    shown = org.absences(people, first, next_month(first))
    named = substitutions(viewer)
    return {
        "lines": _lines(viewer, page.rows, first, shown),
        "days": _days(first, viewer.today),
        "first": first,
        "before": _link(query, first - _A_DAY),
        "after": _link(query, next_month(first)),
        "published": published(first.year),
        "away": [row for row in shown if row.until_date > viewer.today and row.until_date > row.from_date],
        "people": {row.person: row for row in page.rows},
        "substitutions": named,
        "names": org.names({row.person for row in named} | {row.substitute for row in named}),
        "numbers": org.labels({row.person for row in named} | {row.substitute for row in named}),
        "institutions": org.institution_choices(viewer.scope),
        "kinds": [(code, _(word)) for code, word in org.ABSENCE_KINDS.items()],
        "keeps": viewer.can(Right.KEEP_CALENDAR),
        "given": request.POST,
        "refusal": refusal,
        "today": viewer.today,
        "page": pager_of(query, shown=len(page.rows), before=page.before, after=page.after),
    }


def _days(first: date, today: date) -> list[Day]:
    count = (next_month(first) - first).days
    days = [first + timedelta(days=later) for later in range(count)]
    return [Day(day, is_working_day(day), day == today) for day in days]


def _lines(
    viewer: Viewer, rows: list[org.StaffRow], first: date, absences: list[org.AbsenceRow]
) -> list[Line]:
    days, keeps = _days(first, viewer.today), viewer.can(Right.KEEP_CALENDAR)
    words: dict[tuple[int, date], str] = {}
    for away in absences:
        for day in days:
            if away.from_date <= day.date < away.until_date:
                words[away.person, day.date] = _(away.label) if keeps else _("不在岗")
    running = {
        row.person: row.substitute
        for row in org.substitutes_from(viewer.today)
        if row.from_date <= viewer.today
    }
    names = org.names({running[row.person] for row in rows if row.person in running})
    lines = []
    for row in rows:
        cells = [Cell(words.get((row.person, day.date), ""), day.working) for day in days]
        present = sum(cell.working and not cell.word for cell in cells)
        lines.append(Line(row, cells, present, names.get(running.get(row.person, 0)) or ""))
    return lines


def _link(query: Any, day: date) -> str:
    kept = query.copy()
    kept["month"] = f"{day:%Y-%m}"
    return f"?{kept.urlencode()}"


def _visible(viewer: Viewer, person: int) -> bool:
    label = org.labels([person]).get(person, "")
    return org.staff_row(viewer.scope, label) is not None


def _record(request: ViewerRequest) -> str:
    """Write an absence down; why not, '' when done."""
    viewer, given = request.viewer, request.POST
    first, last = day_of(given.get("from", "")), day_of(given.get("to", ""))
    person = org.staff_row(viewer.scope, given.get("staff_number", "").strip())
    if person is None or first is None or last is None:
        return _("请填写本范围内在职人员的工号、第一天和最后一天；没有写入任何数据。")
    try:
        actions.record_absence(
            person.person,
            given.get("kind", ""),
            from_date=first,
            until_date=last + _A_DAY,
            by=viewer.person,
            at=viewer.now,
        )
    except OrgError as refused:
        return _("%(why)s；没有写入任何数据。") % {"why": str(refused)}
    said = _(
        "已登记 %(name)s %(first)s 至 %(last)s 不在岗，其间不接收新分配；名下保单不动。提前回岗，在下表中点“回岗”。"
    )
    messages.success(request, said % {"name": person.name, "first": first, "last": last})
    for row in org.substitutes_from(viewer.today):
        if row.substitute == person.person and row.from_date <= last and row.until_date > first:
            messages.warning(
                request, _("%(name)s 在此期间正代管同事；请另行指定代管人。") % {"name": person.name}
            )
    return ""
