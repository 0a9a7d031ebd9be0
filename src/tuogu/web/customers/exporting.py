"""The list of customers as a file: the selection or the whole view, in the columns that the page shows, masked.

In: a posted form with what is picked or what the page is narrowed to, and a reason. Out: an export of kind "customers"; its
builder, which a job may run later. Never: a search for a person kept (what it found is kept instead, by customer number); a
customer whose data may only be kept (L-07); a column that the page hides.
"""

from __future__ import annotations

from collections.abc import Callable
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
from tuogu.core import labels
from tuogu.exports.kinds import BuildRefused, Column, Kind, Order, Table, Value
from tuogu.org.rights import Right
from tuogu.privacy import queries as privacy
from tuogu.web.customers.columns import COLUMNS
from tuogu.web.customers.lists import DEFAULT_SORT, LIST, Line, lines
from tuogu.web.customers.reading import filter_of
from tuogu.web.exports.asking import answer
from tuogu.web.lists.tools import shown_columns
from tuogu.web.paging import fitting
from tuogu.web.viewer import ViewerRequest, viewer_of

_PERSONAL = {"name": "name", "phone": "phone", "id": "id_number"}  # column → what the log calls it; masked
_ROLES = {"number": "number", "name": "name", "phone": "phone", "id": "id"}
_FEN = 100  # of a yuan


def _types(line: Line) -> str:
    return _("、").join(_(labels.ORPHAN_TYPES[code]) for code in line.customer.orphan_types)


CELLS: dict[str, Callable[[Line], Value]] = {
    "name": lambda line: line.shown.name if line.shown else None,
    "number": lambda line: line.customer.number,
    "phone": lambda line: line.shown.phone if line.shown else None,
    "id": lambda line: line.shown.id_number if line.shown else None,
    "live": lambda line: line.customer.live,
    "every": lambda line: line.customer.every,
    "insured": lambda line: line.customer.insured_in,
    "premium": lambda line: line.customer.yearly_premium_fen / _FEN,
    "due": lambda line: line.customer.next_due_date,
    "place": lambda line: line.customer.place,
    "custodians": lambda line: _("、").join(
        f"{who.name} {who.staff_number}".strip() for who in line.custodians
    ),
    "type": _types,
    "complaint": lambda line: _("有投诉") if line.customer.complaint else None,
}


@require_POST
def export(request: ViewerRequest) -> HttpResponse:
    """`pick`: numbers; or `whole_view` or `all`, with the `query` of the page; and a `reason`."""
    viewer, query = request.viewer, QueryDict(request.POST.get("query", "").lstrip("?"))
    picked = request.POST.getlist("pick")
    whole = bool(request.POST.get("whole_view") or request.POST.get("all"))
    back = f"{reverse('customers:list')}?{query.urlencode()}"
    if not whole and not picked:
        messages.warning(request, _("没有选中任何客户，没有导出；请先勾选，或导出本视图。"))
        return redirect(fitting(back))
    narrowed = _narrowed(request, query, picked=[] if whole else picked)
    rows = (
        0  # a search that found nobody: an empty selection must not mean everybody
        if narrowed.get("pick") == []
        else books.customer_totals(viewer.scope, _filter(narrowed), as_of=viewer.today).customers
    )
    if not rows:
        messages.warning(request, _("没有符合条件的客户，没有导出任何数据；请放宽条件。"))
        return redirect(fitting(back))
    shown = shown_columns(viewer, LIST, COLUMNS, query)
    return answer(
        request, kind=KIND.name, title=_("客户"), query=narrowed | {"columns": list(shown)},
        fields=",".join(name for key, name in _PERSONAL.items() if key in shown), back=back, rows=rows,
    )  # fmt: skip


def _narrowed(request: ViewerRequest, query: QueryDict, *, picked: list[str]) -> dict[str, Any]:
    """What is written down: picked numbers, or the query string. What a search for a person found becomes numbers."""
    viewer, sort = request.viewer, query.get("sort") or DEFAULT_SORT
    if not picked and not query.get("found"):
        return {"query": query.urlencode(), "sort": sort}
    if not picked:
        page = books.customer_page(
            viewer.scope, filter_of(query, request.session), as_of=viewer.today, sort=sort,
            size=viewer.rulebook["lists.export_rows_max"],
        )  # fmt: skip
        picked = [row.number for row in page.rows]
    return {"pick": picked, "view": query.get("view", "all"), "sort": sort}


def _filter(narrowed: dict[str, Any]) -> books.CustomerFilter:
    if "pick" in narrowed:
        return books.CustomerFilter(view=narrowed["view"], numbers=tuple(narrowed["pick"]))
    return filter_of(QueryDict(narrowed["query"]), SessionBase())


def _build(order: Order) -> Table:
    """The rows as their asker sees them now, masked."""
    viewer = viewer_of(order.by)
    if viewer is None:
        raise BuildRefused(_("申请人已离司"))
    narrowed = dict(order.query)
    page = books.customer_page(
        viewer.scope, _filter(narrowed), as_of=viewer.today, sort=narrowed["sort"],
        size=viewer.rulebook["lists.export_rows_max"],
    )  # fmt: skip
    blocked = privacy.blocked_numbers()  # L-07: data that may only be kept leaves in no list
    shown = lines(viewer, tuple(row for row in page.rows if row.number not in blocked))
    columns = tuple(
        Column(str(column.title), [CELLS[column.key](line) for line in shown], _ROLES.get(column.key, ""))
        for column in COLUMNS
        if column.key in narrowed["columns"]
    )
    return Table(_("客户"), columns, taken=books.customers_known)


KIND = Kind("customers", gettext_noop("客户清单"), Right.EXPORT, _build, canaries=True)
