"""Periods of figures: months, quarters, years, half open.

In: a kind and a day. Out: `Period`. Never: a period that does not begin on the first of its kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

PERIODS: Final = {"month": "月", "quarter": "季", "year": "年"}
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}  # months of each kind, by the calendar


@dataclass(frozen=True, order=True)
class Period:
    """From `first` (counted) to `end` (not counted)."""

    first: date
    kind: str = "month"

    @classmethod
    def of(cls, day: date, kind: str = "month") -> Period:
        """The period of a kind in which a day lies."""
        length = _MONTHS[kind]
        return cls(date(day.year, (day.month - 1) // length * length + 1, 1), kind)

    @property
    def end(self) -> date:
        """The first day after it."""
        return month_after(self.first, _MONTHS[self.kind])

    @property
    def last(self) -> date:
        """Its last day."""
        return self.end - timedelta(days=1)

    @property
    def before(self) -> Period:
        """The one before, of the same kind."""
        return Period(month_after(self.first, -_MONTHS[self.kind]), self.kind)

    def months(self) -> list[date]:
        """The first days of its months."""
        return [month_after(self.first, n) for n in range(_MONTHS[self.kind])]

    def words(self) -> str:
        """As people write it: 2026年4月, 2026年第2季度, 2026年."""
        if self.kind == "year":
            return f"{self.first.year}年"
        if self.kind == "quarter":
            return f"{self.first.year}年第{(self.first.month - 1) // _MONTHS[self.kind] + 1}季度"
        return f"{self.first.year}年{self.first.month}月"


def month_after(first: date, months: int) -> date:
    """The first day of the month so many months after that of `first` (before it, where negative)."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
