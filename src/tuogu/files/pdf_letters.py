"""The letters of PDF papers: one embedded font, the widths of texts, and lines broken as Chinese is.

In: texts. Out: texts that the font can show, their widths, their lines. Never: an empty box where a rare character of a
name should stand (its code point stands there instead), a number or a policy number broken where there is room for it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import as_file, files

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONT = "WenQuanYiMicroHei"
RARE = re.compile(r"\[U\+[0-9A-F]{4,6}\]")  # how a character that the font lacks is shown
_KEPT = "\n\u3000"  # a line's end, a space as wide as a character
_UNITS = 1000  # of a font's em
_STICK_BACK = "，。、；：！？）》】」』”’％%‰…,.;:!?)]}"  # never begin a line
_STICK_ON = "（《【「『“‘([{￥"  # never end a line
_RUN = re.compile(r"[!-~]+|\s|.", re.DOTALL)


@cache
def _font() -> TTFont:
    """The font, registered. Its package holds the file that Debian ships as fonts-wqy-microhei."""
    with as_file(files("paperang_p2_fonts_cjk") / "fonts/wqy-microhei.ttc") as path:
        font = TTFont(FONT, str(path), subfontIndex=0)
    pdfmetrics.registerFont(font)
    return font


def font() -> str:
    """The font's name, once it is registered."""
    return str(_font().fontName)


def readable(text: str) -> str:
    """The text with every character shown: one that the font lacks stands there as [U+20BB7], controls become spaces."""
    return "".join(sign if sign in _KEPT or _shows(sign) else _instead(sign) for sign in text)


def _shows(sign: str) -> bool:
    return ord(sign) in _font().face.charToGlyph and sign.isprintable()


def _instead(sign: str) -> str:
    if unicodedata.category(sign) in ("Cc", "Cf", "Zs", "Mn"):  # controls, odd spaces, variation selectors
        return " " if sign.isspace() else ""
    return f"[U+{ord(sign):04X}]"


def width(text: str, size: float) -> float:
    """Points that a readable text takes."""
    face = _font().face
    widths, usual = face.charWidths, face.defaultWidth
    return float(sum(widths.get(ord(sign), usual) for sign in text)) * size / _UNITS


def broken(text: str, room: float, size: float) -> list[str]:
    """Lines of a readable text, none wider than `room` points; at least one line."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in _pieces(paragraph):
            if width(line + piece.rstrip(), size) <= room:
                line += piece
                continue
            if line.strip():
                lines.append(line.rstrip())
            *whole, line = _cut(piece.lstrip(), room, size)
            lines += whole
        lines.append(line.rstrip())
    return lines


def widest_piece(text: str, size: float) -> float:
    """Points that the longest part takes at which no line may break."""
    return max((width(piece.strip(), size) for piece in _pieces(text)), default=0.0)


def _pieces(text: str) -> list[str]:
    """The parts between which a line may end: a Chinese character, a run of Latin letters and digits, a space."""
    found: list[str] = []
    for run in _RUN.findall(text):
        sticks = found and ((run[0] in _STICK_BACK and not found[-1].isspace()) or found[-1][-1] in _STICK_ON)
        if sticks:
            found[-1] += run
        else:
            found.append(run)
    return found


def _cut(piece: str, room: float, size: float) -> list[str]:
    """A part that is wider than a line, broken where it must be; the last line may go on."""
    lines, line = [], ""
    for sign in piece:
        if line and width(line + sign, size) > room:
            lines.append(line)
            line = ""
        line += sign
    return [*lines, line]
