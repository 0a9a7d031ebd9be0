"""Everything of one leaver: both clocks, the cases by state, what was left out and why, contacts.

In: a staff number within scope. Out: one page; the day of the formalities. Never: a day to come.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tuogu.notices import actions
from tuogu.notices import queries as notices
from tuogu.org import queries as org
from tuogu.web.notices.rooms import shared
from tuogu.web.notices.words import table
from tuogu.web.paging import day_of
from tuogu.web.viewer import Viewer, ViewerRequest


@never_cache
@require_safe
def leaver(request: ViewerRequest, staff_number: str) -> HttpResponse:
    """One leaver."""
    viewer = request.viewer
    person = _person_or_404(viewer, staff_number)
    rows = notices.leavers(viewer.scope, viewer.today, person=person)
    departure = notices.departure_of(viewer.scope, person)
    wanted = notices.CaseFilter(view="all", leaver=person)
    page = notices.case_page(viewer.scope, wanted, viewer.today, viewer.rulebook, size=100)
    context = {
        **shared("board"),
        "staff_number": staff_number,
        "staff_page": viewer.may("staff:record") and org.staff_row(viewer.scope, staff_number) is not None,
        "person": org.known_as([person])[person],
        "departure": departure,
        "clocks": notices.clocks(departure, viewer.rulebook) if departure else None,
        "row": rows[0] if rows else None,
        "cases": page.rows,
        "more": page.after is not None,
        "left_out_words": table("left_out"),
        "cases_url": f"{reverse('notices:cases')}?{urlencode({'view': 'all', 'leaver': staff_number})}",
        "contacts": notices.contacts_with(person),
    }
    return render(request, "notices/leaver.html", context)


@require_POST
def formalities(request: ViewerRequest, staff_number: str) -> HttpResponse:
    """Write the day on which the formalities were complete."""
    viewer = request.viewer
    person = _person_or_404(viewer, staff_number)
    day = day_of(request.POST.get("day", ""))
    try:
        if day is None:
            raise actions.NoticeRefused(_("请选手续办结日；没有写入任何数据"))
        actions.set_formalities(person, day, by=viewer.person, at=viewer.now)
    except actions.NoticeRefused as refused:
        messages.error(request, str(refused))
    else:
        said = _("已登记手续办结日 %(day)s，法定期限自该日起算；登错的再登记一次即可，前后都留存。")
        messages.success(request, said % {"day": day})
    return redirect("notices:leaver", staff_number)


def _person_or_404(viewer: Viewer, staff_number: str) -> int:
    found = org.staff_ids([staff_number])
    if found.is_empty() or notices.departure_of(viewer.scope, int(found["custodian_id"][0])) is None:
        raise Http404
    return int(found["custodian_id"][0])
