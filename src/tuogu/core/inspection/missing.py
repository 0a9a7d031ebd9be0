"""Logs that could not be shown at a random check (S1-21): recheck the next day, nothing for a missing one, barred after too
many in a row.

In: CHECKS, penalties reversed, the day on which it is judged, the rulebook. Out: PENALTIES. Never: a log judged
missing while its recheck may still come, a check of a supervisor or head in the row, a recheck that came too late
taken for one.

The recheck is due `recheck_days` later; a last day off work moves to the next working day. Shown by then = a good
check, which resets the row (A-13); a missing log whose penalty was reversed neither counts in the row nor resets it.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.inspection.days import rolled
from tuogu.core.inspection.logs import full_points
from tuogu.core.inspection.tables import PENALTIES
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import conform

_REQ = "S1-21"


def rechecked_in_time(checks: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """check, recheck: the first recheck of each check at which the log was shown in time."""
    shown = checks.filter((pl.col("outcome") == "seen") & pl.col("recheck_of").is_not_null()).select(
        recheck="check", check="recheck_of", shown_date="checked_date"
    )
    due = _with_due(checks.filter(pl.col("recheck_of").is_null()), rulebook).select(
        "check", "due_date", "outcome"
    )
    in_time = shown.join(due.filter(pl.col("outcome") == "absent"), on="check").filter(
        pl.col("shown_date") <= pl.col("due_date")
    )
    first = in_time.sort("shown_date", "recheck").unique("check", keep="first", maintain_order=True)
    return first.select("check", "recheck")


def missing_penalties(
    checks: pl.DataFrame, reversed_keys: pl.Series, as_of: date, rulebook: Rulebook
) -> pl.DataFrame:
    """PENALTIES: no points for each missing log, and who is barred."""
    episodes = judged_episodes(checks, as_of, rulebook)
    bad = episodes.filter("missing")
    full = full_points(rulebook)
    key = pl.concat_str([pl.lit(_REQ), pl.lit("zero"), "check", "staff_number"], separator=":")
    month = pl.col("checked_date").dt.month_start()
    zeros = bad.select(
        **_of(key, "zero", points=full),
        from_date=month,
        until_date=month.dt.offset_by("1mo"),
        source_kind=pl.lit("check"),
        source_ref="check",
        fact_date="decided_date",
        detail=pl.format(
            "{}抽查时不能出示，{}；日志考核为0分",
            pl.col("checked_date").dt.to_string("%Y-%m-%d"),
            pl.when(pl.col("outcome") == "lost").then(pl.lit("已遗失")).otherwise(pl.lit("次日未能重查")),
        ),
    )
    counted = episodes.filter(~(pl.col("missing") & key.is_in(reversed_keys.implode())))
    return pl.concat(
        [conform(zeros, PENALTIES), _bars(counted, int(rulebook["review.missing_in_a_row_max"]))]
    )


def judged_episodes(checks: pl.DataFrame, as_of: date, rulebook: Rulebook) -> pl.DataFrame:
    """The department's own checks that are decided by `as_of`, in order, with `missing` and `decided_date`."""
    own = checks.filter((pl.col("level") == "department") & pl.col("recheck_of").is_null())
    made_good = rechecked_in_time(checks, rulebook).with_columns(good=pl.lit(True)).drop("recheck")
    frame = _with_due(own, rulebook).join(made_good, on="check", how="left")
    good = (pl.col("outcome") == "seen") | pl.col("good").fill_null(False)
    at_once = pl.col("outcome") != "absent"
    frame = frame.with_columns(
        missing=~good,
        decided_date=pl.when(at_once | good).then("checked_date").otherwise("due_date"),
    )
    known = good | at_once | (pl.col("due_date") < as_of)
    return frame.filter(known).sort("staff_number", "checked_date", "check")


def _bars(episodes: pl.DataFrame, allowed: int) -> pl.DataFrame:
    """Who has had more than `allowed` missing in a row, from the day of the one too many."""
    run = (~pl.col("missing")).cum_sum().over("staff_number")
    rows = episodes.with_columns(run=run).with_columns(
        in_a_row=pl.col("missing").cast(pl.Int64).cum_sum().over("staff_number", "run")
    )
    first = rows.filter(pl.col("in_a_row") == allowed + 1).unique(
        "staff_number", keep="first", maintain_order=True
    )
    key = pl.concat_str([pl.lit(_REQ), pl.lit("bar"), "check", "staff_number"], separator=":")
    barred = first.select(
        **_of(key, "bar", points=0),
        from_date="decided_date",
        until_date=pl.lit(None, pl.Date),
        source_kind=pl.lit("check"),
        source_ref="check",
        fact_date="decided_date",
        detail=pl.format("连续{}次不能出示日志，超过{}次", "in_a_row", pl.lit(allowed)),
    )
    return conform(barred, PENALTIES)


def _of(key: pl.Expr, effect: str, *, points: int) -> dict[str, pl.Expr]:
    return {
        "penalty": key,
        "staff_number": pl.col("staff_number"),
        "req": pl.lit(_REQ),
        "effect": pl.lit(effect),
        "role": pl.lit("owner"),
        "points": pl.lit(points, pl.Int64),
        "amount_fen": pl.lit(0, pl.Int64),
    }


def _with_due(checks: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """`checks` with the last day of a recheck."""
    days = pl.duration(days=int(rulebook["review.recheck_days"]))
    dated = checks.with_columns(day=pl.col("checked_date") + days)
    due = rolled(dated["day"]).rename({"working": "due_date"})
    return dated.join(due, on="day", how="left", maintain_order="left").drop("day")
