"""The list as a file: the selection or the whole view, masked as on the page, through the room of exports.

In: a posted form with what is picked or what the page is narrowed to, and a reason. Out: an export of kind "policies"; its
builder, which a job may run later. Never: a search for a person kept (what it found is kept instead, by policy number).
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from tuogu.books import queries as books
from tuogu.exports.kinds import BuildRefused, Column, Kind, Order, Table
from tuogu.org.rights import Right
from tuogu.privacy import queries as privacy
from tuogu.web.exports.asking import answer
from tuogu.web.lists.tools import shown_columns
from tuogu.web.paging import fitting
from tuogu.web.policies.columns import COLUMNS
from tuogu.web.policies.lists import DEFAULT_SORT, LIST
from tuogu.web.policies.reading import filter_of
from tuogu.web.policies.rows import lines
from tuogu.web.viewer import Viewer, ViewerRequest, viewer_of

_PERSONAL = {"holder": "name", "phone": "phone", "id": "id_number"}  # column → what the log calls it; masked
_ROLES = {"number": "number", "holder": "name", "insured": "name", "phone": "phone", "id": "id"}


@require_POST
def export(request: ViewerRequest) -> HttpResponse:
    """`pick`: numbers; or `whole_view` or `all`, with the `query` of the page; and a `reason`."""
    viewer, query = request.viewer, QueryDict(request.POST.get("query", "").lstrip("?"))
    picked = request.POST.getlist("pick")
    whole = bool(request.POST.get("whole_view") or request.POST.get("all"))
    back = f"{reverse('policies:list')}?{query.urlencode()}"
    if not whole and not picked:
        messages.warning(request, _("没有选中任何保单，没有导出；请先勾选，或导出本视图。"))
        return redirect(fitting(back))
    narrowed = _narrowed(request, query, picked=[] if whole else picked)
    rows = _count(viewer, narrowed)
    if not rows:
        messages.warning(request, _("没有符合条件的保单，没有导出任何数据；请放宽条件。"))
        return redirect(fitting(back))
    shown = shown_columns(viewer, LIST, COLUMNS, query)  # what the page hides is not exported either
    return answer(
        request, kind=KIND.name, title=_("保单"), query=narrowed | {"columns": list(shown)},
        fields=",".join(name for key, name in _PERSONAL.items() if key in shown), back=back, rows=rows,
    )  # fmt: skip


def _narrowed(request: ViewerRequest, query: QueryDict, *, picked: list[str]) -> dict[str, Any]:
    """What is written down: picked numbers, or the query string. What a search for a person found becomes numbers."""
    viewer, sort = request.viewer, query.get("sort") or DEFAULT_SORT
    if not picked and not query.get("found"):
        return {"query": query.urlencode(), "sort": sort}
    if not picked:
        page = books.policy_page(
            viewer.scope, filter_of(query, request.session), as_of=viewer.today, sort=sort,
            size=viewer.rulebook["lists.export_rows_max"],
        )  # fmt: skip
        picked = [row.number for row in page.rows]
    return {"pick": picked, "sort": sort}


def _count(viewer: Viewer, narrowed: dict[str, Any]) -> int:
    if narrowed.get("pick") == []:  # a search that found nobody: an empty selection must not mean everything
        return 0
    return books.policy_totals(viewer.scope, _filter(narrowed), as_of=viewer.today).policies


def _filter(narrowed: dict[str, Any]) -> books.PolicyFilter:
    if "pick" in narrowed:
        return books.PolicyFilter(view="", numbers=tuple(narrowed["pick"]))
    return filter_of(QueryDict(narrowed["query"]), SessionBase())


def _build(order: Order) -> Table:
    """The rows as their asker sees them now, masked."""
    viewer = viewer_of(order.by)
    if viewer is None:
        raise BuildRefused(_("申请人已离司"))
    narrowed = dict(order.query)
    page = books.policy_page(
        viewer.scope, _filter(narrowed), as_of=viewer.today, sort=narrowed["sort"],
        size=viewer.rulebook["lists.export_rows_max"],
    )  # fmt: skip
    blocked = privacy.blocked_numbers()  # L-07: data that may only be kept leaves in no list
    kept = [row for row in page.rows if not {row.holder_number, row.insured_number} & blocked]
    rows = lines(viewer, kept)
    columns = tuple(
        Column(str(column.title), [column.export(row) for row in rows], _ROLES.get(column.key, ""))
        for column in COLUMNS
        if column.key in narrowed["columns"]
    )
    return Table(_("保单"), columns, taken=books.known_numbers)


KIND = Kind("policies", gettext_noop("保单清单"), Right.EXPORT, _build, canaries=True)
