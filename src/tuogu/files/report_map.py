"""The map: communities coloured by who serves them, homes, teams, names; as SVG that needs no script.

In: a ReportSource. Out: one drawing of everything and one for each team. Never: a customer, a house number, a
coordinate passed off as real when it is synthetic (the card around it says so).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np

from tuogu.core.places import short_name
from tuogu.files.report_geometry import Cell, Floats, cells, colours, touching
from tuogu.files.report_labels import Label, place_labels
from tuogu.files.report_page import Raw
from tuogu.files.report_source import ReportSource

COLOURS = 8  # fills of the palette in report.css
_WIDE = 1000.0  # units of the overview, about a pixel each on a desk screen
_ASPECT = (0.46, 0.7)  # height over width, least and most
_MARGIN = 18.0
_DOT_AREA, _DOT_RADIUS = 2.1, (2.2, 13.0)  # square units a policy; least and most radius
ROOMY = 260  # communities on a thousand units across; more of them are drawn smaller
_NAME_SIZES = ((30, 15.0), (80, 12.0), (math.inf, 9.5))  # people at most, height of their names
_SCALE_STEPS_M = (100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000)
_SCALE_SHARE = 0.16  # of the width, at most


@dataclass(frozen=True)
class Place:
    """A community on the map."""

    code: str
    title: str
    name: str
    policies: int
    served: list[tuple[str, int]]  # staff number, policies; the largest first


@dataclass(frozen=True)
class Atlas:
    """What the drawings share; `points` are metres, row i belongs to `places[i]` and `shapes[i]`."""

    places: list[Place]
    points: Floats
    shapes: list[Cell]
    pairs: set[tuple[int, int]]  # places whose cells touch
    colour: Mapping[str, int]  # staff number → fill
    teams: Mapping[str, str]  # staff number → team code
    people: list[dict[str, Any]]  # rows of ReportSource.managers
    names: Mapping[str, str]
    homes: Mapping[str, tuple[float, float]]  # staff number → metres

    def owner(self, index: int) -> str:
        """Who serves most of a community."""
        return self.places[index].served[0][0]


def build_atlas(source: ReportSource) -> Atlas:
    """The atlas of the communities that have coordinates (there is at least one)."""
    rows = source.placed.to_dicts()
    places = [
        Place(
            row["community_code"],
            f"{row['district']} {row['street']} {row['community']}",
            short_name(row["community"]),
            row["policies"],
            list(zip(row["staff"], row["shares"], strict=True)),
        )
        for row in rows
    ]
    points = np.array([(row["x_m"], row["y_m"]) for row in rows], dtype=np.float64)
    shapes = cells(points)
    pairs = touching(shapes)
    owners = [place.served[0][0] for place in places]
    people = source.managers.to_dicts()
    everywhere = {
        row["community_code"]: (row["x_m"], row["y_m"])
        for row in source.book.communities.drop_nulls(["x_m", "y_m"]).to_dicts()
    }
    return Atlas(
        places,
        points,
        shapes,
        pairs,
        colours(owners, pairs, COLOURS),
        {person["staff_number"]: person["team_code"] for person in people},
        people,
        {person["staff_number"]: person["name"] for person in people},
        {p["staff_number"]: everywhere[p["home"]] for p in people if p["home"] in everywhere},
    )


@dataclass(frozen=True)
class Frame:
    """From metres to the drawing: x to the right, y downwards."""

    left_m: float
    top_m: float
    scale: float
    wide: float
    high: float
    shrink: float = 1.0  # of discs and pins, where there are very many

    @staticmethod
    def around(points: Floats, wide: float) -> Frame:
        """The frame that holds `points` with a margin, `wide` units across."""
        low, high = points.min(axis=0), points.max(axis=0)
        span = np.maximum(high - low, 400.0)
        aspect = min(max(float(span[1] / span[0]), _ASPECT[0]), _ASPECT[1])
        inner = (wide - 2 * _MARGIN, wide * aspect - 2 * _MARGIN)
        scale = min(inner[0] / float(span[0]), inner[1] / float(span[1]))
        middle = (low + high) / 2
        left = float(middle[0]) - wide / 2 / scale
        top = float(middle[1]) + wide * aspect / 2 / scale
        return Frame(left, top, scale, wide, wide * aspect)

    def at(self, point: Sequence[float]) -> tuple[float, float]:
        """A point of the drawing."""
        return (float(point[0]) - self.left_m) * self.scale, (self.top_m - float(point[1])) * self.scale


def overview(atlas: Atlas) -> Raw:
    """All communities, with the names of the managers where there is room."""
    frame = Frame.around(np.array([corner for shape in atlas.shapes for corner in shape.corners]), _WIDE)
    inside = list(range(len(atlas.places)))
    return _drawing(atlas, frame, inside, "全部片区地图，同样的数字见表格", communities_named=False)


def panel(atlas: Atlas, inside: list[int], title: str, wide: float) -> Raw:
    """The communities `inside` with their names, `wide` units across."""
    ground = np.array([corner for i in inside for corner in atlas.shapes[i].corners])
    frame = Frame.around(ground, wide)
    return _drawing(atlas, frame, inside, f"{title}片区地图", communities_named=True)


def _drawing(atlas: Atlas, frame: Frame, inside: list[int], title: str, *, communities_named: bool) -> Raw:
    near = [i for i in range(len(atlas.places)) if _visible(frame, atlas.points[i])]
    frame = replace(frame, shrink=_shrink(len(near), frame))
    own = set(inside)
    parts = [_cell_path(atlas, frame, i, faint=i not in own) for i in near]
    parts.append(_borders(atlas, frame, inside))
    parts += [_dot(atlas, frame, i) for i in near if i in own]
    served = {atlas.owner(i) for i in inside}
    people = [person for person in atlas.people if person["staff_number"] in served]
    parts += [_home(atlas, frame, person) for person in people]
    parts.append(_labels(atlas, frame, inside, people, communities_named))
    parts.append(_scale_bar(frame))
    box = f'viewBox="0 0 {frame.wide:.0f} {frame.high:.0f}" role="img" aria-label="{escape(title)}"'
    return Raw(f'<div class="map"><svg {box}>{"".join(parts)}</svg></div>')


def _shrink(drawn: int, frame: Frame) -> float:
    return min(1.0, math.sqrt(ROOMY * (frame.wide / _WIDE) ** 2 / max(drawn, 1)) + 0.2)


def _visible(frame: Frame, point: Sequence[float]) -> bool:
    x, y = frame.at(point)
    return -_MARGIN < x < frame.wide + _MARGIN and -_MARGIN < y < frame.high + _MARGIN


def _cell_path(atlas: Atlas, frame: Frame, index: int, *, faint: bool) -> str:
    corners = [frame.at(corner) for corner in atlas.shapes[index].corners]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "Z"
    fill = "k-none" if faint else f"k{atlas.colour[atlas.owner(index)]}"
    return f'<path class="cell {fill}" d="{path}"><title>{escape(_told(atlas, index))}</title></path>'


def _told(atlas: Atlas, index: int) -> str:
    """What a community says when pointed at."""
    place = atlas.places[index]
    served = "、".join(f"{atlas.names.get(number, number)} {count:,}" for number, count in place.served)
    return f"{place.title}\n{place.policies:,} 件：{served}"


def _borders(atlas: Atlas, frame: Frame, inside: list[int]) -> str:
    """Where one team's ground ends: towards another team, and towards nobody."""
    lines = []
    for index in inside:
        team, shape = atlas.teams.get(atlas.owner(index)), atlas.shapes[index]
        for i, beyond in enumerate(shape.beyond):
            if beyond < 0 or atlas.teams.get(atlas.owner(beyond)) != team:
                a, b = frame.at(shape.corners[i]), frame.at(shape.corners[(i + 1) % len(shape.corners)])
                lines.append((f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}", beyond >= 0))
    between = "".join(line for line, inner in lines if inner)
    outside = "".join(line for line, inner in lines if not inner)
    return f'<path class="shore" d="{outside}"/><path class="team" d="{between}"/>'


def _dot(atlas: Atlas, frame: Frame, index: int) -> str:
    """A disc as large as its policies; slices where several managers serve one community."""
    place = atlas.places[index]
    x, y = frame.at(atlas.points[index])
    radius = dot_radius(place.policies) * frame.shrink
    told = f"<title>{escape(_told(atlas, index))}</title>"
    if len(place.served) == 1:
        fill = atlas.colour[place.served[0][0]]
        return f'<circle class="dot k{fill}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}">{told}</circle>'
    slices, turn = [], 0.0
    for number, count in place.served:
        share = count / place.policies
        slices.append(_slice(x, y, radius, turn, turn + share, atlas.colour.get(number)))
        turn += share
    return f"<g>{told}{''.join(slices)}</g>"


def dot_radius(policies: int) -> float:
    """Radius in drawing units: the area is in proportion, within limits."""
    return min(max(math.sqrt(policies * _DOT_AREA / math.pi), _DOT_RADIUS[0]), _DOT_RADIUS[1])


def _slice(x: float, y: float, radius: float, start: float, end: float, colour: int | None) -> str:
    a, b = 2 * math.pi * start, 2 * math.pi * end
    far = int(end - start > 0.5)
    return (
        f'<path class="dot k{"-none" if colour is None else colour}" d="M{x:.1f} {y:.1f}'
        f"L{x + radius * math.sin(a):.1f} {y - radius * math.cos(a):.1f}"
        f"A{radius:.1f} {radius:.1f} 0 {far} 1 {x + radius * math.sin(b):.1f} {y - radius * math.cos(b):.1f}"
        'Z"/>'
    )


def _home(atlas: Atlas, frame: Frame, person: dict[str, Any]) -> str:
    """A home: a disc for a manager, a diamond for a supervisor; at the middle of its community."""
    home = atlas.homes.get(person["staff_number"])
    if home is None or not _visible(frame, home):
        return ""
    x, y = frame.at(home)
    role = "主管" if person["supervisor"] else "客户经理"
    told = f"<title>{escape(person['name'])}（{escape(person['team'])}{role}）住址所在社区</title>"
    radius = 3.8 * math.sqrt(frame.shrink)
    if person["supervisor"]:
        d = 6.4 * math.sqrt(frame.shrink)
        diamond = f"M{x:.1f} {y - d:.1f}L{x + d:.1f} {y:.1f}L{x:.1f} {y + d:.1f}L{x - d:.1f} {y:.1f}Z"
        return f'<path class="home chief" d="{diamond}">{told}</path>'
    return f'<circle class="home" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}">{told}</circle>'


def _labels(
    atlas: Atlas, frame: Frame, inside: list[int], people: list[dict[str, Any]], communities_named: bool
) -> str:
    """Names of managers over their largest communities; then, where asked and free, those of communities."""

    def largest(index: int) -> tuple[int, str]:
        return -atlas.places[index].policies, atlas.places[index].code

    by_owner: dict[str, list[int]] = {}
    for index in inside:
        by_owner.setdefault(atlas.owner(index), []).append(index)
    size = next(size for most, size in _NAME_SIZES if len(people) <= most)
    wanted = []
    for person in sorted(people, key=lambda person: (-person["held"], person["staff_number"])):
        own = sorted(
            by_owner[person["staff_number"]], key=lambda i: (-atlas.places[i].policies, atlas.places[i].code)
        )
        spots = [frame.at(atlas.points[i]) for i in own]
        wanted.append(Label(person["name"], "who", size, spots, needed=True))
    if communities_named:
        for index in sorted(inside, key=largest):
            place = atlas.places[index]
            text = f"{place.name} {place.policies}"
            wanted.append(Label(text, "where", 10.5, [frame.at(atlas.points[index])]))
    return place_labels(wanted, (frame.wide, frame.high), crowded=len(people) > _NAME_SIZES[0][0])


def _scale_bar(frame: Frame) -> str:
    room_m = frame.wide * _SCALE_SHARE / frame.scale
    metres = max((step for step in _SCALE_STEPS_M if step <= room_m), default=_SCALE_STEPS_M[0])
    wide, y = metres * frame.scale, frame.high - 16
    text = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    return (
        f'<path class="scale" d="M16 {y - 5:.1f}V{y:.1f}H{16 + wide:.1f}V{y - 5:.1f}"/>'
        f'<text class="scale" x="20" y="{y - 5:.1f}">{text}</text>'
    )
