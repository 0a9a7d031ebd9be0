"""Who is due for which inspection of the work log, and the department's random sample (S1-18).

In: OWNERS, CHECKS so far, a day, the rulebook, the seed and the id of the draw. Out: DUE. Never: somebody who checks the own
log, a sample that a stranger cannot draw again (see core.draw), a log of management drawn among those of sales.

Sales: the direct supervisor every day, the team head periodically, the department manager at random. Management: the
department manager periodically. Where a superior is missing, or is the owner, the next one up takes it.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.draw import drawn
from tuogu.core.inspection.days import rolled
from tuogu.core.inspection.tables import CHECKS, OWNERS
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import D, I, S, Schema, conform

DUE: Schema = {
    "staff_number": S,  # whose log
    "level": S,  # supervisor | head | department | management
    "by": S,  # who shall check; null = nobody stands above
    "due_date": D,
    "last_date": D,  # of the last such check; null = never
    "overdue_days": I,  # 0 = due today
    "place": I,  # 1..n in the department's draw; null = not drawn
}
_ABOVE = ("supervisor_number", "head_number", "manager_number")


def inspection_plan(
    owners: pl.DataFrame, checks: pl.DataFrame, day: date, rulebook: Rulebook, *, seed: bytes, draw_id: str
) -> pl.DataFrame:
    """DUE of `day`: by level and person; the sample is drawn for the departments whose round is due."""
    owners, done = conform(owners, OWNERS), conform(checks, CHECKS).filter(pl.col("checked_date") <= day)
    sales = owners.filter(pl.col("series") == "sales")
    management = owners.filter(pl.col("series") == "management")
    parts = [
        _periodic(sales, done, "supervisor", int(rulebook["review.supervisor_every_days"]), 0, day),
        _periodic(sales, done, "head", int(rulebook["inspection.head_every_days"]), 1, day),
        _periodic(management, done, "management", int(rulebook["inspection.management_every_days"]), 2, day),
        _random(sales, done, day, rulebook, seed, draw_id),
    ]
    return pl.concat(conform(part, DUE) for part in parts).sort("level", "staff_number")


def sample(owners: pl.DataFrame, rulebook: Rulebook, *, seed: bytes, draw_id: str) -> pl.DataFrame:
    """department_code, staff_number, place: the drawn of each department, by its own draw `draw_id-department`."""
    share, least = int(rulebook["inspection.random_share_bp"]), int(rulebook["inspection.random_min"])
    found = [pl.DataFrame(schema={"department_code": S, "staff_number": S, "place": I})]
    for (code,), members in owners.sort("staff_number").group_by("department_code", maintain_order=True):
        numbers = members["staff_number"]
        count = min(len(numbers), max(least, -(-len(numbers) * share // 10_000)))
        chosen = drawn(numbers, count, seed=seed, draw_id=f"{draw_id}-{code}")
        places = pl.DataFrame({"staff_number": chosen}, schema={"staff_number": S}).with_row_index("place", 1)
        found.append(
            places.select(
                department_code=pl.lit(str(code)), staff_number="staff_number", place=pl.col("place").cast(I)
            )
        )
    return pl.concat(found).sort("department_code", "place")


def _periodic(
    owners: pl.DataFrame, done: pl.DataFrame, level: str, every: int, first: int, day: date
) -> pl.DataFrame:
    """Owners whose last check of this level lies `every` days back, or who never had one."""
    last = (
        done.filter(pl.col("level") == level)
        .group_by("staff_number")
        .agg(last_date=pl.col("checked_date").max())
    )
    frame = owners.join(last, on="staff_number", how="left", maintain_order="left").with_columns(
        day=pl.col("last_date") + pl.duration(days=every)
    )
    frame = frame.join(rolled(frame["day"]), on="day", how="left", maintain_order="left").with_columns(
        due_date=pl.col("working").fill_null(day)
    )
    due = frame.filter(pl.col("due_date") <= day)
    return _listed(due, level, _ABOVE[first:], day)


def _random(
    sales: pl.DataFrame, done: pl.DataFrame, day: date, rulebook: Rulebook, seed: bytes, draw_id: str
) -> pl.DataFrame:
    """The drawn of each department whose last random check lies long enough back."""
    rounds = done.filter((pl.col("level") == "department") & pl.col("recheck_of").is_null())
    last = (
        rounds.join(sales.select("staff_number", "department_code"), on="staff_number")
        .group_by("department_code")
        .agg(last_date=pl.col("checked_date").max())
    )
    every = pl.duration(days=int(rulebook["inspection.random_every_days"]))
    frame = sales.filter(pl.col("department_code").is_not_null()).join(last, on="department_code", how="left")
    frame = frame.with_columns(due_date=(pl.col("last_date") + every).fill_null(day)).filter(
        pl.col("due_date") <= day
    )
    chosen = sample(frame, rulebook, seed=seed, draw_id=draw_id).select("staff_number", "place")
    return _listed(frame.join(chosen, on="staff_number"), "department", _ABOVE[2:], day)


def _listed(frame: pl.DataFrame, level: str, above: tuple[str, ...], day: date) -> pl.DataFrame:
    others = [pl.when(pl.col(name) != pl.col("staff_number")).then(pl.col(name)) for name in above]
    place = pl.col("place") if "place" in frame.columns else pl.lit(None, I)
    return frame.select(
        staff_number="staff_number",
        level=pl.lit(level),
        by=pl.coalesce(others),
        due_date="due_date",
        last_date="last_date",
        overdue_days=(pl.lit(day) - pl.col("due_date")).dt.total_days(),
        place=place,
    )
