"""One figure by chosen dimensions, its definition beside it; as frozen, as it would be counted now, and as a map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

import polars as pl
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.core.measures.definitions import DIMENSIONS, FILTERS, Measure
from tuogu.core.measures.figures import rate, written
from tuogu.core.measures.periods import PERIODS, Period
from tuogu.org import queries as org
from tuogu.reports import queries as reports
from tuogu.web.reports.reading import day_asked, one_of, refusing, rooms, shown_chart
from tuogu.web.viewer import Viewer, ViewerRequest

_STREET_DIGITS = 9  # of the official region code: its form, GB/T 10114
_LONG = "long"  # only policies of ten years and more
_MAPPED = ("district", "street")
_RANKED = ("branch", "department", "team")


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    measure: Measure
    day: date
    kind: str
    by: tuple[str, ...]
    ten_years: bool

    @property
    def query(self) -> list[tuple[str, str]]:
        """The same for a link."""
        kept = [("month", self.day.isoformat()), ("kind", self.kind)]
        return kept + ([("term", _LONG)] if self.ten_years else [])


def asked_of(viewer: Viewer, measure: str, query: QueryDict) -> Asked:
    """The figure, period and cut of an address; 404 for a figure that is not defined, AskedWrongly for a period, cut or
    filter that there is not."""
    day = day_asked(query.get("month", ""), viewer.today)
    kind = one_of(query.get("kind", "") or "month", PERIODS, _("期间"))
    known = reports.measures(min(Period.of(day, kind).last, viewer.today))
    if measure not in known:
        raise Http404
    found = known[measure]
    by = tuple(dict.fromkeys(one_of(name, DIMENSIONS, _("维度")) for name in query.getlist("by") if name))
    terms = ("", _LONG) if "ten_years" in found.filters else ("",)
    return Asked(found, day, kind, by, one_of(query.get("term", ""), terms, _("筛选")) == _LONG)


@require_safe
@refusing
def figure(request: ViewerRequest, measure: str) -> HttpResponse:
    """The figure's table: as frozen where the month is, with `?now=1` as counted now beside it."""
    viewer, asked = request.viewer, asked_of(request.viewer, measure, request.GET)
    period = Period.of(asked.day, asked.kind)
    by, now = asked.by or ("department",), one_of(request.GET.get("now", ""), ("", "1"), _("筛选"))
    kept = _frozen(viewer, asked, by)
    rows = kept if kept is not None and not now else _counted(viewer, asked, by)
    frozen = {row[by[0]]: row for row in kept.to_dicts()} if kept is not None and now else None
    names = {name: names_of(name, rows[name].unique().to_list()) for name in by}
    context = {
        "rooms": rooms(viewer, ""),
        "measure": asked.measure,
        "period": period,
        "asked": asked,
        "by": by,
        "heads": [DIMENSIONS[name] for name in by],
        "lines": [_line(asked, by, names, row, frozen) for row in rows.iter_rows(named=True)],
        "total": [_line(asked, (), {}, row, None) for row in _summed(rows).iter_rows(named=True)],
        "frozen": kept is not None,
        "beside": frozen is not None,
        "now_url": f"?{urlencode([*asked.query, *(('by', name) for name in by), ('now', '1')])}",
        "running": period.last > viewer.today,
        "dimensions": DIMENSIONS,
        "kinds": PERIODS,
        "filter": FILTERS.get("ten_years") if "ten_years" in asked.measure.filters else "",
        "chart": _chart(viewer, asked, by),
        "map_url": _map_url(asked) if by[0] in _MAPPED and asked.measure.unit != "each" else "",
    }
    return render(request, "reports/figure.html", context)


@require_safe
@refusing
def ground(request: ViewerRequest, measure: str) -> JsonResponse:
    """The map of a rate: every community in the strength of its street's rate."""
    viewer, asked = request.viewer, asked_of(request.viewer, measure, request.GET)
    rows = reports.figures(
        viewer.scope,
        asked.day,
        measure,
        ["street"],
        on=viewer.today,
        kind=asked.kind,
        ten_years=asked.ten_years,
    )
    unit = asked.measure.unit
    rates = {
        street: found / 100
        for street, n, d in rows.select("street", "numerator", "denominator").rows()
        if street is not None and (found := rate(n, d, unit)) is not None
    }
    there = books.ground(viewer.scope, "", orphans=False)
    places = [
        {
            "code": place.row.display_code or place.row.code, "name": place.name, "title": place.title,
            "n": rates[place.row.code[:_STREET_DIGITS]], "at": place.at, "ring": place.ring, "who": -1, "now": -1,
            "served": [], "url": _rows_url(asked, {"street": place.row.code[:_STREET_DIGITS]}),
        }
        for place in there.places if place.row.code[:_STREET_DIGITS] in rates
    ]  # fmt: skip
    words = {"pieces": "‰" if unit == "per_mille" else "%", "pool": "", "home": "", "chief": "", "now": ""}
    return JsonResponse(
        {"places": places, "people": [], "missing": 0, "synthetic": there.synthetic, "words": words}
    )


def _line(
    asked: Asked, by: tuple[str, ...], names: Mapping[str, Mapping[Any, str]], row: Mapping[str, Any],
    frozen: Mapping[Any, Mapping[str, Any]] | None,
) -> dict[str, Any]:  # fmt: skip
    n, d, unit = row["numerator"], row["denominator"], asked.measure.unit
    values = {name: row[name] for name in by}
    found = {} if frozen is None else frozen.get(row[by[0]], {})
    then = None if frozen is None else (found.get("numerator", 0), found.get("denominator", 0))
    return {
        "words": [names[name].get(values[name], str(values[name] or "")) for name in by],
        "numerator": n, "denominator": d, "shown": written(n, d, unit),
        "rows_url": _rows_url(asked, values), "one_url": _rows_url(asked, values, side="numerator"),
        "frozen": None if then is None else written(*then, unit), "moved": then is not None and then != (n, d),
        "then": then,
    }  # fmt: skip


def _rows_url(asked: Asked, values: Mapping[str, Any], side: str = "") -> str:
    kept = [(name, "" if value is None else str(value)) for name, value in values.items()]
    query = [*asked.query, *kept, *([("side", side)] if side else [])]
    return f"{reverse('reports:rows', args=[asked.measure.key])}?{urlencode(query)}"


def _map_url(asked: Asked) -> str:
    return f"{reverse('reports:map', args=[asked.measure.key])}?{urlencode(asked.query)}"


def _frozen(viewer: Viewer, asked: Asked, by: tuple[str, ...]) -> pl.DataFrame | None:
    """The frozen numbers of the month by one dimension; None where nothing is frozen so, or nothing within scope."""
    month = asked.day.replace(day=1)
    frozen = asked.kind == "month" and month in {one.month for one in reports.frozen_months()}
    if len(by) != 1 or not frozen:
        return None
    rows = reports.frozen(
        viewer.scope, month, measure=asked.measure.key, dimension=by[0], ten_years=asked.ten_years
    )
    if rows.is_empty():
        return None
    value = pl.when(pl.col("value") != "").then(pl.col("value"))
    kind = pl.Int64 if by[0] == "person" else pl.String
    return rows.select(value.cast(kind).alias(by[0]), "numerator", "denominator").sort(by[0])


def _counted(viewer: Viewer, asked: Asked, by: tuple[str, ...]) -> pl.DataFrame:
    return reports.figures(
        viewer.scope, asked.day, asked.measure.key, by, on=viewer.today, kind=asked.kind, ten_years=asked.ten_years
    )  # fmt: skip


def _summed(rows: pl.DataFrame) -> pl.DataFrame:
    """Every row of a figure counts under one value of a dimension, so the whole is their sum."""
    return rows.select(pl.col("numerator", "denominator").sum())


def names_of(dimension: str, values: list[Any]) -> dict[Any, str]:
    """What the values of a dimension are called; people by name and number."""
    if dimension == "person":
        found = org.known_as(value for value in values if value is not None)
        return {i: f"{one.name} {one.staff_number}".strip() for i, one in found.items()} | {None: _("未归属")}
    words = reports.words_of(dimension, [value or "" for value in values])
    return {value: str(words[value or ""]) for value in values}


def _chart(viewer: Viewer, asked: Asked, by: tuple[str, ...]) -> Any:
    if len(by) != 1 or by[0] not in _RANKED or asked.kind != "month" or asked.ten_years:
        return None
    found = reports.ranking(viewer.scope, asked.measure, asked.day, by[0], on=viewer.today)
    return shown_chart(reports.told_chart(found)) if found else None
