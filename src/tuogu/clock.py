"""The clock. Only the faces (command line, pages, worker) read it; every room below takes the time as an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The moment, as stored: UTC."""
    return datetime.now(UTC)


def business_today() -> date:
    """Today's date in Asia/Shanghai."""
    return datetime.now(BUSINESS_ZONE).date()


def day_end(day: date) -> datetime:
    """The last moment of a business day: what was known on it."""
    return datetime.combine(day, time.max, BUSINESS_ZONE)
