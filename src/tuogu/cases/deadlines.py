"""By when papers must be at the counter (S4-23).

In: the day on which they were complete, the rulebook. Out: the last day in time. Never: a last day on which the counter is
closed: it moves to the next working day.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.timeline import working


def papers_due(complete: date, rulebook: Rulebook) -> date:
    """The last day in time: so many calendar days, or working days where the rulebook says so."""
    days = int(rulebook["service.papers_days"])
    if rulebook["service.papers_days_count"] == "working":
        due = working.add_working_days(pl.Series([complete], dtype=pl.Date), days)
    else:
        due = working.rolled(pl.Series([complete + timedelta(days=days)], dtype=pl.Date), "next_working")
    found: date = due[0]
    return found
