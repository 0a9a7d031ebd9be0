"""Twelve months of pieces against the band, as bars whose widths are computed here.

In: months of what a person holds, the band. Out: bars in percent of one scale. Never: a bar beyond its scale, a band that
the rulebook does not name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tuogu.books import queries as books
from tuogu.web.phone.agenda import Band


@dataclass(frozen=True)
class Bar:
    """One month. Widths in percent; `side`: low | high | '' = inside the band, or over already."""

    first_day: date
    orphans: int
    own: int
    width: str
    side: str


@dataclass(frozen=True)
class Bars:
    """All twelve with their sums, and where the band lies on the scale."""

    bars: list[Bar]
    band_left: str
    band_width: str
    orphans: int
    own: int


def bars_of(months: list[books.Month], band: Band) -> Bars:
    """The bars of a page."""
    top = max([band.high + band.low, *(month.orphans for month in months)])
    bars = [
        Bar(month.first_day, month.orphans, month.own, _share(month.orphans, top), band.side(month.orphans))
        for month in months
    ]
    return Bars(
        bars,
        _share(band.low, top),
        _share(band.high - band.low, top),
        sum(month.orphans for month in months),
        sum(month.own for month in months),
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole * 100:.2f}"
