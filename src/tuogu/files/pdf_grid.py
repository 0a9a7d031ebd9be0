"""A table on paper: columns as wide as what they hold, letters no smaller than needed, heads on every page.

In: a Grid of paper.py and the room. Out: what the page's writer places and breaks. Never: a column beyond the edge, a number
or an identifier broken while a text column can give way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib import colors
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, LongTable, TableStyle

from tuogu.files.paper import Grid
from tuogu.files.pdf_letters import broken, font, readable, widest_piece, width

SIZES = (8.5, 8.0, 7.5, 7.0, 6.5, 6.0)  # points, from the best to the least that is read
_PAD, _PAD_HIGH = 3.2, 2.2
_LEADING = 1.28  # of the size
_SHORT_HEAD = 4  # characters
_MOST = 0.45  # of the page's width that one column asks for by itself
_SIDES = {"left": "LEFT", "right": "RIGHT", "centre": "CENTER"}
_LINE, _SHADE = colors.HexColor("#8A94A0"), colors.HexColor("#E8EEF5")


@dataclass(frozen=True)
class Layout:
    """The size of letters and the width of each column, in points. `fits`: nothing had to be broken by force."""

    size: float
    widths: tuple[float, ...]
    fits: bool


def layout(grid: Grid, room: float, *, most: float = SIZES[0]) -> Layout:
    """The largest letters up to `most` at which no part is broken by force."""
    columns = [_texts(grid, place) for place in range(len(grid.heads))]
    unit_least = [_least(texts) for texts in columns]
    unit_whole = [max(width(line, 1.0) for text in texts for line in text.split("\n")) for texts in columns]
    sizes = [size for size in SIZES if size <= most]
    for size in sizes:
        least = [one * size + 2 * _PAD for one in unit_least]
        if sum(least) <= room:
            whole = [one * size + 2 * _PAD for one in unit_whole]
            return Layout(size, _shared(least, whole, room), True)
    size = sizes[-1]
    return Layout(size, _forced([one * size + 2 * _PAD for one in unit_least], room), False)


def _least(texts: Sequence[str]) -> float:
    """What a column needs at letters of one point: its longest part; a short head stays on one line."""
    head = [width(texts[0], 1.0)] if len(texts[0]) <= _SHORT_HEAD else []
    return max(*head, 0.0, *(widest_piece(text, 1.0) for text in texts))


def _texts(grid: Grid, place: int) -> list[str]:
    rows = [grid.heads[place].text, *(row[place] for row in grid.rows)]
    return [readable(text) for text in (*rows, *((grid.foot[place],) if grid.foot else ()))]


def _shared(least: Sequence[float], whole: Sequence[float], room: float) -> tuple[float, ...]:
    """Every column gets the least; what is left goes to those that would wrap, then to all."""
    wished = [max(small, min(full, room * _MOST)) for small, full in zip(least, whole, strict=True)]
    if sum(wished) <= room:
        return tuple(one * room / sum(wished) for one in wished)
    left, lacking = room - sum(least), sum(wished) - sum(least)
    return tuple(small + (full - small) * left / lacking for small, full in zip(least, wished, strict=True))


def _forced(least: Sequence[float], room: float) -> tuple[float, ...]:
    """The widest columns give way until all of them stand on the page."""
    even = room / len(least)
    narrow = sum(one for one in least if one <= even)
    wide = sum(one for one in least if one > even)
    share = (room - narrow) / wide
    return tuple(one if one <= even else one * share for one in least)


def table(grid: Grid, room: float, *, most: float = SIZES[0]) -> Flowable:
    """The table, ready to be placed; it breaks between rows, and inside one only where a row is higher than a page."""
    plan = layout(grid, room, most=most)
    body = [[head.text for head in grid.heads], *(list(row) for row in grid.rows)]
    if not grid.rows:
        body.append([grid.empty, *[""] * (len(grid.heads) - 1)])
    if grid.foot:
        body.append(list(grid.foot))
    cells = [
        [
            "\n".join(broken(readable(text), wide - 2 * _PAD + 0.01, plan.size))
            for text, wide in zip(row, plan.widths, strict=True)
        ]
        if grid.rows or place != 1
        else row
        for place, row in enumerate(body)
    ]
    return LongTable(
        cells, colWidths=plan.widths, rowHeights=_heights(grid, cells, plan.size), repeatRows=1, splitInRow=1,
        style=_style(grid, plan.size, len(cells)),
    )  # fmt: skip


def _heights(grid: Grid, cells: list[list[str]], size: float) -> list[float]:
    lines = [max(text.count("\n") + 1 for text in row) for row in cells]
    found = [count * size * _LEADING + 2 * _PAD_HIGH for count in lines]
    for row, least in grid.least_mm.items():
        found[row + 1] = max(found[row + 1], least * mm)
    return found


def _style(grid: Grid, size: float, rows: int) -> TableStyle:
    rules: list[tuple[object, ...]] = [
        ("FONT", (0, 0), (-1, -1), font(), size, size * _LEADING),
        ("GRID", (0, 0), (-1, -1), 0.4, _LINE),
        ("BACKGROUND", (0, 0), (-1, 0), _SHADE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), _PAD),
        ("RIGHTPADDING", (0, 0), (-1, -1), _PAD),
        ("TOPPADDING", (0, 0), (-1, -1), _PAD_HIGH),
        ("BOTTOMPADDING", (0, 0), (-1, -1), _PAD_HIGH),
    ]
    rules += [("ALIGN", (place, 0), (place, -1), _SIDES[head.side]) for place, head in enumerate(grid.heads)]
    if not grid.rows:
        rules += [("SPAN", (0, 1), (-1, 1)), ("ALIGN", (0, 1), (-1, 1), "CENTER")]
    if grid.foot:
        rules.append(("BACKGROUND", (0, rows - 1), (-1, rows - 1), _SHADE))
    return TableStyle(rules)
