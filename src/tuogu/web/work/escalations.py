"""Which late tasks were brought before whom (P-20), the newest first.

In: a viewer, the query string. Out: a page by keyset. Never: a step of a task out of scope.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.web import personal
from tuogu.web.paging import id_of, size_of
from tuogu.web.viewer import ViewerRequest
from tuogu.web.work.rooms import rooms, titles
from tuogu.work import queries as work
from tuogu.work.kinds import TaskOutcome
from tuogu.work.limits import escalation_steps


@require_safe
def escalations(request: ViewerRequest) -> HttpResponse:
    """Each step once: when, before whom, and whether the task has ended since."""
    viewer, query, size = request.viewer, request.GET, size_of(request.GET)
    found = work.escalation_rows(viewer.scope, before=id_of(query.get("before", "")), size=size + 1)
    rows = found[:size]
    older = "?" + urlencode({"before": rows[-1].id, "size": size}) if len(found) > size else ""
    context = {
        "rooms": rooms(viewer, "escalations"), "rows": rows, "older": older, "words": titles(viewer.rulebook),
        "people": org.known_as([i for row in rows for i in (row.person, row.told)]),
        "shown": personal.masked(row.customer_number for row in rows if row.customer_number),
        "outcomes": {str(one.value): _(one.label) for one in TaskOutcome},
        "steps": _("，").join(
            _("%(days)s 天报%(post)s") % {"days": days, "post": _(Role(post).label)}
            for days, post in escalation_steps(viewer.rulebook)
        ),
    }  # fmt: skip
    return render(request, "work/escalations.html", context)
