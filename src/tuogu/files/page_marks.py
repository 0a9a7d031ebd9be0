"""The mark by which a machine finds a printed page again: a QR code, as SVG for pages and PNG for workbooks.

In: a short text. Out: an SVG path with its size, PNG bytes. Never: anything but the text in it (no address, no name).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from qrcode.constants import ERROR_CORRECT_Q
from qrcode.main import QRCode

QUIET = 4  # light modules around, without which a reader finds nothing
_WHITE, _BLACK = 255, 0
_GREY_8_BIT = (8, 0, 0, 0, 0)  # depth, colour type, compression, filter, interlace of a PNG


@dataclass(frozen=True)
class SvgMark:
    """`path`: the dark modules as one path; `size`: sides of the view box, quiet zone included."""

    path: str
    size: int


def modules(text: str) -> list[list[bool]]:
    """The modules of the code, True = dark; a quarter of it may be dirty."""
    code = QRCode(border=0, error_correction=ERROR_CORRECT_Q)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(dark) for dark in row] for row in code.modules]


def svg_mark(text: str) -> SvgMark:
    """For a page: `<path d=…>` in a square of `size`."""
    rows = modules(text)
    dark = [
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    ]
    return SvgMark("".join(dark), len(rows) + 2 * QUIET)


def png_mark(text: str, *, pixels_a_module: int = 4) -> bytes:
    """For a workbook: a grey PNG."""
    rows = modules(text)
    light = [[False] * (len(rows) + 2 * QUIET)] * QUIET
    framed = [*light, *([[False] * QUIET + row + [False] * QUIET for row in rows]), *light]
    lines = b"".join(
        (b"\x00" + bytes(_BLACK if dark else _WHITE for dark in row for _ in range(pixels_a_module)))
        * pixels_a_module
        for row in framed
    )
    side = len(framed) * pixels_a_module
    head = struct.pack(">II5B", side, side, *_GREY_8_BIT)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
