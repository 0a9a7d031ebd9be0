"""What is late, task by task: by whom, since when, what was done so far; and how it is waived.

In: a viewer, the query string, a posted reason. Out: a page by keyset; a waiver, a message. Never: a task out of scope
(404), a waiver without a reason, a customer in clear.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.web import personal
from tuogu.web.paging import filter_chips, id_of, pager_of, size_of
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.web.work.rooms import rooms, titles
from tuogu.work import actions
from tuogu.work import queries as work
from tuogu.work.failures import WorkRefused


@require_safe
def late(request: ViewerRequest) -> HttpResponse:
    """The longest overdue first; narrowed to a person, a duty, an area."""
    viewer, query = request.viewer, request.GET
    counted, areas = work.late(viewer.scope, viewer.today), work.late_places(viewer.scope, viewer.today)
    page = work.late_rows(
        viewer.scope, viewer.today, person=id_of(query.get("person", "")), obligation=query.get("duty", ""),
        area=query.get("area", ""), after=query.get("after", ""), size=size_of(query),
    )  # fmt: skip
    people = org.known_as([*counted["person"].unique().to_list(), *(row.person for row in page.rows)])
    words = titles(viewer.rulebook)
    named = books.community_names(areas["community_code"].to_list())
    options: dict[str, dict[str, str]] = {
        "person": {str(i): f"{known.name} {known.staff_number}".strip() for i, known in people.items()},
        "duty": {key: words.get(key, key) for key in counted["obligation"].unique().sort().to_list()},
        "area": dict(sorted(named.items(), key=lambda pair: pair[1])),
    }
    narrowed = any(query.get(name) for name in ("person", "duty", "area"))
    context: dict[str, Any] = {
        "rooms": rooms(viewer, "late"), "rows": page.rows, "people": people, "words": words,
        "shown": personal.masked(row.customer_number for row in page.rows),
        "streets": books.street_names(row.street_code for row in page.rows),
        "options": {name: list(known.items()) for name, known in options.items()},
        "chips": filter_chips(query, {"person": _("责任人"), "duty": _("义务"), "area": _("社区")}, options),
        "total": _total(viewer, query) if narrowed else int(counted["count"].sum() or 0),
        "may_waive": viewer.may("work:waive", "POST"),
        "page": pager_of(query, shown=len(page.rows), before=None, after=page.after),
    }  # fmt: skip
    return render(request, "work/late.html", context)


def _total(viewer: Viewer, query: QueryDict) -> int:
    """How many there are of what the list is narrowed to."""
    return work.late_count(
        viewer.scope, viewer.today, person=id_of(query.get("person", "")), obligation=query.get("duty", ""),
        area=query.get("area", ""),
    )  # fmt: skip


@require_POST
def waive(request: ViewerRequest, task_id: int) -> HttpResponse:
    """One task need not be done: who says so, and why, stays with it."""
    viewer = request.viewer
    if not work.task_within(viewer.scope, task_id):
        raise Http404
    try:
        actions.waive(task_id, reason=request.POST.get("reason", ""), by=viewer.person, at=viewer.now)
    except WorkRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("已免办，理由留档；免错了的，请责任人补一条记录，或另行交办。"))
    return redirect(_back(request))


def _back(request: ViewerRequest) -> str:
    """The list as it was narrowed; never an address of somebody else."""
    asked = request.POST.get("back", "")
    return reverse("work:late") + (asked if asked.startswith("?") else "")
