"""Titles and paragraphs on paper.

In: a text, how it weighs. Out: lines that a page places and breaks. Never: markup read out of a text: what a customer is
called is letters and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reportlab.lib import colors
from reportlab.platypus import Flowable

from tuogu.files.pdf_letters import broken, font, readable, width


@dataclass(frozen=True)
class _Style:
    size: float
    leading: float
    colour: str
    before: float = 0.0
    after: float = 0.0
    centred: bool = False


_STYLES = {
    "title": _Style(15, 20, "#111111", after=2, centred=True),
    "heading": _Style(11.5, 16, "#111111", before=3, after=2),
    "body": _Style(9.5, 15, "#111111"),
    "small": _Style(8, 12, "#5D6878"),
    "facts": _Style(8.5, 12, "#5D6878", centred=True),
}


class Lines(Flowable):  # type: ignore[misc]  # the library has no types
    """A text in one of the styles, its lines broken as Chinese is."""

    def __init__(self, text: str, weight: str, lines: tuple[str, ...] | None = None) -> None:
        super().__init__()
        self._text, self._weight, self._style, self._lines = readable(text), weight, _STYLES[weight], lines
        self._room = 0.0

    def wrap(self, room: float, _high: float) -> tuple[float, float]:
        """The height of all lines."""
        style, self._room = self._style, room
        self._shown = self._lines or tuple(broken(self._text, room, style.size))
        return room, len(self._shown) * style.leading + style.before + style.after

    def split(self, room: float, high: float) -> list[Any]:
        """The lines that fit, and the others."""
        self.wrap(room, high)
        fitting = int((high - self._style.before - self._style.after) // self._style.leading)
        if not 0 < fitting < len(self._shown):
            return []
        parts = self._shown[:fitting], self._shown[fitting:]
        return [Lines(self._text, self._weight, part) for part in parts]

    def draw(self) -> None:
        """Top down."""
        style, canvas = self._style, self.canv
        canvas.setFont(font(), style.size)
        canvas.setFillColor(colors.HexColor(style.colour))
        y = style.after + len(self._shown) * style.leading - style.size
        for line in self._shown:
            x = (self._room - width(line, style.size)) / 2 if style.centred else 0
            canvas.drawString(x, y, line)
            y -= style.leading
