"""Receipts late or irregular, pieces refused, logs falsified (S1-34, S1-35).

In: RECEIPTS, FALSIFIED, the day on which it is judged, the rulebook. Out: PENALTIES. Never: a receipt late before its
time has run out, a refusal judged before its cause is, two events made one (A-16).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.inspection.tables import PENALTIES, RECEIPT_STEPS
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import conform

_QUARTER = "1q"


def receipt_penalties(receipts: pl.DataFrame, as_of: date, rulebook: Rulebook) -> pl.DataFrame:
    """PENALTIES of receipts: no piece allowance and no persistency points in the month in which the time ran out, or
    in which the feedback showed that something is not in order; a refusal without cause takes the qualification.
    """
    days = int(rulebook["inspection.receipt_days"])
    due = pl.col("given_date") + pl.duration(days=days)
    answered = pl.col("feedback_date").is_not_null()
    late = pl.when(answered).then(pl.col("feedback_date") > due).otherwise(pl.lit(as_of) > due)
    lacking = pl.concat_str(
        (
            pl.when(pl.col(step).fill_null(False)).then(None).otherwise(pl.lit(word))
            for step, word in RECEIPT_STEPS.items()
        ),
        separator="、",
        ignore_nulls=True,
    )
    frame = receipts.filter(pl.col("refused_date").is_null()).with_columns(
        due_date=due, late=late, lacking=pl.when(answered).then(lacking).otherwise(pl.lit(""))
    )
    wrong = frame.filter(pl.col("late") | (pl.col("lacking") != "")).with_columns(
        fact_date=pl.when("late").then(pl.col("due_date") + pl.duration(days=1)).otherwise("feedback_date"),
        detail=pl.concat_str(
            pl.when("late").then(pl.format("{}前未反馈", pl.col("due_date").dt.to_string("%Y-%m-%d"))),
            pl.when(pl.col("lacking") != "").then(pl.lit("签收不规范：缺") + pl.col("lacking")),
            separator="；",
            ignore_nulls=True,
        ),
    )
    month = pl.col("fact_date").dt.month_start()
    parts = [
        _filed(wrong, "S1-34", effect, "receipt", month, month.dt.offset_by("1mo"))
        for effect in ("no_piece_allowance", "no_persistency")
    ]
    refused = receipts.filter(
        pl.col("refused_date").is_not_null() & pl.col("with_cause").not_()
    ).with_columns(fact_date="refused_date", detail=pl.lit("无故拒绝接受保单"))
    parts.append(
        _filed(refused, "S1-34", "disqualify", "receipt", pl.col("fact_date"), pl.lit(None, pl.Date))
    )
    return pl.concat(parts)


def falsified_penalties(events: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """PENALTIES of confirmed events: the pay, and the resources of the quarter (or quarters) after the confirmation."""
    quarters = int(rulebook["review.falsified_withheld_quarters"])
    fen = int(rulebook["review.falsified_fen"])
    frame = events.with_columns(
        fact_date="confirmed_date",
        detail=pl.format("{}的日志弄虚作假或填写不规范，已认定", pl.col("log_date").dt.to_string("%Y-%m-%d")),
    )
    month = pl.col("fact_date").dt.month_start()
    parts = [_filed(frame, "S1-35", "pay", "event", month, month.dt.offset_by("1mo"), amount_fen=fen)]
    if quarters:
        start = pl.col("fact_date").dt.truncate(_QUARTER).dt.offset_by(_QUARTER)
        parts.append(_filed(frame, "S1-35", "withhold", "event", start, start.dt.offset_by(f"{quarters}q")))
    return pl.concat(parts)


def _filed(
    rows: pl.DataFrame,
    req: str,
    effect: str,
    source: str,
    start: pl.Expr,
    end: pl.Expr,
    *,
    amount_fen: int = 0,
) -> pl.DataFrame:
    frame = rows.select(
        penalty=pl.concat_str([pl.lit(req), pl.lit(effect), source, "staff_number"], separator=":"),
        staff_number="staff_number",
        req=pl.lit(req),
        effect=pl.lit(effect),
        role=pl.lit("owner"),
        points=pl.lit(0, pl.Int64),
        amount_fen=pl.lit(amount_fen, pl.Int64),
        from_date=start,
        until_date=end,
        source_kind=pl.lit(source),
        source_ref=source,
        fact_date="fact_date",
        detail="detail",
    )
    return conform(frame, PENALTIES)
