"""The two clocks of a departure. L-01: the law's runs from the formalities, ours from the leave.

In: a departure and the rulebook. Out: days. Never: a day moved because it is a holiday (the law counts calendar days).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tuogu.core.rulebook import Rulebook
from tuogu.notices.models import Departure

NEVER = date(9999, 12, 31)  # a clock that has not begun to run


@dataclass(frozen=True)
class Clocks:
    """The days of a departure. statutory: None while its clock has not begun to run."""

    internal: date
    statutory: date | None
    due: date


def clocks(departure: Departure, rulebook: Rulebook) -> Clocks:
    """`dues` for people."""
    internal, statutory, due = dues(departure, rulebook)
    return Clocks(internal, None if statutory == NEVER else statutory, due)


def dues(departure: Departure, rulebook: Rulebook) -> tuple[date, date, date]:
    """(internal, statutory, the one that the red list goes by)."""
    run = timedelta(days=departure.clock_days)
    internal = departure.leave_date + run
    if departure.formalities_date is not None:
        statutory = departure.formalities_date + run
    else:
        waits = rulebook["notices.unknown_formalities"] == "waits"
        statutory = NEVER if waits else internal
    earlier = min(internal, statutory)
    return internal, statutory, earlier if rulebook["notices.red_clock"] == "internal" else statutory


def warned_until(today: date, rulebook: Rulebook) -> date:
    """The latest due day that is on the warning list today."""
    return today + timedelta(days=rulebook["notices.days"] - rulebook["notices.warn_day"])
