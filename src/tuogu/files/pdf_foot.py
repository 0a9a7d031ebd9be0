"""The foot of a page: who signs, the mark that finds the page again, whose copy it is, which page of how many.

In: a sheet, the canvas of a page. Out: what is drawn there. Never: a page of a marked sheet without its code; a watermark
in force that does not stand on the page.
"""

from __future__ import annotations

from typing import Any

from reportlab.lib import colors
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from tuogu.files.page_marks import QUIET, modules
from tuogu.files.paper import PageMark, Sheet
from tuogu.files.pdf_letters import font, readable
from tuogu.files.watermark import mark_in_force

SIDE, TOP, BOTTOM = 11 * mm, 10 * mm, 12 * mm  # margins
_CODE = 22 * mm  # side of the QR mark, its quiet zone included
_SIGNING, _SMALL, _BIG = 10.0, 7.0, 12.0
_GREY, _INK = colors.HexColor("#5D6878"), colors.HexColor("#111111")
_SIGN_HIGH = 11 * mm
_LINE_WIDTH = 0.6


def foot_height(sheet: Sheet) -> float:
    """Points above the bottom margin that the foot needs."""
    if sheet.mark:
        return float(_CODE + 2 * mm)
    return float(_SIGN_HIGH) if sheet.signatures else 0.0


def draw_foot(canvas: Canvas, sheet: Sheet, page_width: float, title: str) -> None:
    """All but the page's number, which is known when the last page is done."""
    canvas.saveState()
    left, high = SIDE, BOTTOM
    if sheet.mark:
        _draw_mark(canvas, sheet.mark, SIDE, BOTTOM)
        left += _CODE + 3 * mm
        high = BOTTOM + _CODE - 8 * mm
    if sheet.signatures:
        _draw_signatures(canvas, sheet.signatures, left, page_width - SIDE, high)
    if sheet.mark:
        _draw_code(canvas, sheet.mark, left)
    mark = mark_in_force()
    canvas.setFillColor(_GREY)
    canvas.setFont(font(), _SMALL)
    canvas.drawString(SIDE, 6 * mm, readable(mark.line if mark else title))
    canvas.restoreState()


def draw_number(canvas: Canvas, words: str, page_width: float) -> None:
    """第 1 页，共 3 页, in the corner."""
    canvas.setFillColor(_GREY)
    canvas.setFont(font(), _SMALL + 1)
    canvas.drawRightString(page_width - SIDE, 6 * mm, readable(words))


def _draw_mark(canvas: Canvas, mark: PageMark, x: float, y: float) -> None:
    """The QR code as one path of squares."""
    rows = modules(mark.code)
    unit = _CODE / (len(rows) + 2 * QUIET)
    path: Any = canvas.beginPath()
    top = y + _CODE - QUIET * unit
    for down, row in enumerate(rows):
        for along, dark in enumerate(row):
            if dark:
                path.rect(x + (QUIET + along) * unit, top - (down + 1) * unit, unit, unit)
    canvas.setFillColor(colors.black)
    canvas.drawPath(path, stroke=0, fill=1)


def _draw_signatures(
    canvas: Canvas, signers: tuple[str, ...], left: float, right: float, high: float
) -> None:
    gap = 8 * mm
    wide = (right - left - gap * (len(signers) - 1)) / len(signers)
    canvas.setFillColor(_INK)
    canvas.setStrokeColor(_INK)
    canvas.setLineWidth(_LINE_WIDTH)
    canvas.setFont(font(), _SIGNING)
    for place, signer in enumerate(signers):
        x = left + place * (wide + gap)
        canvas.drawString(x, high + 2, readable(signer))
        canvas.line(x, high - 1, x + wide, high - 1)


def _draw_code(canvas: Canvas, mark: PageMark, left: float) -> None:
    canvas.setFillColor(_INK)
    canvas.setFont(font(), _BIG)
    canvas.drawString(left, BOTTOM + 6.5 * mm, f"页码　{mark.code}")
    canvas.setFillColor(_GREY)
    canvas.setFont(font(), _SMALL)
    canvas.drawString(left, BOTTOM + 2.2 * mm, f"本页内容摘要 SHA-256　{mark.digest}")
