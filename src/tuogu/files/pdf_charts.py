"""Bars and lines on paper, as vectors.

In: a Chart of paper.py and the room. Out: a drawing. Never: an axis that does not begin at zero, a colour alone telling what
a line is (each is named, with a sign of its own).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.charts.linecharts import HorizontalLineChart
from reportlab.graphics.shapes import Drawing, String
from reportlab.graphics.widgets.markers import makeMarker
from reportlab.lib import colors

from tuogu.files.paper import Chart
from tuogu.files.pdf_letters import font, readable, width

_COLOURS = [
    colors.HexColor(one) for one in ("#1B528F", "#C46A00", "#2B7A4B", "#8C3B6E", "#5D6878", "#A08A1F")
]
_SIGNS = ("FilledCircle", "FilledSquare", "FilledTriangle", "FilledDiamond", "Circle", "Square")
_GRID = colors.HexColor("#D5DAE1")
_HIGH, _TITLE, _SMALL = 180.0, 9.5, 7.5  # points: of the drawing, of its letters
_LEFT, _RIGHT, _BOTTOM, _TOP = 48.0, 10.0, 34.0, 34.0
_SIGN, _SIGN_ROOM = 4.0, 6.0  # points
_LINE = 1.4  # points, of a line
_STEPS = 5  # lines across
_FIGURES_MAX = 24  # bars that carry their figure


def drawing(chart: Chart, room: float) -> Drawing:
    """The chart over the whole width."""
    drawn = Drawing(room, _HIGH)
    title = readable(f"{chart.title}（{chart.unit}）" if chart.unit else chart.title)
    drawn.add(String(0, _HIGH - 12, title, fontName=font(), fontSize=_TITLE))
    _legend(drawn, chart, room)
    drawn.add(_plot(chart, room))
    return drawn


def _plot(chart: Chart, room: float) -> VerticalBarChart | HorizontalLineChart:
    tracks = _tracks(chart) if chart.kind == "lines" else []
    plot = HorizontalLineChart() if tracks else VerticalBarChart()
    plot.x, plot.y, plot.width, plot.height = _LEFT, _BOTTOM, room - _LEFT - _RIGHT, _HIGH - _BOTTOM - _TOP
    plot.data = [track.values for track in tracks] or [list(one.values) for one in chart.series]
    _scale(plot, chart)
    _name(plot, chart, room)
    if tracks:
        _paint_lines(plot, tracks)
    else:
        _paint_bars(plot, chart)
    return plot


@dataclass(frozen=True)
class _Track:
    """Points of a series between two gaps; one alone is a sign without a line."""

    place: int
    values: list[float | None]
    joined: bool


def _tracks(chart: Chart) -> list[_Track]:
    """What is drawn of a line chart: no line goes over a gap, as if there had been a figure."""
    found = []
    for place, one in enumerate(chart.series):
        for known, run in groupby(enumerate(one.values), key=lambda point: point[1] is not None):
            points = dict(run)
            if known:
                values = [points.get(at) for at in range(len(one.values))]
                found.append(_Track(place, values, len(points) > 1))
    return found


def _scale(plot: VerticalBarChart | HorizontalLineChart, chart: Chart) -> None:
    figures = [value for one in chart.series for value in one.values if value is not None]
    axis = plot.valueAxis
    axis.valueMin = min(0.0, *figures) if figures else 0.0
    axis.valueMax = _round_up(max(figures, default=0.0) or 1.0)
    axis.valueStep = (axis.valueMax - axis.valueMin) / _STEPS
    axis.visibleGrid, axis.gridStrokeColor, axis.strokeColor = True, _GRID, _GRID
    axis.labels.fontName, axis.labels.fontSize = font(), _SMALL
    axis.labelTextFormat = _written(chart.decimals if axis.valueStep >= 1 else max(chart.decimals, 2))


def _round_up(most: float) -> float:
    """The next of 1, 2, 2.5, 5 or 10 times a power of ten."""
    power = 10.0 ** (len(str(int(most))) - 1) if most >= 1 else 0.01
    while power * 10 < most:
        power *= 10
    return next(power * step for step in (1, 2, 2.5, 5, 10) if power * step >= most)


def _written(decimals: int) -> Callable[[float], str]:
    return lambda value: f"{value:,.{decimals}f}"


def _name(plot: VerticalBarChart | HorizontalLineChart, chart: Chart, room: float) -> None:
    """The labels below, level where there is room, aslant where not."""
    axis, labels = plot.categoryAxis, [readable(label) for label in chart.labels]
    axis.categoryNames, axis.strokeColor = labels, _GRID
    axis.labels.fontName, axis.labels.fontSize = font(), _SMALL
    widest = max((width(label, _SMALL) for label in labels), default=0.0)
    if widest * len(labels) > room - _LEFT - _RIGHT:
        axis.labels.angle, axis.labels.boxAnchor, axis.labels.dy = 30, "ne", -2


def _paint_bars(plot: VerticalBarChart, chart: Chart) -> None:
    plot.groupSpacing, plot.barSpacing = 6, 1
    for place in range(len(chart.series)):
        plot.bars[place].fillColor = _COLOURS[place % len(_COLOURS)]
        plot.bars[place].strokeColor = None
    if len(chart.labels) * len(chart.series) <= _FIGURES_MAX:
        plot.barLabelFormat = _written(chart.decimals)
        plot.barLabels.fontName, plot.barLabels.fontSize = font(), _SMALL
        plot.barLabels.nudge = 6


def _paint_lines(plot: HorizontalLineChart, tracks: Sequence[_Track]) -> None:
    plot.joinedLines = True
    for line, track in enumerate(tracks):
        colour, sign = _COLOURS[track.place % len(_COLOURS)], _SIGNS[track.place % len(_SIGNS)]
        plot.lines[line].strokeColor = colour if track.joined else None
        plot.lines[line].strokeWidth = _LINE
        plot.lines[line].symbol = makeMarker(sign, size=_SIGN, fillColor=colour, strokeColor=colour)


def _legend(drawn: Drawing, chart: Chart, room: float) -> None:
    """The names of several series at the right of the title, each after its colour and sign."""
    if len(chart.series) < 2:
        return
    x, y = room - _RIGHT, _HIGH - 10
    for place, one in reversed(list(enumerate(chart.series))):
        name, colour = readable(one.name), _COLOURS[place % len(_COLOURS)]
        x -= width(name, _SMALL)
        drawn.add(String(x, y - 2.5, name, fontName=font(), fontSize=_SMALL))
        x -= _SIGN_ROOM
        sign = _SIGNS[place % len(_SIGNS)] if chart.kind == "lines" else "FilledSquare"
        drawn.add(makeMarker(sign, x=x, y=y, size=_SIGN, fillColor=colour, strokeColor=colour))
        x -= 2 * _SIGN_ROOM
