"""Which work log passes, and the pass rate of a month (S1-32), which the planner's score reads (S1-15).

In: LOGS, FALSIFIED, the rulebook. Out: each log with its verdict; rates by person and month; the log points of a month after
deductions. Never: a log owed and not filed left out of the rate, a rate rounded up.

A log passes when it is filed, every required part is there (next day's plan among them), the supervisor's mark reaches the
pass line, and nobody has confirmed that it is false.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.inspection.tables import FALSIFIED, LOG_PARTS, LOGS
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import D, I, S, Schema, conform, empty

PASS_RATES: Schema = {"staff_number": S, "month": D, "owed": I, "passed": I, "rate_bp": I}


def judged_logs(
    logs: pl.DataFrame, rulebook: Rulebook, falsified: pl.DataFrame | None = None
) -> pl.DataFrame:
    """LOGS, `passed` and `why` (Chinese; null where it passed), in the order given."""
    false = empty(FALSIFIED) if falsified is None else falsified
    false = false.select("staff_number", "log_date").unique().with_columns(false=pl.lit(True))
    frame = conform(logs, LOGS).join(
        false, on=["staff_number", "log_date"], how="left", maintain_order="left"
    )
    lacking = pl.concat_str(
        (
            pl.when(pl.col(part).fill_null(False)).then(None).otherwise(pl.lit(LOG_PARTS[part]))
            for part in rulebook["inspection.log_parts"]
        ),
        separator="、",
        ignore_nulls=True,
    )
    line = int(rulebook["inspection.pass_points"])
    why = (
        pl.when(~pl.col("filed").fill_null(False))
        .then(pl.lit("未填写"))
        .when(pl.col("false").fill_null(False))
        .then(pl.lit("已认定弄虚作假"))
        .when(pl.col("lacking") != "")
        .then(pl.lit("缺") + pl.col("lacking"))
        .when(pl.col("marked_points").is_null())
        .then(pl.lit("主管未批阅"))
        .when(pl.col("marked_points") < line)
        .then(pl.lit("主管批阅未达合格线"))
    )
    frame = frame.with_columns(lacking=lacking).with_columns(why=why)
    return frame.select(*LOGS, passed=pl.col("why").is_null(), why="why")


def pass_rates(judged: pl.DataFrame) -> pl.DataFrame:
    """PASS_RATES of `judged_logs`, by person and month: passed over owed, cut to hundredths of a percent."""
    rates = (
        judged.group_by("staff_number", month=pl.col("log_date").dt.month_start())
        .agg(owed=pl.len().cast(pl.Int64), passed=pl.col("passed").sum().cast(pl.Int64))
        .with_columns(rate_bp=pl.col("passed") * 10_000 // pl.col("owed"))
        .sort("staff_number", "month")
    )
    return conform(rates, PASS_RATES)


def full_points(rulebook: Rulebook) -> int:
    """What a perfect log is worth in the planner's score: the whole that differences are measured against (A-12)."""
    return int(rulebook["centre.score.log_pass_rate"][-1][1])
