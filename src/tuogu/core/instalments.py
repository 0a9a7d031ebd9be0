"""On which days the instalments of a plan go out.

In: a strategy, how many instalments, the day of the first, the rulebook. Out: one day an instalment, rising. Never: a day
before the first; two instalments on one day.
"""

from __future__ import annotations

from datetime import date

from tuogu.core.capacity import release_dates
from tuogu.core.rulebook import Rulebook
from tuogu.core.strategies import Strategy


def instalment_days(strategy: Strategy, count: int, first: date, rulebook: Rulebook) -> list[date]:
    """Days of `count` instalments; see Strategy for where they come from."""
    if strategy.quarterly:
        return list(release_dates(first, rulebook))
    months = sorted(rulebook[strategy.months]) if strategy.months else list(range(1, 13))
    days = [first]
    while len(days) < count:
        days.append(_next_first(days[-1], months))
    return days


def _next_first(day: date, months: list[int]) -> date:
    """The first day of the next of these months after `day`."""
    later = [month for month in months if month > day.month]
    return date(day.year, later[0], 1) if later else date(day.year + 1, months[0], 1)
