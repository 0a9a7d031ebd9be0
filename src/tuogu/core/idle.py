"""How long a claimed piece has lain without follow-up, and whether it is time to warn or to take it back (P-09).

In: claimed pieces with the day of the claim, the last follow-up and the next appointment; who is away when; the rule. Out:
a verdict a piece. Never: a day counted on which the holder was away (where the rule pauses), a piece warned or taken back
before an appointment that the rule honours.

The clock of a piece starts at the latest of: the claim, the last follow-up, the appointment (`appointment_days` at most
after the follow-up that made it). Day 1 is the day after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from tuogu.core.tables import Schema
from tuogu.data.workdays import is_working_day

CLAIMED: Schema = {
    "claim": pl.Int64,
    "person": pl.Int64,
    "claimed_date": pl.Date,
    "contacted_date": pl.Date,  # null = never since the claim
    "next_date": pl.Date,  # the appointment that the last follow-up made; null = none
    "limit_days": pl.Int64,  # 0 = never taken back
}
AWAY: Schema = {"person": pl.Int64, "from_date": pl.Date, "until_date": pl.Date}
JUDGED: Schema = {
    **CLAIMED,
    "counted_from": pl.Date,
    "idle_days": pl.Int64,
    "left_days": pl.Int64,
    "due_date": pl.Date,  # if nobody follows up and nobody is away from now on; null = never
    "verdict": pl.String,  # fine | warn | back
}
_CALENDAR_WEEKS = 4  # of workdays, four weeks of calendar hold every week's worth, holidays included


@dataclass(frozen=True)
class IdleRule:
    """What counts. `warn_days` 0 = no warning."""

    warn_days: int
    workdays: bool
    absence_pauses: bool
    appointment_days: int


def judged(claimed: pl.DataFrame, away: pl.DataFrame, today: date, rule: IdleRule) -> pl.DataFrame:
    """JUDGED of every row of CLAIMED, in its order."""
    appointed = pl.min_horizontal(
        "next_date", pl.col("contacted_date") + pl.duration(days=rule.appointment_days)
    )
    honoured = pl.when(pl.col("next_date").is_not_null()).then(appointed)
    started = claimed.with_columns(
        counted_from=pl.max_horizontal("claimed_date", "contacted_date", honoured)
    ).with_columns(reached=pl.min_horizontal("counted_from", pl.lit(today)))
    days = _days(started, today, rule)
    counted = started.join(
        days.select(reached="day", begun="sum"), on="reached", how="left", maintain_order="left"
    ).with_columns(passed=pl.lit(days.filter(day=today)["sum"].item()) - pl.col("begun"))
    idle = counted.join(
        _paused(started, away, days, today, rule), on="claim", how="left", maintain_order="left"
    )
    idle = idle.with_columns(idle_days=(pl.col("passed") - pl.col("paused").fill_null(0)).cast(pl.Int64))
    idle = idle.with_columns(left_days=pl.col("limit_days") - pl.col("idle_days"))
    return _told(_due(idle, days, today), rule).select(
        pl.col(name).cast(kind) for name, kind in JUDGED.items()
    )


def _days(started: pl.DataFrame, today: date, rule: IdleRule) -> pl.DataFrame:
    """day, counts, sum (counted days up to and on it): from the first claim to where the last one goes back."""
    first, ahead = started["reached"].min(), started["counted_from"].max()
    longest = started["limit_days"].max()
    begin = first if isinstance(first, date) else today
    last = max(today, ahead if isinstance(ahead, date) else today)
    span = (int(longest) if isinstance(longest, int) else 0) * (2 if rule.workdays else 1)
    end = last + timedelta(days=span, weeks=_CALENDAR_WEEKS)
    days = pl.DataFrame({"day": pl.date_range(begin, end, eager=True)})
    working = pl.Series("counts", [not rule.workdays or is_working_day(day) for day in days["day"]])
    return days.with_columns(working).with_columns(sum=pl.col("counts").cast(pl.Int64).cum_sum())


def _paused(
    started: pl.DataFrame, away: pl.DataFrame, days: pl.DataFrame, today: date, rule: IdleRule
) -> pl.DataFrame:
    """claim, paused: counted days after the start and up to today on which the holder was away."""
    if not rule.absence_pauses or away.is_empty():
        return pl.DataFrame(schema={"claim": pl.Int64, "paused": pl.Int64})
    gone = (
        away.filter(pl.col("until_date") > pl.col("from_date"))
        .with_columns(day=pl.date_ranges("from_date", pl.col("until_date") - pl.duration(days=1)))
        .explode("day")
        .join(days.filter("counts").select("day"), on="day", how="semi")
        .filter(pl.col("day") <= today)
        .unique(["person", "day"])
    )
    met = started.select("claim", "person", "reached").join(gone.select("person", "day"), on="person")
    return met.filter(pl.col("day") > pl.col("reached")).group_by("claim").agg(paused=pl.len().cast(pl.Int64))


def _due(idle: pl.DataFrame, days: pl.DataFrame, today: date) -> pl.DataFrame:
    """The day on which what is left will have passed."""
    sums = days.select("day", "sum")
    start = pl.max_horizontal("counted_from", pl.lit(today))
    placed = idle.with_columns(start=start).join(
        sums.select(start="day", base="sum"), on="start", how="left", maintain_order="left"
    )
    reached = days.filter("counts").select(target="sum", due="day")
    wanted = placed.with_columns(target=pl.col("base") + pl.max_horizontal("left_days", pl.lit(0)))
    found = wanted.join(reached, on="target", how="left", maintain_order="left")
    due = pl.when(pl.col("left_days") <= 0).then(pl.lit(today)).otherwise("due")
    return found.with_columns(due_date=pl.when(pl.col("limit_days") > 0).then(due))


def _told(frame: pl.DataFrame, rule: IdleRule) -> pl.DataFrame:
    left, limited = pl.col("left_days"), pl.col("limit_days") > 0
    return frame.with_columns(
        verdict=pl.when(limited & (left <= 0))
        .then(pl.lit("back"))
        .when(limited & (left <= rule.warn_days))
        .then(pl.lit("warn"))
        .otherwise(pl.lit("fine"))
    )
