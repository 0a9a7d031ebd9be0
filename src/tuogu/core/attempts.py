"""Attempts to reach a customer: when the prescribed methods are used up (S4-04), and whether the report came in time
(S1-31).

In: ATTEMPTS, the day of the report and of the next payment, the rulebook. Out: counts by subject, what is lacking.
Never: two attempts by one method counted twice, an attempt without a day, one after which the customer was reached
counted as failed.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import B, D, I, S, Schema, conform

ATTEMPTS: Schema = {"subject": S, "method": S, "day": D, "reached": B}
EXHAUSTED: Schema = {"subject": S, "methods": I, "lacking": I, "exhausted": B, "unused": S}
METHODS = {
    "phone": "拨打登记电话",
    "sms": "发送短信",
    "wechat": "微信联系",
    "visit": "上门寻访",
    "letter": "寄送信函",
    "relations": "经单位或亲友联系",
}


def exhausted(attempts: pl.DataFrame, rulebook: Rulebook) -> pl.DataFrame:
    """EXHAUSTED of each subject: different methods tried in vain since the customer was last reached, each with its day."""
    needed = int(rulebook["orphan.difficult_attempts"])
    known = list(rulebook["attempts.methods"])
    dated = conform(attempts, ATTEMPTS).filter(pl.col("day").is_not_null() & pl.col("method").is_in(known))
    reached = dated.filter("reached").group_by("subject").agg(reached_date=pl.col("day").max())
    since = dated.join(reached, on="subject", how="left").filter(
        ~pl.col("reached").fill_null(False)
        & (pl.col("reached_date").is_null() | (pl.col("day") > pl.col("reached_date")))
    )
    tried = since.group_by("subject").agg(pl.col("method").unique())
    every = attempts.select(pl.col("subject").unique().sort())
    frame = every.join(tried, on="subject", how="left", maintain_order="left").with_columns(
        pl.col("method").fill_null([])
    )
    unused = pl.concat_str(
        (
            pl.when(~pl.col("method").list.contains(name)).then(pl.lit(METHODS.get(name, name)))
            for name in known
        ),
        separator="、",
        ignore_nulls=True,
    )
    counted = frame.with_columns(methods=pl.col("method").list.len().cast(I), unused=unused)
    lacking = (pl.lit(needed, I) - pl.col("methods")).clip(lower_bound=0)
    return conform(
        counted.with_columns(lacking=lacking, exhausted=lacking == 0).select(*EXHAUSTED), EXHAUSTED
    )


def report_late(filed: date, next_due: date | None) -> bool:
    """True when the report came on the due day or after: it is owed before the payment period begins."""
    return next_due is not None and filed >= next_due
