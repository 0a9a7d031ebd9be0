"""The clock. Only the faces (command line, pages, worker) read it; every room below takes the time as an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The moment, as stored: UTC."""
    return datetime.now(UTC)


def business_today() -> date:
    """Today's date in Asia/Shanghai."""
    return datetime.now(BUSINESS_ZONE).date()
