"""The order of the day's visits: what was promised and what the week's plan says, over the ground (S1-25).

In: a viewer. Out: stops in order with the hour of each, a sketch. Never: an exact address (a stop stands in the
middle of its community), a stop without coordinates dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.core.day_route import STOPS, Route, day_route
from tuogu.core.rulebook import Rulebook
from tuogu.regions import queries as regions
from tuogu.web import personal
from tuogu.web.phone.keeping import masked_page
from tuogu.web.phone.meetings import Meeting, meetings_of
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.work import queries as work
from tuogu.work.kinds import Kind

WIDTH, HEIGHT, EDGE = 390, 220, 24  # of the sketch, in its own units
DOT = 11  # radius of a stop
HOUR = 60


@dataclass(frozen=True)
class Stop:
    """One visit in the order of going. `starts`: HH:MM; `late`: minutes after what was promised."""

    place: int
    number: str
    starts: str
    appointment: bool
    late: int
    metres: int
    community: str | None


@require_safe
def route(request: ViewerRequest) -> HttpResponse:
    """Today's visits in the best order, from the first one or from the one that was tapped."""
    viewer = request.viewer
    meetings = _meetings(viewer)
    promised = {meeting.customer_number: meeting for meeting in meetings if meeting.kind == Kind.VISIT}
    numbers = [*promised, *(number for number in _planned(viewer) if number not in promised)]
    context: dict[str, Any] = {"stops": [], "unplaced": [], "shown": {}}
    if numbers:
        context |= _context(viewer, numbers, promised, request.GET.get("from", ""))
        context["shown"] = personal.masked(numbers)
    return masked_page(render(request, "phone/route.html", context))


def _meetings(viewer: Viewer) -> list[Meeting]:
    tasks = work.tasks_of(viewer.person, viewer.today, view="all")
    return meetings_of(tasks, viewer.today, viewer.now, viewer.rulebook)


def _planned(viewer: Viewer) -> list[str]:
    monday = viewer.today - timedelta(days=viewer.today.weekday())
    plan = work.week_plan(viewer.person, monday)
    lines = plan.lines if plan else ()
    return [line.customer for line in lines if line.day == viewer.today and line.kind == Kind.VISIT]


def _context(viewer: Viewer, numbers: list[str], promised: dict[str, Meeting], start: str) -> dict[str, Any]:
    held = books.held_by_person(viewer.person, viewer.today).frame
    where = {
        number: (code, name)
        for number, code, name in held.select("holder_number", "community_code", "community").iter_rows()
        if number in set(numbers)
    }
    stops = _stops(numbers, where, promised)
    placed = stops.filter(pl.col("x_m").is_not_null())
    at = {key: (x, y) for key, x, y, _ in placed.iter_rows()}
    from_key = start if start in at else _first(placed)
    if from_key is None:
        return {"unplaced": numbers}
    found = day_route(stops, at[from_key], _leaves(placed, viewer.rulebook), viewer.rulebook)
    names = {number: name for number, (_, name) in where.items()}
    return {
        "stops": [_stop(leg, promised, names) for leg in found.legs.iter_rows(named=True)], "metres": found.metres,
        "exact": found.exact, "unplaced": list(found.unplaced), "drawing": _drawing(found, at),
        "pace": viewer.rulebook["day_route.metres_per_minute"], "stay": viewer.rulebook["day_route.visit_minutes"],
    }  # fmt: skip


def _stops(
    numbers: list[str], where: dict[str, tuple[str | None, str | None]], promised: dict[str, Meeting]
) -> pl.DataFrame:
    positions, _datum = books.placed_communities()
    codes = {number: where.get(number, (None, None))[0] for number in numbers}
    known = [number for number in numbers if codes[number] in positions]
    points = [positions[codes[number] or ""] for number in known]
    metres = dict(zip(known, regions.Plane.around(points).metres(points).tolist(), strict=True))
    rows = [(number, *metres.get(number, (None, None)), _minute(promised.get(number))) for number in numbers]
    return pl.DataFrame(rows, schema=STOPS, orient="row")


def _minute(meeting: Meeting | None) -> int | None:
    if meeting is None:
        return None
    local = timezone.localtime(meeting.at)
    return local.hour * HOUR + local.minute


def _first(placed: pl.DataFrame) -> str | None:
    """Where the day begins unless somebody says otherwise: at the first appointment, else at the first line."""
    ordered = placed.sort("appointment", nulls_last=True, maintain_order=True)
    return None if ordered.is_empty() else str(ordered["key"][0])


def _leaves(placed: pl.DataFrame, rulebook: Rulebook) -> int:
    opening = int(rulebook["pressure.open_hours"][0]) * HOUR
    first = placed["appointment"].min()
    early = int(rulebook["review.visit_early_minutes"])
    return opening if first is None else min(opening, int(first) - early)  # type: ignore[arg-type]  # minutes


def _stop(leg: dict[str, Any], promised: dict[str, Meeting], names: dict[str, str | None]) -> Stop:
    hour, minute = divmod(leg["starts"], HOUR)
    return Stop(
        leg["place"], leg["key"], f"{hour:02d}:{minute:02d}", leg["key"] in promised, leg["late"], leg["metres"],
        names.get(leg["key"]),
    )  # fmt: skip


def _drawing(found: Route, at: dict[str, tuple[float, float]]) -> dict[str, Any] | None:
    """The stops on one scale, north up; None where all stand on one spot."""
    points = [at[key] for key in found.legs["key"]]
    lows = [min(point[axis] for point in points) for axis in (0, 1)]
    spans = [max(point[axis] for point in points) - lows[axis] for axis in (0, 1)]
    if len(points) < 2 or max(spans) == 0:
        return None
    inner = (WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE)
    scale = min(inner[axis] / spans[axis] for axis in (0, 1) if spans[axis] > 0)
    dots = [
        {
            "x": round(EDGE + (point[0] - lows[0]) * scale + (inner[0] - spans[0] * scale) / 2, 1),
            "y": round(HEIGHT - EDGE - (point[1] - lows[1]) * scale - (inner[1] - spans[1] * scale) / 2, 1),
        }
        for point in points
    ]
    line = " ".join(f"{dot['x']},{dot['y']}" for dot in dots)
    return {"width": WIDTH, "height": HEIGHT, "dots": _merged(dots), "line": line}


def _merged(dots: list[dict[str, float]]) -> list[dict[str, Any]]:
    """One dot a spot, with the places of all stops there: two families of one village hide nobody."""
    spots: dict[tuple[float, float], list[int]] = {}
    for place, dot in enumerate(dots, 1):
        spots.setdefault((dot["x"], dot["y"]), []).append(place)
    return [
        {"x": x, "y": y, "places": "·".join(map(str, places)), "r": DOT + (len(places) - 1) * DOT // 2}
        for (x, y), places in spots.items()
    ]
