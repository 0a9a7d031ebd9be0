"""The plan of a week, made before it begins (S4-26).

In: a viewer, a Monday, a day and a way for each customer. Out: the page; a plan filed. Never: a plan for a week that
has begun, a customer whom the viewer does not hold (`work` refuses both).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tuogu.core.custody import business_date
from tuogu.web import personal
from tuogu.web.paging import day_of
from tuogu.web.phone.tasks import Owed, by_customer
from tuogu.web.phone.words import Choice
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.work import actions
from tuogu.work import queries as work
from tuogu.work.failures import WorkRefused
from tuogu.work.kinds import Kind

WEEK = timedelta(days=7)
ROWS = 60  # customers that one plan offers
KINDS = (Kind.VISIT, Kind.CALL, Kind.WECHAT)


@dataclass(frozen=True)
class Row:
    """A customer who may be put into the plan. `day`, `kind`: as filed before, or empty."""

    number: str
    title: str
    due_date: date
    community: str | None
    reason: str
    late: bool
    day: date | None
    kind: str


@require_http_methods(["GET", "HEAD", "POST"])
def week(request: ViewerRequest) -> HttpResponse:
    """The next week unless another is named; POST files its plan."""
    viewer, post = request.viewer, request.POST
    monday = _monday(
        day_of((post if request.method == "POST" else request.GET).get("week", "")), viewer.today
    )
    refusal = ""
    if request.method == "POST":
        try:
            lines = _lines(
                post.getlist("customer"), post.getlist("day"), post.getlist("kind"), post.getlist("reason")
            )
            actions.file_week_plan(viewer.person, monday, lines, by=viewer.person, at=viewer.now)
        except WorkRefused as refused:
            refusal = str(refused)
        else:
            done = _("已提交 %(n)s 户的周计划；在这一周开始之前可以重新提交，以最后一次为准。") % {
                "n": len(lines)
            }
            messages.success(request, done)
            return redirect(f"{reverse('phone:week')}?week={monday}")
    context = _context(viewer, monday) | {"refusal": refusal}
    return render(request, "phone/week.html", context, status=409 if refusal else 200)


def _monday(asked: date | None, today: date) -> date:
    day = asked or today + WEEK
    return day - timedelta(days=day.weekday())


def _lines(
    numbers: list[str], days: list[str], kinds: list[str], reasons: list[str]
) -> list[actions.PlanLine]:
    """The rows with a day. WorkRefused: the form came in pieces."""
    if not len(numbers) == len(days) == len(kinds) == len(reasons):
        raise WorkRefused(_("表单不完整；没有写入任何数据"))
    found = [(day_of(day), *rest) for day, *rest in zip(days, numbers, kinds, reasons, strict=True)]
    return [actions.PlanLine(day, number, kind, reason) for day, number, kind, reason in sorted(
        (row for row in found if row[0] is not None), key=lambda row: row[0]
    )]  # fmt: skip


def _context(viewer: Viewer, monday: date) -> dict[str, Any]:
    plan, is_open = work.week_plan(viewer.person, monday), viewer.today < monday
    filed = {line.customer: line for line in plan.lines} if plan else {}
    owed = by_customer(work.tasks_of(viewer.person, viewer.today, view="all")) if is_open else []
    wanted = [one for one in owed if one.number in filed or _of_week(one, monday)]
    rows = [_row(one, filed.get(one.number), viewer.today) for one in wanted[:ROWS]]
    lines = [{"day": line.day, "customer_number": line.customer, "kind_label": Kind(line.kind).label, "reason": line.reason}
             for line in sorted(plan.lines, key=lambda line: line.day)] if plan else []  # fmt: skip
    numbers = {row.number for row in rows} | {str(line["customer_number"]) for line in lines}
    return {
        "week": monday, "last": monday + WEEK - timedelta(days=1), "before": monday - WEEK, "after": monday + WEEK,
        "days": [monday + timedelta(days=n) for n in range(7)], "open": is_open, "rows": rows,
        "more": max(0, len(wanted) - len(rows)), "kinds": [Choice(str(kind.value), _(kind.label)) for kind in KINDS],
        "plan": plan and {"filed_at": plan.filed_at, "in_time": business_date(plan.filed_at) < monday, "lines": lines},
        "shown": personal.masked(numbers) if numbers else {},
    }  # fmt: skip


def _of_week(owed: Owed, monday: date) -> bool:
    """Late by then, or due by the end of the week after it: what a visit in this week is good for."""
    return any(task.opens_date < monday + WEEK and task.due_date < monday + 2 * WEEK for task in owed.tasks)


def _row(owed: Owed, filed: actions.PlanLine | None, today: date) -> Row:
    task = owed.first
    return Row(
        owed.number, task.title, task.due_date, task.community, filed.reason if filed else task.reason,
        task.due_date < today,
        filed.day if filed else None, filed.kind if filed else str(Kind.VISIT),
    )  # fmt: skip
