"""What an import of a synthetic motor book and two years of monthly lists must come to.

In: MOTOR rows, who is in post, who is known at all, the day of the data. Out: TRUTH. Never: a look at the product's way.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

import polars as pl

from tuogu.core.motor.limits import Limits
from tuogu.core.motor.lists import runs_due
from tuogu.core.reference import motor_lists
from tuogu.core.rulebook import parse_rulebook
from tuogu.data.rulebooks import read_shipped

TRUTH = {
    "policy_number": pl.String,
    "list_date": pl.Date,  # of its one list, where lists are made on the rulebook's days; null = none by the end
    "band": pl.String,
    "late": pl.Boolean,
    "responsible": pl.String,  # staff number at import; null = the buffer group, or ended
    "owner": pl.String,  # staff number of the owner of record; null = nobody known
    "renewed_by": pl.String,  # policy number
}
_YEAR = timedelta(days=365)


def truth(frame: pl.DataFrame, present: Collection[str], known: Collection[str], day: date) -> pl.DataFrame:
    """What an import on the data's day, and lists made every month for two years, must come to."""
    limits = Limits.of(parse_rulebook(read_shipped()))
    runs = runs_due(day, day + 2 * _YEAR, limits)
    rows = frame.sort("start_date", "policy_number").rows(named=True)
    by_car: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_car.setdefault(row["frame_number"], []).append(row)
    out = []
    for cars in by_car.values():
        owner = None
        for row, later in zip(cars, [*cars[1:], None], strict=True):
            agent = row["agent_number"] if row["agent_number"] in known else None
            owner = owner if owner is not None else agent
            listed = None if later else motor_lists.list_of(row["expiry_date"], day, runs, limits)
            left = (row["expiry_date"] - listed).days if listed else None
            out.append(
                (
                    row["policy_number"], listed, motor_lists.band(left, limits) if left is not None else None,
                    left < limits.list_late_below_days if left is not None else None,
                    agent if agent in present and not later else None, owner, later["policy_number"] if later else None,
                )
            )  # fmt: skip
    return pl.DataFrame(out, schema=TRUTH, orient="row").sort("policy_number")
