"""A PNG with a palette of 256 colours: a third of the bytes of a screenshot, and nobody sees a difference.

In: the PNG that Chromium writes (8 bits, RGB or RGBA, not interlaced). Out: an indexed PNG. Never: a dependency for it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numba import njit

COLOURS = 256
FREQUENT = 160  # taken by how often they occur; the rest by what would otherwise be drawn most wrongly
_MAGIC = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {2: 3, 6: 4}  # PNG colour type → bytes a pixel


def with_palette(png: bytes) -> bytes:
    """The same picture with at most COLOURS colours."""
    pixels = _decoded(png)
    height, width, _ = pixels.shape
    packed = (pixels.astype(np.uint32) << np.array([16, 8, 0], np.uint32)).sum(axis=2, dtype=np.uint32)
    colours, index, counts = np.unique(packed, return_inverse=True, return_counts=True)
    rgb = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1).astype(np.int64)
    chosen = _chosen(rgb, counts)
    nearest = _distances(rgb, rgb[chosen]).argmin(axis=1).astype(np.uint8)
    rows = np.zeros(
        (height, width + 1), np.uint8
    )  # each row begins with filter 0: indices do not predict each other
    rows[:, 1:] = nearest[index].reshape(height, width)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    palette = rgb[chosen].astype(np.uint8).tobytes()
    parts = (b"IHDR", head), (b"PLTE", palette), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b"")
    return _MAGIC + b"".join(_chunk(kind, data) for kind, data in parts)


def _chosen(rgb: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Places of the colours that the palette holds: the frequent ones, then whichever is worst served so far."""
    by_count = np.argsort(-counts, kind="stable")
    chosen = list(by_count[:FREQUENT])
    worst = _distances(rgb, rgb[chosen]).min(axis=1)
    while len(chosen) < min(COLOURS, len(rgb)):
        place = int((worst * np.sqrt(counts)).argmax())
        chosen.append(place)
        worst = np.minimum(worst, _distances(rgb, rgb[[place]])[:, 0])
    return np.array(chosen)


def _distances(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    squares: np.ndarray = ((some[:, None, :] - others[None, :, :]) ** 2).sum(axis=2)
    return squares


def _decoded(png: bytes) -> np.ndarray:
    """Height × width × 3 bytes; transparency is dropped (a page is opaque)."""
    data, width, height, channels = b"", 0, 0, 0
    for kind, body in _chunks(png):
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert (depth, interlaced) == (8, 0), "Chromium writes 8 bits, not interlaced"
            channels = _CHANNELS[colour]
        elif kind == b"IDAT":
            data += body
    raw = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + width * channels)
    return _unfiltered(raw, channels).reshape(height, width, channels)[:, :, :3]


@njit(cache=False)
def _unfiltered(raw: np.ndarray, step: int) -> np.ndarray:
    """The rows without PNG's five kinds of prediction."""
    height, width = raw.shape[0], raw.shape[1] - 1
    out = np.zeros((height, width), np.uint8)
    for y in range(height):
        kind = raw[y, 0]
        for x in range(width):
            left = np.int64(out[y, x - step]) if x >= step else np.int64(0)
            up = np.int64(out[y - 1, x]) if y else np.int64(0)
            corner = np.int64(out[y - 1, x - step]) if y and x >= step else np.int64(0)
            guess = np.int64(0)
            if kind == 1:
                guess = left
            elif kind == 2:
                guess = up
            elif kind == 3:
                guess = (left + up) // 2
            elif kind == 4:
                near = left + up - corner
                a, b, c = abs(near - left), abs(near - up), abs(near - corner)
                guess = left if a <= b and a <= c else (up if b <= c else corner)
            out[y, x] = (np.int64(raw[y, 1 + x]) + guess) & 255
    return out


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_MAGIC)
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += 12 + size


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
