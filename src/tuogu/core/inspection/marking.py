"""The supervisor's mark against what a random check found: who loses which points (S1-19, S1-20).

In: CHECKS, the rulebook. Out: PENALTIES. Never: points from a team head who has not inspected that log before, or who
noted the error; one person hit twice by one check; a difference measured against anything but the full points (A-12).

Only the department's random checks count, and rechecks that came in time. A difference from `difference_bp` of the
full points on costs the owner, who marked it, and the head that had passed over it; from `gross_difference_bp` on the
first two lose all.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.inspection.logs import full_points
from tuogu.core.inspection.missing import rechecked_in_time
from tuogu.core.inspection.tables import PENALTIES
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import conform

_ROLES = {"owner": "日志所属人员", "supervisor": "批阅主管", "head": "已抽查而未注明差错的大主管"}


def marking_penalties(checks: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """PENALTIES of every check whose difference reaches a line."""
    full = full_points(rulebook)
    random = checks.filter((pl.col("level") == "department") & (pl.col("outcome") == "seen"))
    late = pl.col("check").is_in(rechecked_in_time(checks, rulebook)["recheck"].implode())
    random = random.filter(pl.col("recheck_of").is_null() | late)
    found = random.with_columns(difference=(pl.col("marked_points") - pl.col("found_points")).abs())
    ratio = pl.col("difference") * 10_000
    judged = found.filter(ratio >= rulebook["review.difference_bp"] * full).with_columns(
        gross=ratio >= rulebook["review.gross_difference_bp"] * full
    )
    rows = pl.concat(
        [
            _of_role(
                judged, "owner", pl.col("staff_number"), rulebook["review.difference_owner_points"], full
            ),
            _of_role(
                judged,
                "supervisor",
                pl.col("marker_number"),
                rulebook["review.difference_supervisor_points"],
                full,
            ),
            _of_heads(judged, checks, rulebook),
        ]
    )
    once = rows.sort("check", "points", "place", descending=[False, True, False]).unique(
        ["check", "person"], keep="first", maintain_order=True
    )
    return _as_penalties(once, full)


def _of_role(judged: pl.DataFrame, role: str, person: pl.Expr, points: int, full: int) -> pl.DataFrame:
    """Rows of somebody who loses `points`, or everything where the difference is gross."""
    return judged.with_columns(
        person=person,
        role=pl.lit(role),
        place=pl.lit(list(_ROLES).index(role)),
        points=pl.when("gross").then(pl.lit(full)).otherwise(pl.lit(int(points))).cast(pl.Int64),
        zero=pl.col("gross"),
    ).filter(pl.col("person").is_not_null())


def _of_heads(judged: pl.DataFrame, checks: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """Rows of team heads who had inspected that log by then and noted nothing."""
    heads = checks.filter((pl.col("level") == "head") & (pl.col("outcome") == "seen")).select(
        "staff_number",
        "log_date",
        person="by",
        inspected="checked_date",
        told=pl.col("noted").fill_null(False),
    )
    seen = judged.join(heads, on=["staff_number", "log_date"]).filter(
        pl.col("inspected") <= pl.col("checked_date")
    )
    silent = seen.filter(~pl.col("told").any().over("check", "person")).unique(
        ["check", "person"], maintain_order=True
    )
    points = (
        pl.when("gross")
        .then(pl.lit(int(rulebook["review.gross_difference_head_points"])))
        .otherwise(pl.lit(int(rulebook["review.difference_head_points"])))
    )
    return silent.drop("inspected", "told").with_columns(
        role=pl.lit("head"),
        place=pl.lit(list(_ROLES).index("head")),
        points=points.cast(pl.Int64),
        zero=pl.lit(False),
    ).select(*judged.columns, "person", "role", "place", "points", "zero")  # fmt: skip


def _as_penalties(rows: pl.DataFrame, full: int) -> pl.DataFrame:
    req = pl.when("gross").then(pl.lit("S1-20")).otherwise(pl.lit("S1-19"))
    effect = pl.when("zero").then(pl.lit("zero")).otherwise(pl.lit("points"))
    month = pl.col("checked_date").dt.month_start()
    detail = pl.format(
        "{}的日志，主管批阅{}分，抽查认为{}分，相差{}分（满分{}分的{}%）：{}扣{}分",
        pl.col("log_date").dt.to_string("%Y-%m-%d"),
        *(pl.col(name) / 100 for name in ("marked_points", "found_points", "difference")),
        pl.lit(full / 100),
        pl.col("difference") * 100 / full,
        pl.col("role").replace_strict(_ROLES, return_dtype=pl.String),
        pl.col("points") / 100,
    )
    frame = rows.select(
        penalty=pl.concat_str([req, effect, "check", "person"], separator=":"),
        staff_number="person",
        req=req,
        effect=effect,
        role="role",
        points="points",
        amount_fen=pl.lit(0, pl.Int64),
        from_date=month,
        until_date=month.dt.offset_by("1mo"),
        source_kind=pl.lit("check"),
        source_ref="check",
        fact_date="checked_date",
        detail=detail,
    )
    return conform(frame, PENALTIES)
