"""What the first page of the phone says: what came, what falls due, what has lapsed, how full the next months are.

In: what the person holds, the rulebook. Out: lines for the template. Never: more lines than a thumb scrolls (the rest is
one line with a count), a word on whether a customer has paid (the core system knows).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tuogu.books import queries as books
from tuogu.core.rulebook import Rulebook

LINES_MAX = 8
WEEK = timedelta(days=7)
MONTHS_AHEAD = 3


@dataclass(frozen=True)
class Lines:
    """Some of many policies; `more` of them are not shown."""

    shown: list[books.HeldPolicy]
    more: int

    @classmethod
    def of(cls, policies: list[books.HeldPolicy]) -> Lines:
        return cls(policies[:LINES_MAX], max(0, len(policies) - LINES_MAX))

    @property
    def total(self) -> int:
        """How many there are, shown or not."""
        return len(self.shown) + self.more


@dataclass(frozen=True)
class Band:
    """How many pieces a month may bring (rulebook), for orphans."""

    low: int
    high: int

    def side(self, pieces: int) -> str:
        """low | high | '' = inside."""
        return "low" if pieces < self.low else "high" if pieces > self.high else ""


def band_of(rulebook: Rulebook) -> Band:
    """The rulebook's month band."""
    return Band(rulebook["territory.month_load_min"], rulebook["territory.month_load_max"])


def agenda(held: books.Held, rulebook: Rulebook) -> dict[str, Any]:
    """The context of the page; `numbers`: the customers whose names it shows."""
    today = held.today
    week, passed = Lines.of(held.dues(today, today + WEEK)), Lines.of(held.passed())
    lapsed = Lines.of(held.lapsed())
    later = held.dues(today + WEEK, _next_month(today))
    shown = [*week.shown, *passed.shown, *lapsed.shown]
    return {
        "arrivals": held.arrivals(rulebook["visits.first_window_days"]),
        "window_days": rulebook["visits.first_window_days"],
        "window_visits": rulebook["visits.first_window_visits"],
        "week": week,
        "passed": passed,
        "lapsed": lapsed,
        "later": len(later),
        "later_fen": sum(policy.premium_fen or 0 for policy in later),
        "months": held.months()[:MONTHS_AHEAD],
        "band": band_of(rulebook),
        "policies": held.policies,
        "numbers": [policy.holder_number for policy in shown],
    }


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
