"""The register of people as a file: who is listed, with posts and what each holds; no phone, no home.

In: a posted form with what the page is narrowed to, and a reason. Out: an export of kind "staff"; its builder. Never: a
person out of scope, anything that the page shows only when it is asked for in clear.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from tuogu.exports.kinds import BuildRefused, Column, Kind, Order, Table
from tuogu.org import queries as org
from tuogu.org.rights import Right
from tuogu.web.exports.asking import answer
from tuogu.web.paging import fitting
from tuogu.web.staff.filters import series_words, staff_filter
from tuogu.web.staff.views import held_by, roles_of
from tuogu.web.viewer import ViewerRequest, viewer_of


@require_POST
def export(request: ViewerRequest) -> HttpResponse:
    """The whole view of the `query`."""
    viewer, query = request.viewer, QueryDict(request.POST.get("query", "").lstrip("?"))
    back = f"{reverse('staff:list')}?{query.urlencode()}"
    rows = org.staff_totals(viewer.scope, staff_filter(query), viewer.today)["all"]
    if not rows:
        messages.warning(request, _("没有符合条件的人员，没有导出任何数据；请放宽条件。"))
        return redirect(fitting(back))
    return answer(
        request, kind=KIND.name, title=_("人员"), query={"query": query.urlencode()}, fields="name", back=back,
        rows=rows,
    )  # fmt: skip


def _build(order: Order) -> Table:
    """The people as their asker sees them now."""
    viewer = viewer_of(order.by)
    if viewer is None:
        raise BuildRefused(_("申请人已离司"))
    wanted = staff_filter(QueryDict(str(order.query["query"])))
    rows = org.staff_page(
        viewer.scope, wanted, viewer.today, size=viewer.rulebook["lists.export_rows_max"]
    ).rows
    people = [row.person for row in rows]
    held, roles, series = held_by(people), roles_of(people, viewer), dict(series_words())
    return Table(
        _("人员"),
        (
            Column(_("工号"), [row.staff_number for row in rows]),
            Column(_("姓名"), [row.name for row in rows]),
            Column(_("系列"), [series.get(row.series or "", "") for row in rows]),
            Column(_("职级"), [row.rank for row in rows]),
            Column(_("组"), [row.team for row in rows]),
            Column(_("机构"), [row.institution for row in rows]),
            Column(_("岗位"), [roles.get(row.person) for row in rows]),
            Column(_("名下保单"), [held.get(row.person, 0) for row in rows]),
            Column(_("入司"), [row.hired_date for row in rows]),
            Column(_("离司"), [row.left_date for row in rows]),
        ),
    )


KIND = Kind("staff", gettext_noop("人员名单"), Right.EXPORT, _build)
