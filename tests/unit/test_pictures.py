"""The README's pictures: each one shown is there, light enough, and each one there is shown; palettes keep a picture."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path

import numpy as np

from tools import palette, pictures

ROOT = Path(__file__).parents[2]
SHOWN = re.compile(r"\(docs/pictures/([\w-]+)\.png\)")


def test_both_readmes_show_every_picture():
    wanted = {shot[0] for shot in pictures.SHOTS}
    for readme in ("README.md", "README.zh-CN.md"):
        assert set(SHOWN.findall((ROOT / readme).read_text(encoding="utf-8"))) == wanted
    assert {file.stem for file in pictures.FOLDER.glob("*.png")} == wanted


def test_pictures_are_light():
    assert max(file.stat().st_size for file in pictures.FOLDER.glob("*.png")) <= pictures.BYTES_MAX


def test_a_palette_of_few_colours_changes_nothing():
    """Every kind of PNG prediction is undone, and 256 colours or fewer are kept exactly."""
    pixels = np.zeros((10, 16, 3), np.uint8)
    pixels[:, :, 0] = np.arange(16) * 16
    pixels[:, :, 1] = np.arange(10)[:, None] * 20
    small = palette.with_palette(_png(pixels))
    assert _colours(small) == {tuple(map(int, colour)) for row in pixels for colour in row}
    assert struct.unpack(">II", small[16:24]) == (16, 10)


def _png(pixels: np.ndarray) -> bytes:
    """A PNG of RGB pixels whose rows use the five kinds of prediction in turn."""
    height, width, _ = pixels.shape
    flat = pixels.reshape(height, width * 3).astype(int)
    rows = b""
    for y in range(height):
        left = np.concatenate([[0, 0, 0], flat[y, :-3]])
        up = flat[y - 1] if y else np.zeros_like(flat[0])
        corner = np.concatenate([[0, 0, 0], up[:-3]])
        near = left + up - corner
        a, b, c = abs(near - left), abs(near - up), abs(near - corner)
        paeth = np.where((a <= b) & (a <= c), left, np.where(b <= c, up, corner))
        guess = (np.zeros_like(up), left, up, (left + up) // 2, paeth)[y % 5]
        rows += bytes([y % 5]) + ((flat[y] - guess) % 256).astype(np.uint8).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _colours(png: bytes) -> set[tuple[int, ...]]:
    at = png.index(b"PLTE")
    size = struct.unpack(">I", png[at - 4 : at])[0]
    data = png[at + 4 : at + 4 + size]
    return {tuple(data[i : i + 3]) for i in range(0, size, 3)}
