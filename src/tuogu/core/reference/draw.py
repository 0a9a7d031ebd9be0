"""The draw as it is written down for the public: `hmac` and `hashlib` as they come, one number after the other.

In: numbers, seed, draw id. Out: what `core.draw` gives, slowly. Never: a look at `core.draw`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable


def lot(number: str, *, seed: bytes, draw_id: str) -> str:
    """The 64 hexadecimal digits by which a number is placed."""
    return hmac.new(seed, (draw_id + "|" + number).encode("utf-8"), hashlib.sha256).hexdigest()


def order(numbers: Iterable[str], *, seed: bytes, draw_id: str) -> list[str]:
    """All numbers, the smallest lot first."""
    lots = {number: lot(number, seed=seed, draw_id=draw_id) for number in numbers}
    return sorted(lots, key=lambda number: (lots[number], number))


def list_digest(numbers: Iterable[str]) -> str:
    """SHA-256 of the sorted numbers, one a line."""
    whole = hashlib.sha256()
    for number in sorted(numbers):
        whole.update((number + "\n").encode("utf-8"))
    return whole.hexdigest()


def combined(seeds: Iterable[bytes]) -> bytes:
    """SHA-256 of all seeds, each led by its length."""
    whole = hashlib.sha256()
    for seed in seeds:
        whole.update(bytes([len(seed) >> 24, len(seed) >> 16 & 255, len(seed) >> 8 & 255, len(seed) & 255]))
        whole.update(seed)
    return whole.digest()
