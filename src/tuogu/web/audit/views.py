"""What happened in a period: every room's tables with their counts, and the rows of one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import polars as pl
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe

from tuogu.audit import queries as audit
from tuogu.web.paging import day_of, first_of, numbered, size_of
from tuogu.web.templatetags.exporting import page_words
from tuogu.web.viewer import ViewerRequest

DAYS = 30  # what is shown until somebody asks for another period


def period_of(request: ViewerRequest) -> tuple[date, date]:
    """The days asked for, both included; the last month for anything else."""
    last = day_of(request.GET.get("to", "")) or request.viewer.today
    first = day_of(request.GET.get("from", "")) or last - timedelta(days=DAYS - 1)
    return min(first, last), max(first, last)


@require_safe
def period(request: ViewerRequest) -> HttpResponse:
    """Tables of the period by room."""
    first, last = period_of(request)
    told = audit.tables(first, last)
    rooms = [
        {"heading": heading, "tables": [{"room": row[0], "name": row[2], "rows": row[3]} for row in rows]}
        for heading, rows in groupby(told, key=lambda row: row[1])
    ]
    return render(request, "audit/period.html", {"rooms": rooms, "first": first, "last": last})


@require_safe
def table(request: ViewerRequest, room: str, name: str) -> HttpResponse:
    """The rows of one table; `has` narrows to rows in which any cell holds the text."""
    first, last = period_of(request)
    frame = audit.table(room, name, first, last)
    if frame is None:
        raise Http404
    has = request.GET.get("has", "").strip()
    if has:
        cells = pl.concat_list(pl.all().cast(pl.String)).list.eval(
            pl.element().str.contains(has, literal=True)
        )
        frame = frame.filter(cells.list.any())
    start, size = first_of(request.GET), size_of(request.GET)
    url = reverse("audit:table", args=[room, name])
    context: dict[str, Any] = {
        "room": room, "name": name, "heads": frame.columns,
        "lines": [[_shown(cell) for cell in line] for line in frame.slice(start - 1, size).iter_rows()],
        "page": numbered(url, request.GET, start, size, frame.height), "total": frame.height,
        "first": first, "last": last, "has": has,
    }  # fmt: skip
    return render(request, "audit/table.html", context)


def _shown(cell: Any) -> Any:
    """A moment by the wall clock, to the second; the name of a page by its word."""
    if isinstance(cell, datetime):
        return f"{localtime(cell) if cell.tzinfo else cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, date):
        return cell.isoformat()
    return (page_words(cell) or cell) if isinstance(cell, str) and ":" in cell else cell
