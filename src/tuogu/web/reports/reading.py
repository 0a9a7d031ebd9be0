"""What the pages of this room share: a content as a page shows it, with names of colleagues and masked customers.

In: a content, a query string. Out: values for templates. Never: a customer in clear, a rule, a number computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tuogu.files.bulletin import NUMBERS, Chart, Content, Known, Table, number, read, read_foot
from tuogu.org import queries as org
from tuogu.reports import queries as reports
from tuogu.web.paging import day_of
from tuogu.web.parts import View
from tuogu.web.personal import masked
from tuogu.web.viewer import Viewer, ViewerRequest

_FOLD = 60  # rows after which a table scrolls inside its card


@dataclass(frozen=True)
class ShownTable:
    """A table of a page: heads and cells with their class."""

    title: str
    heads: list[tuple[str, bool]]
    rows: list[list[tuple[str, bool]]]
    foot: list[tuple[str, bool]]
    note: str
    empty: str
    tall: bool


@dataclass(frozen=True)
class ShownChart:
    """A chart: the kind of charts.js, its data, its words."""

    kind: str
    title: str
    data: dict[str, Any]
    rows: list[tuple[str, list[str]]]  # the same numbers as a table
    slot: str = "chart"  # the id of its data on the page


def known_to(content: Content) -> Known:
    """Names of colleagues, masked names of customers: who shows them is logged by the choke point."""
    people = {
        i: " ".join(filter(None, (one.name, one.staff_number)))
        for i, one in org.known_as(reports.people_in(content)).items()
    }
    numbers = reports.customers_in(content)
    shown = masked(numbers) if numbers else {}
    return Known(people, {n: " ".join(filter(None, (one.name, n))) for n, one in shown.items()})


def shown(content: Content) -> dict[str, Any]:
    """Tables, charts and definitions for `reports/_content.html`."""
    known, content = known_to(content), reports.told(content)
    return {
        "content": content,
        "tables": [_table(table, known) for table in content.tables],
        "charts": [
            replace(shown_chart(chart), slot=f"chart-{place}")
            for place, chart in enumerate(one for one in content.charts if one.labels)
        ],
    }


def _table(table: Table, known: Known) -> ShownTable:
    right = [column.kind in NUMBERS for column in table.columns]
    kinds = [column.kind for column in table.columns]
    rows = [
        [(read(kind, value, known), side) for kind, value, side in zip(kinds, row, right, strict=True)]
        for row in table.rows
    ]
    foot = [
        (read_foot(kind, value, known), side)
        for kind, value, side in zip(kinds, table.foot, right, strict=False)
    ]
    heads = [(column.title, side) for column, side in zip(table.columns, right, strict=True)]
    return ShownTable(table.title, heads, rows, foot, table.note, table.empty, len(rows) > _FOLD)


def shown_chart(chart: Chart) -> ShownChart:
    """A chart of a content, told already, as charts.js draws it."""
    words = reports.own_words()
    series = [
        {"name": one.name, "values": [number(chart.unit, value) for value in one.values]}
        for one in chart.series
    ]
    data: dict[str, Any] = {"labels": list(chart.labels), "series": series, "unit": words.unit(chart.unit)}
    if chart.kind == "spread":
        data["dots"] = [
            [place, number(chart.unit, value)] for place, values in enumerate(chart.dots) for value in values
        ]
        data["people"] = _("人员")
    rows = [
        (label, [read(chart.unit, one.values[place], Known()) for one in chart.series])
        for place, label in enumerate(chart.labels)
    ]
    return ShownChart(chart.kind, words.with_unit(chart.title, chart.unit), data, rows)


def rooms(viewer: Viewer, here: str) -> list[View]:
    """The pages of this room that the viewer may open, as tabs."""
    pages = {
        "hub": _("报表"), "issued_list": _("已签发"), "frozen_list": _("冻结的月份"), "schedules": _("定时发送"),
    }  # fmt: skip
    return [
        View(title, reverse(f"reports:{name}"), None, name == here)
        for name, title in pages.items()
        if viewer.may(f"reports:{name}")
    ]


def day_asked(text: str, today: date) -> date:
    """2026-11-22 or 2026-11 → the day; nothing → today. AskedWrongly for what is no day and for what is yet to come."""
    if not text.strip():
        return today
    found = day_of(f"{text.strip()}-01" if len(text.strip()) == len("2026-11") else text)
    if found is None:
        raise reports.AskedWrongly(
            _("“%(text)s”不是日期：请写成 2026-11-22，或按月写成 2026-11") % {"text": text}
        )
    if found > today:
        raise reports.AskedWrongly(_("%(day)s 还没有到，没有可看的数字") % {"day": found.isoformat()})
    return found


def one_of(text: str, known: Container[str], what: str) -> str:
    """A choice of an address; AskedWrongly for one that there is not. `what`: what it chooses, in words."""
    if text not in known:
        raise reports.AskedWrongly(_("没有“%(text)s”这种%(what)s") % {"text": text, "what": what})
    return text


def refusing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view, with a filter that cannot be answered told as such (400) instead of another filter taken in its place."""

    @wraps(view)
    def answered(request: ViewerRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except reports.AskedWrongly as refused:
            context = {"rooms": rooms(request.viewer, ""), "refused": str(refused), "plain": request.path}
            return render(request, "reports/refused.html", context, status=400)

    return answered


def report_or_404(key: str) -> reports.Report:
    """One report by its key."""
    try:
        return reports.report(key)
    except reports.ReportsRefused as unknown:
        raise Http404 from unknown


def told(request: HttpRequest, act: Callable[[], str]) -> bool:
    """Do it and say what happened; a refusal says why."""
    try:
        said = act()
    except reports.ReportsRefused as refused:
        messages.error(request, _("%(why)s；没有写入任何数据。") % {"why": refused})
        return False
    except reports.ReportUnknown as unknown:
        raise Http404 from unknown
    messages.success(request, said)
    return True
