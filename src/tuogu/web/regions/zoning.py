"""Drawing zones: a polygon from the map or a GeoJSON file becomes a zone, a next version, or the end of one.

In: corners as longitude and latitude, a name, a day. Out: stored versions. Never: a ring with a hole, one that crosses
itself, a file read beyond its limit.
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tuogu.files.geojson import read_polygons
from tuogu.files.refusal import FileRefused
from tuogu.regions import actions
from tuogu.regions import queries as regions
from tuogu.regions.failures import RegionsRefused
from tuogu.web.paging import day_of
from tuogu.web.viewer import ViewerRequest

_BYTES_MAX = 5_000_000


@require_POST
def draw(request: ViewerRequest) -> HttpResponse:
    """A new zone from the map."""
    viewer, given = request.viewer, request.POST
    try:
        zone = actions.draw_zone(
            given.get("name", ""), _ring(given.get("ring", "")), datum=given.get("datum", ""),
            from_date=day_of(given.get("from_date", "")) or viewer.today, by=viewer.person, at=viewer.now,
        )  # fmt: skip
    except RegionsRefused as refused:
        messages.error(request, str(refused))
        return redirect("regions:zones")
    messages.success(request, _("区域“%(name)s”已建立；在它的页面上可改边界或结束") % {"name": given["name"]})
    return redirect("regions:zone", zone)


@require_POST
def redraw(request: ViewerRequest, zone: int) -> HttpResponse:
    """A next version: another name or boundary, from a day on."""
    viewer, given = request.viewer, request.POST
    if regions.zone(zone, viewer.today) is None:
        raise Http404
    try:
        number = actions.redraw_zone(
            zone, given.get("name", ""), _ring(given.get("ring", "")), datum=given.get("datum", ""),
            from_date=day_of(given.get("from_date", "")) or viewer.today, by=viewer.person, at=viewer.now,
        )  # fmt: skip
        messages.success(request, _("已保存为第 %(n)s 版；前一版留在历史中，改回即再存一版") % {"n": number})
    except RegionsRefused as refused:
        messages.error(request, str(refused))
    return redirect("regions:zone", zone)


@require_POST
def end(request: ViewerRequest, zone: int) -> HttpResponse:
    """From a day on there is no such zone."""
    viewer = request.viewer
    found = regions.zone(zone, viewer.today)
    if found is None:
        raise Http404
    day = day_of(request.POST.get("from_date", "")) or viewer.today
    try:
        actions.end_zone(zone, from_date=day, by=viewer.person, at=viewer.now)
    except RegionsRefused as refused:
        messages.error(request, str(refused))
        return redirect("regions:zone", zone)
    messages.success(
        request,
        _("区域“%(name)s”自 %(day)s 起结束；历史仍在，需要时重新建立") % {"name": found.name, "day": day},
    )
    return redirect("regions:zones")


@require_POST
def take_over(request: ViewerRequest) -> HttpResponse:
    """Every polygon of a GeoJSON file as a zone, all or none."""
    viewer, given = request.viewer, request.POST
    try:
        found = read_polygons(_content(request))
        zones = actions.take_over_zones(
            found, datum=given.get("datum", ""), from_date=day_of(given.get("from_date", "")) or viewer.today,
            by=viewer.person, at=viewer.now,
        )  # fmt: skip
        messages.success(request, _("已导入 %(n)s 个区域；不要的可逐个结束") % {"n": len(zones)})
    except (FileRefused, RegionsRefused) as refused:
        messages.error(request, str(refused))
    return redirect("regions:zones")


def _content(request: ViewerRequest) -> bytes:
    sent: Any = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        raise FileRefused(_("没有选择文件，没有写入任何内容"), "no_file")
    if (sent.size or 0) > _BYTES_MAX:
        raise FileRefused(_("文件超过 5 MB，没有写入任何内容"), "too_large")
    return bytes(sent.read())


def _ring(text: str) -> list[regions.Point]:
    """Corners as the map sends them: [[longitude, latitude], …]."""
    try:
        corners = json.loads(text or "[]")
        return [(float(lon), float(lat)) for lon, lat in corners]
    except (ValueError, TypeError, RecursionError):
        raise RegionsRefused(_("边界读不出来，请在地图上重画，没有写入任何内容")) from None
