"""What the viewer owes to customers: today, late, this week, all; and what one customer is owed (S4-21, S4-22).

In: a viewer. Out: tasks grouped by customer in the order asked for. Never: a task of a customer whom neither the
viewer nor a colleague for whom the viewer stands in holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tuogu.core.visit_reasons import DETAILS
from tuogu.web import personal
from tuogu.web.phone.keeping import masked_page
from tuogu.web.phone.meetings import meetings_of
from tuogu.web.phone.whose import FIELD, Whose, colleagues, whose
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.work import queries as work
from tuogu.work.kinds import Asked, Kind, Outcome

VIEWS = {"today": _("今天"), "late": _("逾期"), "week": _("本周"), "all": _("全部")}
ORDERS = {"due": _("按期限"), "attitude": _("按态度"), "near": _("按远近")}
PAGE = 40  # customers
HOME_LINES = 6  # that the first page names of each kind
RECORDS = 50  # of one customer that the page looks back on


@dataclass(frozen=True)
class Owed:
    """One customer with the tasks that are shown. `due_date`: the earliest; `late`: days, 0 = in time."""

    number: str
    tasks: list[work.TaskRow]

    @property
    def first(self) -> work.TaskRow:
        """The most pressing one."""
        return min(self.tasks, key=lambda task: (task.due_date, task.id))

    @property
    def days_late(self) -> int:
        """Of the most pressing one."""
        return max(0, self.first.days_late)


@dataclass(frozen=True)
class Open:
    """What one customer is owed, and what the first visit still lacks (S1-33)."""

    tasks: list[work.TaskRow]
    records: list[work.RecordRow]

    @property
    def first_visit(self) -> bool:
        """Nobody has met the customer yet, or the questionnaire of the first visit is not signed."""
        return self.unsigned or not any(
            row.kind == Kind.VISIT and row.outcome == Outcome.MET for row in self.records
        )

    @property
    def unsigned(self) -> bool:
        """Visited, but the questionnaire is not signed: the first visit is not complete."""
        return any(task.obligation == Asked.SATISFACTION for task in self.tasks)


@require_safe
def tasks(request: ViewerRequest) -> HttpResponse:
    """The tasks of the viewer, or of a colleague for whom the viewer stands in, by customer."""
    viewer, asked = request.viewer, request.GET
    shown = whose(viewer, asked.get(FIELD, ""))
    view = asked.get("view", "") if asked.get("view", "") in VIEWS else "today"
    order = asked.get("order", "") if asked.get("order", "") in ORDERS else "due"
    found = by_customer(work.tasks_of(shown.person, viewer.today, view=view, order=order))
    first = _place(asked.get("from", ""))
    rows = found[first : first + PAGE]
    context = {
        "rows": rows, "total": len(found), "next": first + PAGE if len(found) > first + PAGE else None, "views": VIEWS,
        "orders": ORDERS, "view": view, "order": order, "whose": shown, "colleagues": colleagues(viewer),
        "shown": personal.masked(row.number for row in rows),
    }  # fmt: skip
    return masked_page(render(request, "phone/tasks.html", context))


def by_customer(rows: list[work.TaskRow]) -> list[Owed]:
    """Tasks grouped by customer; customers in the order of their first task."""
    found: dict[str, list[work.TaskRow]] = {}
    for row in rows:
        found.setdefault(row.customer_number, []).append(row)
    return [Owed(number, grouped) for number, grouped in found.items()]


def at_home(shown: Whose, viewer: Viewer) -> dict[str, Any]:
    """What the first page says: late ones first, then those of today; `task_numbers`: whose names it shows."""
    today, rows = viewer.today, work.tasks_of(shown.person, viewer.today)
    late = by_customer([row for row in rows if row.due_date < today])
    due = by_customer([row for row in rows if row.due_date == today and row.obligation != Asked.APPOINTMENT])
    meetings = meetings_of(rows, today, viewer.now, viewer.rulebook)
    numbers = [row.number for row in [*late[:HOME_LINES], *due[:HOME_LINES]]] + [
        one.customer_number for one in meetings
    ]
    return {
        "late": late[:HOME_LINES], "late_total": len(late), "due": due[:HOME_LINES], "due_total": len(due),
        "meetings": meetings, "task_numbers": numbers,
    }  # fmt: skip


def owed_by(number: str, viewer: Viewer) -> Open:
    """The open tasks of one customer and what was recorded. The caller asks who may see the customer."""
    return Open(work.tasks_of_customer(number, viewer.today), work.records_of_customer(number, limit=RECORDS))


def suggested_for(number: str, shown: Whose, viewer: Viewer) -> list[dict[str, Any]]:
    """Reasons to visit that the figures of the customer's policies give, the most pressing first, each once (S4-21)."""
    rows = work.suggestions(shown.person, viewer.today, [number]).sort("place").rows(named=True)
    once = list({row["reason"]: row for row in reversed(rows)}.values())[::-1]
    return [row | {"told": _told(DETAILS[row["said"]], row["figure"])} for row in once]


def _told(words: str, figure: str | None) -> str:
    return gettext(words) % {"what": figure or ""}


def _place(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 0
