"""Cases of motor renewal written short: for tests of core.motor.

In: what differs from a usual case. Out: frames of core.motor.tables. Never: a clock of its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from territory_books import standard_rules
from tuogu.core.motor.clock import CLOCKED
from tuogu.core.motor.holidays import table
from tuogu.core.motor.limits import Limits
from tuogu.core.motor.tables import FIRED
from tuogu.data.festivals import festival_days
from tuogu.data.workdays import is_working_day

BOOK = "2026"
USUAL: dict[str, Any] = {
    "policy_number": "V1", "holder_number": "C1", "institution_code": "B", "premium_fen": 300_000, "important": False,
    "fleet_vehicles": 0, "expiry_date": date(2026, 6, 30), "listed_date": None, "claim_due_date": None,
    "custodian_id": 7, "custodian_in_post": True, "named": True, "own_contacts": 0, "intention": None, "ended": False,
    "outcome": None, "opted_out": False, "data_true": None, "rulebook": BOOK,
}  # fmt: skip


def motor_cases(*differing: dict[str, Any]) -> pl.DataFrame:
    """CLOCKED: one row each, subjects from 1 on."""
    rows = [{"subject_id": i, **USUAL, **row} for i, row in enumerate(differing, 1)]
    return pl.DataFrame([[row[name] for name in CLOCKED] for row in rows], schema=CLOCKED, orient="row")


def fired(*steps: tuple[int, str, int]) -> pl.DataFrame:
    """FIRED of (subject, step, round)."""
    rows = [(*step, date(2026, 1, 1)) for step in steps]
    return pl.DataFrame(rows, schema=FIRED, orient="row")


def motor_limits(**other: Any) -> Limits:
    """Those of the standard rulebook, with some set otherwise."""
    return replace(Limits.of(standard_rules()), **other)


def holidays(first: int = 2024, last: int = 2026) -> pl.DataFrame:
    """The festivals as they were published."""
    rows = []
    for year in range(first, last + 1):
        for festival in ("spring_festival", "labour_day", "national_day"):
            days = festival_days(year, festival)
            if days is not None:
                before = days[0] - timedelta(days=1)
                while not is_working_day(before):
                    before -= timedelta(days=1)
                rows.append((festival, *days, before))
    return table(rows)
