"""Whom plans leave where they are because another room says so: customers whose data is to be corrected first (L-09).

In: what rooms above this one file here when the program starts. Out: customer numbers as of now. Never: a judgement of its
own; an import of the room that marks them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import polars as pl

from tuogu.core.tables import UNPROVEN

_SOURCES: dict[str, Callable[[], Iterable[str]]] = {}


def also_withheld(name: str, numbers: Callable[[], Iterable[str]]) -> None:
    """A room tells once, when the program starts, how to ask it for customers who wait."""
    _SOURCES[name] = numbers


def unproven() -> pl.DataFrame:
    """UNPROVEN of all rooms, by number."""
    found = sorted({number for ask in _SOURCES.values() for number in ask()})
    return pl.DataFrame({"customer_number": found}, schema=dict(UNPROVEN))
