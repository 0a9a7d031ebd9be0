"""Names on the map: each is put where it covers no other name, the important ones first.

In: labels with the spots where they may stand, best first. Out: SVG text. Never: two names upon each other,
unless a needed name has no free spot at all (it then stands at its best spot).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_SHIFTS = ((0.0, -0.9), (0.0, 1.1), (0.9, 0.0), (-0.9, 0.0), (0.0, -1.9), (0.0, 2.1))  # of the label's size
_SPOTS_TRIED = 6
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Label:
    """A name; `spots` are points it may stand at, `kind` its CSS class, `size` its letters' height."""

    text: str
    kind: str
    size: float
    spots: Sequence[tuple[float, float]]
    needed: bool = False


def place_labels(labels: Sequence[Label], room: tuple[float, float], *, crowded: bool) -> str:
    """SVG of the labels in a drawing of `room`; when `crowded`, even needed names give way to others."""
    taken: list[Box] = []
    drawn = []
    for label in labels:
        found = _free_spot(label, taken, room)
        if found is None and label.needed and not crowded:
            found = (label.spots[0][0], label.spots[0][1] - 0.9 * label.size)
        if found is None:
            continue
        taken.append(_box(label, found))
        x, y = found
        base = y + label.size * 0.35  # text stands on its baseline
        drawn.append(
            f'<text class="{label.kind}" x="{x:.1f}" y="{base:.1f}" font-size="{label.size:g}">'
            f"{escape(label.text)}</text>"
        )
    return "".join(drawn)


def _free_spot(label: Label, taken: list[Box], room: tuple[float, float]) -> tuple[float, float] | None:
    for x, y in label.spots[:_SPOTS_TRIED]:
        for right, down in _SHIFTS:
            spot = (x + right * (_width(label) / 2 + 6), y + down * label.size)
            box = _box(label, spot)
            outside = box[0] < 0 or box[1] < 0 or box[2] > room[0] or box[3] > room[1]
            if not outside and not any(_overlap(box, other) for other in taken):
                return spot
    return None


def _width(label: Label) -> float:
    """A Chinese character is as wide as high; a letter or digit a little over half of it."""
    return sum(label.size if ord(letter) > 0x2E7F else 0.56 * label.size for letter in label.text)


def _box(label: Label, middle: tuple[float, float]) -> Box:
    wide, high = _width(label) / 2 + 2, label.size * 0.62
    return (middle[0] - wide, middle[1] - high, middle[0] + wide, middle[1] + high)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
