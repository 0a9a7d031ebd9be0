"""On which days the instalments of a plan are released (docs/adr/0002-release-calendar.md).

In: the first day, the number of instalments, the rulebook. Out: one day an instalment, ascending.
Never: two first-visit windows of one plan that overlap.
"""

from __future__ import annotations

from datetime import date, timedelta

from tuogu.core.rulebook import Rulebook


def release_days(first: date, instalments: int, rulebook: Rulebook) -> list[date]:
    """The release day of instalments 1..n: the first as given, each later one on the next release month's first day
    that leaves a whole first-visit window after the one before."""
    months = sorted(rulebook["territory.release_months"])
    window = timedelta(days=rulebook["visits.first_window_days"])
    days = [first]
    while len(days) < instalments:
        days.append(_first_on_or_after(days[-1] + window, months))
    return days


def _first_on_or_after(earliest: date, months: list[int]) -> date:
    candidates = (date(year, month, 1) for year in (earliest.year, earliest.year + 1) for month in months)
    return next(day for day in candidates if day >= earliest)
