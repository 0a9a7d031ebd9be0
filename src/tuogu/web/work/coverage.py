"""Has everybody been visited, has every policy been checked (S4-17, S4-19); how many pieces are assessed (S4-38).

In: the viewer's scope, a person and a duty to drill to. Out: shares for each person against what is required; the gap list.
Never: a share rounded up to what is required.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.core.timeline.coverage import required
from tuogu.org import queries as org
from tuogu.web import personal
from tuogu.web.paging import filter_chips, first_of, id_of, numbered
from tuogu.web.viewer import ViewerRequest
from tuogu.web.work.rooms import rooms, titles
from tuogu.work import queries as work

_ROWS_A_PAGE = 40


@require_safe
def coverage(request: ViewerRequest) -> HttpResponse:
    """Shares by person and duty, and the counts of assessed and service pieces."""
    viewer = request.viewer
    shares, pieces = (
        _held(work.coverage(viewer.scope, viewer.today)[0]),
        work.pieces(viewer.scope, viewer.today),
    )
    duties = list(required(viewer.rulebook))
    counted = dict(pieces.select("person", pl.struct("assessed", "service")).iter_rows())
    holders = sorted({*shares["person"].to_list(), *counted})
    people = org.known_as(holders)
    cells = {(row["person"], row["obligation"]): row for row in shares.iter_rows(named=True)}
    rows = [
        {
            "person": person, "known": people.get(person), "pieces": counted.get(person),
            "cells": [_cell(cells.get((person, duty)), person, duty) for duty in duties],
        }
        for person in holders
    ]  # fmt: skip
    rows.sort(key=lambda row: (all(cell["enough"] for cell in row["cells"]), row["known"].staff_number))
    words = titles(viewer.rulebook)
    context = {
        "rooms": rooms(viewer, "coverage"), "duties": [words.get(duty, duty) for duty in duties], "rows": rows,
        "sums": [_sum(shares, duty) for duty in duties],
        "assessed": int(pieces["assessed"].sum() or 0), "service": int(pieces["service"].sum() or 0),
        "required": required(viewer.rulebook),
    }  # fmt: skip
    return render(request, "work/coverage.html", context)


def _held(frame: pl.DataFrame) -> pl.DataFrame:
    """With `person`, the custodian's id, in place of `holder`."""
    return frame.with_columns(person=pl.col("holder").cast(pl.Int64)).drop("holder")


def _cell(row: dict[str, Any] | None, person: int, duty: str) -> dict[str, Any]:
    if row is None:
        return {"owed": 0, "enough": True, "share_bp": None, "url": ""}
    url = f"{reverse('work:gaps')}?person={person}&duty={duty}"
    return row | {"url": "" if row["done"] == row["owed"] else url}


def _sum(shares: pl.DataFrame, duty: str) -> dict[str, Any]:
    part = shares.filter(obligation=duty)
    owed, done = int(part["owed"].sum() or 0), int(part["done"].sum() or 0)
    return {"owed": owed, "done": done, "share_bp": done * 10_000 // owed if owed else None}


@require_safe
def gaps(request: ViewerRequest) -> HttpResponse:
    """The customers and policies for which nothing has been done yet."""
    viewer, query, first = request.viewer, request.GET, first_of(request.GET)
    found = _held(work.coverage(viewer.scope, viewer.today)[1])
    words = titles(viewer.rulebook)
    people = org.known_as(found["person"].unique().to_list())
    options = {
        "person": {str(i): f"{known.name} {known.staff_number}".strip() for i, known in people.items()},
        "duty": {duty: words.get(duty, duty) for duty in required(viewer.rulebook)},
    }  # fmt: skip
    person = id_of(query.get("person", ""))
    if person is not None:
        found = found.filter(person=person)
    if query.get("duty", "") in options["duty"]:
        found = found.filter(obligation=query["duty"])
    part = found.slice(first - 1, _ROWS_A_PAGE)
    lines = books.care_lines(part["subject_id"])
    rows = part.join(lines, on="subject_id", how="left", maintain_order="left").to_dicts()
    context = {
        "rooms": rooms(viewer, "coverage"), "rows": rows, "people": people, "words": words, "total": found.height,
        "shown": personal.masked(row["customer_number"] for row in rows if row["customer_number"]),
        "options": {name: list(known.items()) for name, known in options.items()},
        "chips": filter_chips(query, {"person": _("责任人"), "duty": _("义务")}, options),
        "pager": numbered(reverse("work:gaps"), query, first, _ROWS_A_PAGE, found.height),
    }  # fmt: skip
    return render(request, "work/gaps.html", context)
