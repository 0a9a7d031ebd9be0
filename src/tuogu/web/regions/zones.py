"""Zones on the map: what they are, what lies in them, where they leave gaps or overlap (P-17).

In: the zones in force, the communities with positions, the viewer's policies. Out: a board, a record, the data of the map.
Never: a position that nobody imported, a zone judged in another datum than the positions.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.regions import queries as regions
from tuogu.web.parts import Moment
from tuogu.web.regions.desk import tabs
from tuogu.web.templatetags.tuogu import day, moment
from tuogu.web.viewer import ViewerRequest

_SQUARE_KM = 1_000_000


@require_safe
def board(request: ViewerRequest) -> HttpResponse:
    """All zones with their numbers, the check, and the map on which to draw."""
    viewer = request.viewer
    found = books.check_zones(viewer.scope, viewer.today)
    check = found.check
    names = {zone.id: zone.name for zone in check.zones}
    context = {
        "tabs": tabs(viewer, "regions:zones"),
        "lines": [_line(zone, found) for zone in check.zones],
        "gaps": [_place(code, found) for code in check.gaps],
        "gap_policies": sum(found.policies.get(code, 0) for code in check.gaps),
        "doubled": [
            _place(code, found) | {"zones": _("、").join(names[i] for i in ids)}
            for code, ids in check.doubled.items()
        ],
        "overlaps": [(names[a], names[b], area / _SQUARE_KM) for a, b, area in check.overlaps],
        "other_datum": [names[i] for i in check.other_datum],
        "datum": found.datum,
        "datums": regions.DATUMS,
        "unplaced": found.unplaced,
        "placed": sum(1 for members in check.members.values() for _code in members),
    }
    return render(request, "regions/zones.html", context)


@require_safe
def ground(request: ViewerRequest) -> JsonResponse:
    """The map: communities within scope at their positions, zones, what is wrong."""
    viewer = request.viewer
    found = books.check_zones(viewer.scope, viewer.today)
    placed, datum = books.placed_communities()
    zones = [zone for zone in found.check.zones if zone.datum == datum or not datum]
    codes = [code for code in placed if code in found.policies or code in found.customers]
    plane = regions.Plane.around([placed[code] for code in codes] or [p for zone in zones for p in zone.ring])
    gaps, doubled = set(found.check.gaps), set(found.check.doubled)
    return JsonResponse(
        {
            "plane": {"longitude": plane.longitude, "latitude": plane.latitude, "scale": plane.scale},
            "places": [
                {
                    "code": code, "name": found.names.get(code, code), "at": placed[code],
                    "n": found.policies.get(code, 0), "url": _visits(community=code),
                    "state": "gap" if code in gaps else "double" if code in doubled else "",
                }
                for code in codes
            ],
            "zones": [
                {"id": zone.id, "name": zone.name, "ring": zone.ring, "url": reverse("regions:zone", args=[zone.id])}
                for zone in zones
            ],
            "synthetic": books.invented_positions(),
            "words": {"pieces": _("件"), "gap": _("不在任何区域"), "double": _("在两个以上区域"), "corner": _("顶点")},
        }
    )  # fmt: skip


@require_safe
def record(request: ViewerRequest, zone: int) -> HttpResponse:
    """One zone: its communities, how it could be divided, its versions."""
    viewer = request.viewer
    now = regions.zone(zone, viewer.today)
    if now is None:
        raise Http404
    found = books.check_zones(viewer.scope, viewer.today)
    codes, halves = books.suggested_halves(viewer.scope, zone, viewer.today)
    versions = regions.zone_history(zone)
    called = org.known_as([version.by_id for version in versions])
    lines = [_place(code, found) for code in codes]
    context = {
        "zone": now,
        "area": regions.area_of(now.ring) / _SQUARE_KM,
        "lines": lines,
        "policies": sum(line["policies"] for line in lines),
        "customers": sum(line["customers"] for line in lines),
        "halves": _halves(codes, halves, found) if halves else None,
        "judged": now.datum == found.datum,
        "datum": found.datum,
        "visits_url": _visits(zone=zone),
        "ring": [list(point) for point in now.ring],
        "datums": regions.DATUMS,
        "moments": [
            Moment(
                _("第 %(n)s 版：%(name)s") % {"n": version.number, "name": version.name},
                _("结束") if version.ended else "", _("%(day)s 起") % {"day": day(version.from_date)},
                f"{called[version.by_id].name} {moment(version.at)}", current=version.number == now.number,
            )
            for version in versions
        ],
    }  # fmt: skip
    return render(request, "regions/zone.html", context)


def _line(zone: regions.ZoneNow, found: books.ZoneCheck) -> dict[str, Any]:
    members = found.check.members.get(zone.id)
    return {
        "zone": zone,
        "area": regions.area_of(zone.ring) / _SQUARE_KM,
        "communities": None if members is None else len(members),
        "policies": sum(found.policies.get(code, 0) for code in members or ()),
        "customers": sum(found.customers.get(code, 0) for code in members or ()),
        "visits_url": _visits(zone=zone.id),
    }


def _place(code: str, found: books.ZoneCheck) -> dict[str, Any]:
    return {
        "code": code, "name": found.names.get(code, code), "policies": found.policies.get(code, 0),
        "customers": found.customers.get(code, 0), "visits_url": _visits(community=code),
    }  # fmt: skip


def _halves(codes: list[str], halves: Any, found: books.ZoneCheck) -> list[dict[str, Any]]:
    return [
        {"names": [found.names.get(codes[row], codes[row]) for row in rows], "policies": count}
        for rows, count in zip((halves.first, halves.second), halves.counts, strict=True)
    ]


def _visits(**place: str | int) -> str:
    return f"{reverse('regions:visits')}?{urlencode(place)}"
