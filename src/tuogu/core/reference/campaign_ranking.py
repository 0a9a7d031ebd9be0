"""The month's ranking told slowly: each department is compared with each other one.

In: (department, quota, second purchases, target in hundredths of a percent). Out: place, best, named of each. Never: used by
the product; an import of `core.campaign`.
"""

from __future__ import annotations

from collections.abc import Sequence

Row = tuple[str, int, int, int]
_BP = 10_000  # hundredths of a percent in a whole: a unit


def placed(rows: Sequence[Row], way: str, share_bp: int) -> dict[str, tuple[int | None, bool, bool]]:
    """By department."""
    playing = [row for row in rows if row[1]]
    found: dict[str, tuple[int | None, bool, bool]] = {row[0]: (None, False, False) for row in rows}
    many = max(1, len(playing) * share_bp // _BP)
    for row in playing:
        ahead = sum(_beats(other, row, way) for other in playing)
        lower = sum(_rate(other, row) < 0 for other in playing)
        met = row[2] * _BP >= row[1] * row[3]
        # named: fewer than `many` are lower, and neither the target nor the first place is reached
        found[row[0]] = (ahead + 1, ahead == 0 and row[2] > 0, lower < many and not met and ahead > 0)
    return found


def _beats(one: Row, other: Row, way: str) -> bool:
    first, second = _rate(one, other), one[2] - other[2]
    if way == "count":
        first, second = second, first
    return first > 0 or (first == 0 and second > 0)


def _rate(one: Row, other: Row) -> int:
    """Sign of the difference of the shares of the target, by cross multiplication."""
    return one[2] * other[1] * other[3] - other[2] * one[1] * one[3]
