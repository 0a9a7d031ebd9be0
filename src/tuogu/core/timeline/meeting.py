"""Whether what is owed has been done: met in time, met late, open or late.

In: OCCURRENCES, EVIDENCE, the duties that say which records count, the day of asking. Out: STANDING, one row an occurrence.
Never: a record before the duty opened, or after the day of asking; two records of one day counted as two (a second visit on
the same day is the same visit).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from tuogu.core.tables import conform
from tuogu.core.timeline.obligations import Obligation
from tuogu.core.timeline.tables import EVIDENCE, OCCURRENCES, STANDING

_NAME = ("subject_id", "obligation", "anchor_date")
_HOLDER = {"policy": "subject_id", "customer": "customer_number"}


def standing(
    occurrences: pl.DataFrame, evidence: pl.DataFrame, obligations: Sequence[Obligation], as_of: date
) -> pl.DataFrame:
    """STANDING of every occurrence as of the end of a day, in their order."""
    owed = conform(occurrences, OCCURRENCES)
    known = conform(evidence, EVIDENCE).filter(pl.col("day") <= as_of)
    days = pl.concat([_days(owed, known, obligations, count_by) for count_by in _HOLDER])
    in_time = pl.col("day") <= pl.col("due_date")
    counted = days.group_by(_NAME).agg(
        done=pl.len().cast(pl.Int64),
        in_time=in_time.sum().cast(pl.Int64),
        met_date=pl.col("day").sort().get(pl.col("needed").first() - 1, null_on_oob=True),
    )
    judged = owed.join(counted, on=_NAME, how="left", maintain_order="left").with_columns(
        pl.col("done").fill_null(0), pl.col("in_time").fill_null(0)
    )
    state = (
        pl.when(pl.col("met_date") <= pl.col("due_date"))
        .then(pl.lit("met"))
        .when(pl.col("met_date").is_not_null())
        .then(pl.lit("met_late"))
        .when(pl.col("due_date") < as_of)
        .then(pl.lit("late"))
        .otherwise(pl.lit("open"))
    )
    return conform(judged.with_columns(state=state), STANDING)


def _days(
    owed: pl.DataFrame, evidence: pl.DataFrame, obligations: Sequence[Obligation], count_by: str
) -> pl.DataFrame:
    """Occurrences whose duty counts records of the policy, or of the customer, each with the days that count."""
    kinds = pl.DataFrame(
        [(duty.key, kind) for duty in obligations if duty.count_by == count_by for kind in duty.met_by],
        schema={"obligation": pl.String, "kind": pl.String},
        orient="row",
    )
    holder = _HOLDER[count_by]
    done = evidence.join(kinds, on="kind").select("obligation", holder, "day").drop_nulls().unique()
    met = owed.join(done, on=["obligation", holder])
    return met.filter(pl.col("day") >= pl.col("opens_date")).select(*_NAME, "due_date", "needed", "day")
