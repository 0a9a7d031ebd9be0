"""What was done in a period: basic services by kind (S1-26), calls and visits by person, why nobody was visited (S4-36).

In: the viewer's scope, two days. Out: counts; the reasons with their shares. Never: an attempt among the meetings, a
corrected record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.org import queries as org
from tuogu.web.paging import day_of
from tuogu.web.viewer import ViewerRequest
from tuogu.web.work.rooms import rooms
from tuogu.work import queries as work
from tuogu.work.kinds import Kind, NoVisit, Outcome

_DONE: dict[
    str, tuple[str, tuple[str, ...]]
] = {  # column → which records it counts; the others make the last column
    "met": (Kind.VISIT, (Outcome.MET,)),
    "away": (Kind.VISIT, (Outcome.NOT_HOME, Outcome.NO_SHOW, Outcome.REFUSED, Outcome.WRONG_CONTACT)),
    "reached": (Kind.CALL, (Outcome.REACHED, Outcome.REFUSED)),
    "missed": (Kind.CALL, (Outcome.NO_ANSWER, Outcome.WRONG_CONTACT)),
}
_OTHER = "other"


@require_safe
def counts(request: ViewerRequest) -> HttpResponse:
    """The running month, or the days asked for."""
    viewer = request.viewer
    first, last = days_of(request.GET, viewer.today.replace(day=1), viewer.today)
    services = work.service_counts(viewer.scope, first, last)
    done = _by_column(work.counts(org.custodians_within(viewer.scope), first, last))
    report, above = work.no_visit_report(viewer.scope, first, last)
    context = {
        "rooms": rooms(viewer, "counts"), "first": first, "last": last, "people": _people(done), "sums": _sums(done),
        "services": services.to_dicts(), "served": int(services["records"].sum() or 0),
        "reasons": [{**row, "label": _(NoVisit(row["reason"]).label)} for row in report.iter_rows(named=True)],
        "unvisited": int(report["customers"].sum() or 0), "above": above,
        "usual_bp": viewer.rulebook["service.no_visit_usual_bp"],
    }  # fmt: skip
    return render(request, "work/counts.html", context)


def days_of(query: Mapping[str, str], first: date, last: date) -> tuple[date, date]:
    """The two days asked for, in their order; what is not asked for stays."""
    asked = day_of(query.get("from", "")) or first, day_of(query.get("to", "")) or last
    return min(asked), max(asked)


def _by_column(counted: pl.DataFrame) -> pl.DataFrame:
    """person, column, records."""
    column = pl.lit(_OTHER)
    for name, (kind, outcomes) in _DONE.items():
        chosen = (pl.col("kind") == str(kind)) & pl.col("outcome").is_in([str(one) for one in outcomes])
        column = pl.when(chosen).then(pl.lit(name)).otherwise(column)
    return counted.group_by("person", column.alias("column")).agg(pl.col("records").sum())


def _people(done: pl.DataFrame) -> list[dict[str, Any]]:
    """A row a person, by staff number."""
    cells = {(person, column): n for person, column, n in done.iter_rows()}
    known = org.known_as(done["person"].unique().to_list())
    return [
        {"known": who, "cells": [cells.get((person, column), 0) for column in (*_DONE, _OTHER)]}
        for person, who in sorted(known.items(), key=lambda pair: pair[1].staff_number)
    ]


def _sums(done: pl.DataFrame) -> list[int]:
    sums = dict(done.group_by("column").agg(pl.col("records").sum()).iter_rows())
    return [sums.get(column, 0) for column in (*_DONE, _OTHER)]
