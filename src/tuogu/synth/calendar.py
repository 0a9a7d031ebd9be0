"""Days as integers: civil dates to day numbers and months later, for whole arrays.

In: arrays of years, months, days, or of day numbers (from 1970-01-01). Out: arrays. Never: a day that
does not exist (a month's last day stands in).
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
NO_DAY = -1_000_000  # null
EPOCH = date(1970, 1, 1)


def day_of(day: date) -> int:
    """Day number of a date."""
    return (day - EPOCH).days


def days_from_civil(year: Ints, month: Ints, day: Ints) -> Ints:
    """Day numbers; a day beyond the month's end becomes its last day."""
    months = (year - 1970) * 12 + (month - 1)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    after = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.asarray(np.minimum(first + day - 1, after - 1))


def add_months(days: Ints, months: Ints | int) -> Ints:
    """The same day so many months later, or that month's last day."""
    in_month = days.astype("datetime64[D]").astype("datetime64[M]")
    day = days - in_month.astype("datetime64[D]").astype(np.int64) + 1
    month = in_month.astype(np.int64) + months
    return days_from_civil(1970 + month // 12, month % 12 + 1, day)


def full_years(since: Ints, today: int) -> Ints:
    """Completed years from each day to `today`."""
    start, end = since.astype("datetime64[D]"), np.datetime64(today, "D")
    years = end.astype("datetime64[Y]").astype(np.int64) - start.astype("datetime64[Y]").astype(np.int64)
    return np.asarray(years - (add_months(since, 12 * years) > today), np.int64)
