"""One figure by chosen dimensions, its definition beside it; as frozen, as it would be counted now, and as a map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

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
from tuogu.web.reports.reading import day_asked, rooms, shown_chart
from tuogu.web.viewer import Viewer, ViewerRequest

_STREET_DIGITS = 9  # of the official region code: its form, GB/T 10114
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
        return kept + ([("term", "long")] if self.ten_years else [])


def asked_of(viewer: Viewer, measure: str, query: QueryDict) -> Asked:
    """The figure, period and cut of an address; 404 for a figure that is not defined."""
    day = day_asked(query.get("month", ""), viewer.today)
    kind = query.get("kind", "month")
    kind = kind if kind in PERIODS else "month"
    known = reports.measures(min(Period.of(day, kind).last, viewer.today))
    if measure not in known:
        raise Http404
    by = tuple(dict.fromkeys(name for name in query.getlist("by") if name in DIMENSIONS))
    found = known[measure]
    return Asked(found, day, kind, by, query.get("term") == "long" and "ten_years" in found.filters)


@require_safe
def figure(request: ViewerRequest, measure: str) -> HttpResponse:
    """The figure's table; every number leads to its rows."""
    viewer, asked = request.viewer, asked_of(request.viewer, measure, request.GET)
    period = Period.of(asked.day, asked.kind)
    by = asked.by or ("department",)
    rows = reports.figures(
        viewer.scope, asked.day, measure, by, on=viewer.today, kind=asked.kind, ten_years=asked.ten_years
    )
    total = reports.figures(
        viewer.scope, asked.day, measure, (), on=viewer.today, kind=asked.kind, ten_years=asked.ten_years
    )
    frozen = _frozen(viewer, asked, by[0] if len(by) == 1 else None)
    names = {name: names_of(name, rows[name].unique().to_list()) for name in by}
    context = {
        "rooms": rooms(viewer, ""),
        "measure": asked.measure,
        "period": period,
        "asked": asked,
        "by": by,
        "heads": [DIMENSIONS[name] for name in by],
        "lines": [_line(asked, by, names, row, frozen) for row in rows.iter_rows(named=True)],
        "total": [_line(asked, (), {}, row, frozen) for row in total.iter_rows(named=True)],
        "frozen": frozen is not None,
        "dimensions": DIMENSIONS,
        "kinds": PERIODS,
        "filter": FILTERS.get("ten_years") if "ten_years" in asked.measure.filters else "",
        "chart": _chart(viewer, asked, by),
        "map_url": _map_url(asked) if by[0] in _MAPPED and asked.measure.unit != "each" else "",
        "measures": [(one.key, one.title) for one in reports.measures(viewer.today).values()],
    }
    return render(request, "reports/figure.html", context)


@require_safe
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
    frozen: Mapping[str, tuple[int, int]] | None,
) -> dict[str, Any]:  # fmt: skip
    n, d, unit = row["numerator"], row["denominator"], asked.measure.unit
    values = {name: row[name] for name in by}
    key = (
        str(next(iter(values.values())))
        if len(values) == 1 and next(iter(values.values())) is not None
        else ""
    )
    then = None if frozen is None else frozen.get(key, (0, 0))
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


def _frozen(viewer: Viewer, asked: Asked, dimension: str | None) -> dict[str, tuple[int, int]] | None:
    """The frozen numbers of the month by one dimension; None where nothing is frozen so."""
    month = asked.day.replace(day=1)
    if (
        asked.kind != "month"
        or dimension is None
        or month not in {one.month for one in reports.frozen_months()}
    ):
        return None
    key, long = asked.measure.key, asked.ten_years
    rows = reports.frozen(viewer.scope, month, measure=key, dimension=dimension, ten_years=long)
    if rows.is_empty():
        return None
    found = {value: (n, d) for value, n, d in rows.select("value", "numerator", "denominator").rows()}
    whole = reports.frozen(viewer.scope, month, measure=key, dimension="", ten_years=long)
    return (
        found | {"": whole.select("numerator", "denominator").row(0)}
        if whole.height and "" not in found
        else found
    )


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
    return shown_chart(found) if found else None
