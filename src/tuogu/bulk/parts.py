"""Many values in several statements: what one takes is limited on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def in_parts(values: Sequence[T], size: int) -> Iterator[list[T]]:
    """The values in their order, at most `size` at a time; nothing where there are none."""
    return (list(values[start : start + size]) for start in range(0, len(values), size))
