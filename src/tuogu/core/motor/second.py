"""The second round: after the final confirmation, in hours, never beyond the end of cover (S3-13, A-44).

In: cases with the moment at which their round opened (moments of Shanghai without a zone), the limits, holidays, now. Out:
until when each may be claimed, and what comes next. Never: a claim after the last day of cover; a round that runs through a
long holiday.

The branch's round comes first, then the whole city's, of the same length; who is still unclaimed goes to head office.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

import polars as pl

from tuogu.core.motor.holidays import chosen, earlier_day
from tuogu.core.motor.limits import Limits
from tuogu.core.tables import Schema

ROUNDS = ("second", "second_city")
NEXT = {"second": "second_city_open", "second_city": "head_office"}
OPENED: Schema = {
    "subject_id": pl.Int64,
    "round": pl.String,
    "opened_at": pl.Datetime("us"),
    "expiry_date": pl.Date,
}
STATES: Schema = {
    "subject_id": pl.Int64, "round": pl.String, "until_at": pl.Datetime("us"), "over": pl.Boolean, "next": pl.String,
    "lapsed": pl.Boolean,
}  # fmt: skip
_DAY = timedelta(days=1)


def until(opened_at: pl.Series, expiry_date: pl.Series, limits: Limits, holidays: pl.DataFrame) -> pl.Series:
    """The moment at which each round ends: so many hours on, the end of cover at the latest, cut before a long holiday.

    A round that opens inside the holiday is over at once: it ends when it opened.
    """
    early = chosen(holidays, limits.early_holidays)
    frame = pl.DataFrame({"opened": opened_at, "expiry": expiry_date}).with_columns(
        due=pl.min_horizontal(
            pl.col("opened") + timedelta(hours=limits.second_claim_hours),
            pl.col("expiry").cast(pl.Datetime("us")) + _DAY,
        )
    )
    ends = frame["due"].dt.offset_by("-1us").dt.date()  # midnight ends the day before
    inside = frame.with_columns(ends=ends).with_columns(
        cut=pl.col("ends").replace_strict(
            {day: earlier_day(day, early) for day in ends.drop_nulls().unique()},
            default=None,
            return_dtype=pl.Date,
        )
    )
    stop = pl.when(pl.col("cut") < pl.col("ends")).then(pl.col("cut").cast(pl.Datetime("us")) + _DAY)
    return inside.select(pl.max_horizontal(pl.min_horizontal("due", stop), "opened").alias("until_at"))[
        "until_at"
    ]


def states(opened: pl.DataFrame, limits: Limits, holidays: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """STATES of OPENED rounds that nobody has claimed: whether each is over at `now`, and what comes next then.

    After the end of cover nothing is claimed any more: `lapsed`, and the rescue goes on (S3-17).
    """
    ends = until(opened["opened_at"], opened["expiry_date"], limits, holidays)
    ended = datetime.combine(now.date(), time())
    return opened.with_columns(until_at=ends).select(
        "subject_id",
        "round",
        "until_at",
        over=pl.col("until_at") <= now,
        next=pl.when(pl.col("until_at") <= now).then(
            pl.col("round").replace_strict(NEXT, return_dtype=pl.String)
        ),
        lapsed=pl.col("expiry_date") < ended.date(),
    )
