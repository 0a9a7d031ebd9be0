"""China's festivals as the State Council publishes them: which days off belong to which.

In: a year, a festival. Out: its first and its last day off. Never: a festival of a year that is not published.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from chinese_calendar import constants

from tuogu.data.workdays import published

_NAMES = {  # word of a rulebook → the library's
    "new_year": constants.Holiday.new_years_day.value,
    "spring_festival": constants.Holiday.spring_festival.value,
    "tomb_sweeping": constants.Holiday.tomb_sweeping_day.value,
    "labour_day": constants.Holiday.labour_day.value,
    "dragon_boat": constants.Holiday.dragon_boat_festival.value,
    "mid_autumn": constants.Holiday.mid_autumn_festival.value,
    "national_day": constants.Holiday.national_day.value,
}
FESTIVALS = tuple(_NAMES)


@cache
def festival_days(year: int, festival: str) -> tuple[date, date] | None:
    """First and last day off of a festival in a year; None where the year is not published or has none of its own (a
    Mid-Autumn that falls on National Day is given to one of the two).
    """
    if not published(year):
        return None
    own = sorted(
        day for day, name in constants.holidays.items() if day.year == year and name == _NAMES[festival]
    )
    if not own:
        return None
    last = own[0]
    while (following := last + timedelta(days=1)).year == year and following in constants.holidays:
        last = following  # days that another festival lends in between do not end it
    return own[0], max(day for day in own if day <= last)
