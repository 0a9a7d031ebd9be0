"""Substitutes: whose prompts go to whom, and until when (P-05).

In: two people within scope, a period, a reason. Out: the entry; a message that says what moves and what does not. Never:
custody moved, somebody outside the scope named.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tuogu.books import queries as books
from tuogu.org import actions
from tuogu.org import queries as org
from tuogu.org.failures import OrgError
from tuogu.web.paging import day_of
from tuogu.web.viewer import Viewer, ViewerRequest

_A_DAY = timedelta(days=1)


def substitutions(viewer: Viewer) -> list[org.SubstituteRow]:
    """What runs or is still to begin, of people within scope."""
    seen = org.custodians_within(viewer.scope)
    rows = org.substitutes_from(viewer.today)
    return [row for row in rows if seen is None or row.person in seen or row.substitute in seen]


@require_POST
def substitute(request: ViewerRequest) -> HttpResponse:
    """Name who receives a colleague's prompts."""
    refusal = _name(request)
    if refusal:
        messages.error(request, refusal)
    return redirect("staff:calendar")


@require_POST
def end_substitute(request: ViewerRequest, substitute_id: int) -> HttpResponse:
    """End a substitution today."""
    viewer, row = request.viewer, org.substitution(substitute_id)
    if row is None or row.id not in {seen.id for seen in substitutions(viewer)}:
        raise Http404
    actions.end_substitute(substitute_id, by=viewer.person, at=viewer.now)
    messages.success(request, _("代管自今天起结束，提醒回到本人。要恢复，重新指定即可。"))
    return redirect("staff:calendar")


def _name(request: ViewerRequest) -> str:
    """Write it down; why not, '' when done."""
    viewer, given = request.viewer, request.POST
    person = org.staff_row(viewer.scope, given.get("staff_number", "").strip())
    other = org.staff_row(viewer.scope, given.get("substitute", "").strip())
    first, last = day_of(given.get("from", "")), day_of(given.get("to", ""))
    if person is None or other is None or first is None or last is None:
        return _("请填写本范围内两位在职人员的工号、第一天和最后一天；没有写入任何数据。")
    try:
        actions.set_substitute(
            person.person, other.person, from_date=first, until_date=last + _A_DAY, reason=given.get("reason", "")[:200],
            by=viewer.person, at=viewer.now, same_street=books.live_in_one_street(person.person, other.person),
        )  # fmt: skip
    except OrgError as refused:
        return _("%(why)s；没有写入任何数据。") % {"why": str(refused)}
    said = _(
        "%(first)s 至 %(last)s，%(name)s 的提醒发给 %(other)s；责任人仍是本人。提前结束，在下表中点“结束”。"
    )
    messages.success(request, said % {"first": first, "last": last, "name": person.name, "other": other.name})
    return ""
