"""The list as a workbook: the selection or the whole view, masked as on the page, counted in the access log."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tuogu.accesslog import actions as accesslog
from tuogu.books import queries as books
from tuogu.files.listed import write_list
from tuogu.web.policies.columns import COLUMNS
from tuogu.web.policies.lists import DEFAULT_SORT
from tuogu.web.policies.reading import wanted_of
from tuogu.web.policies.rows import lines
from tuogu.web.viewer import ViewerRequest

_FIELDS = "name,phone,id_number"  # masked; what the access log says of the sheet


@require_POST
def export(request: ViewerRequest) -> HttpResponse:
    """`pick`: numbers; or `whole_view` (`all`: the button above the list) with the `query` of the page.

    Nothing is written but the line of the access log.
    """
    viewer, query = request.viewer, QueryDict(request.POST.get("query", "").lstrip("?"))
    picked = tuple(request.POST.getlist("pick"))
    wanted = wanted_of(request, query)
    whole = request.POST.get("whole_view") or request.POST.get("all")
    if picked and not whole:
        wanted = books.PolicyFilter(view="", numbers=picked)
    limit = viewer.rulebook["lists.export_rows_max"]
    page = books.policy_page(
        viewer.scope, wanted, as_of=viewer.today, sort=query.get("sort") or DEFAULT_SORT, size=limit
    )
    if page.after is not None:
        messages.error(
            request, _("本视图超过 %(limit)s 件，未导出任何数据；请先缩小条件。") % {"limit": f"{limit:,}"}
        )
        return redirect(f"{reverse('policies:list')}?{query.urlencode()}")
    accesslog.record_export(
        by=viewer.person, subject="policies", rows=len(page.rows), fields=_FIELDS, at=viewer.now
    )
    shown = lines(viewer, page.rows)
    file = write_list(
        _("保单"),
        [(str(column.title), [column.export(line) for line in shown]) for column in COLUMNS],
        created=viewer.now,
    )
    return FileResponse(file, as_attachment=True, filename=f"{_('保单')}-{viewer.today:%Y%m%d}.xlsx")
