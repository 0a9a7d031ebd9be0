"""Polygons of a GeoJSON file, by name.

In: the bytes of a FeatureCollection, a Feature or a bare geometry. Out: (name, corners) of each polygon. Never: a hole or a
part dropped in silence, a coordinate guessed or turned round.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tuogu.files.refusal import FileRefused

_NAMES = ("name", "名称", "NAME", "Name", "title")
_POLYGONS_MAX = 500
_NOTHING = "，没有写入任何内容"
Polygon = tuple[str, list[tuple[float, float]]]


def read_polygons(content: bytes) -> list[Polygon]:
    """Name and outer ring of every polygon; FileRefused for anything that is not one."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise FileRefused(f"文件不是 GeoJSON{_NOTHING}", "not_geojson") from None
    found = [_polygon(feature, place) for place, feature in enumerate(_features(document), start=1)]
    if not found:
        raise FileRefused(f"文件中没有多边形{_NOTHING}", "no_polygon")
    if len(found) > _POLYGONS_MAX:
        raise FileRefused(
            f"文件中有 {len(found)} 个多边形，一次最多 {_POLYGONS_MAX} 个{_NOTHING}", "too_many"
        )
    return found


def _features(document: Any) -> Iterator[Any]:
    if not isinstance(document, dict):
        raise FileRefused(f"文件不是 GeoJSON{_NOTHING}", "not_geojson")
    features = document.get("features")
    if document.get("type") == "FeatureCollection" and isinstance(features, list):
        yield from features
    elif document.get("type") == "Feature":
        yield document
    else:
        yield {"type": "Feature", "properties": {}, "geometry": document}


def _polygon(feature: Any, place: int) -> Polygon:
    properties = (feature.get("properties") if isinstance(feature, dict) else None) or {}
    geometry = (feature.get("geometry") if isinstance(feature, dict) else None) or {}
    name = next((str(properties[key]).strip() for key in _NAMES if properties.get(key)), f"区域 {place}")
    if geometry.get("type") != "Polygon":
        raise FileRefused(
            f"第 {place} 个“{name}”不是一个多边形（Polygon）；多块的请拆成几个{_NOTHING}", "not_polygon"
        )
    rings = geometry.get("coordinates")
    if not isinstance(rings, list) or not rings:
        raise FileRefused(f"第 {place} 个“{name}”没有坐标{_NOTHING}", "no_corners")
    if len(rings) > 1:
        raise FileRefused(f"第 {place} 个“{name}”中间有洞，服务区域不能有洞{_NOTHING}", "hole")
    try:
        return name, [(float(point[0]), float(point[1])) for point in rings[0]]
    except (TypeError, ValueError, IndexError, KeyError):
        raise FileRefused(f"第 {place} 个“{name}”的坐标读不出来{_NOTHING}", "bad_corner") from None
