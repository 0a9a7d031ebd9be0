"""Days as the truth of the motor book counts them: festivals as they were published, months by the calendar.

In: a day. Out: a day. Never: the product's tables of festivals and working days.
"""

from __future__ import annotations

from datetime import date, timedelta

FREE = (  # first and last day off, and the last working day before (State Council notices of 2024, 2025, 2026)
    (date(2024, 2, 10), date(2024, 2, 17), date(2024, 2, 9)), (date(2024, 5, 1), date(2024, 5, 5), date(2024, 4, 30)),
    (date(2024, 10, 1), date(2024, 10, 7), date(2024, 9, 30)), (date(2025, 1, 28), date(2025, 2, 4), date(2025, 1, 27)),
    (date(2025, 5, 1), date(2025, 5, 5), date(2025, 4, 30)), (date(2025, 10, 1), date(2025, 10, 8), date(2025, 9, 30)),
    (date(2026, 2, 15), date(2026, 2, 23), date(2026, 2, 14)),
)  # fmt: skip


def before_holiday(day: date) -> date:
    """A day off becomes the last working day before it."""
    return next((before for first, last, before in FREE if first <= day <= last), day)


def months_on(day: date, months: int) -> date:
    """The same day of a later month, or the last one that it has."""
    count = day.year * 12 + day.month - 1 + months
    first = date(count // 12, count % 12 + 1, 1)
    after = date((count + 1) // 12, (count + 1) % 12 + 1, 1)
    return first + timedelta(days=min(day.day, (after - first).days) - 1)
