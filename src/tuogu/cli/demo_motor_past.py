"""The year of the motor book before the demo: what chances are learned from.

In: a synthetic motor book larger than the demo's, the day it describes. Out: the demo's book, denser where its policies have
ended by now; their lists month by month, their ends; a model learned from them. Never: a policy that still runs ended; a
chance made up (the model counts what is stored, as anybody's would).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import polars as pl
from django.db import transaction

from tuogu.org import queries as org
from tuogu.renewals import actions, queries
from tuogu.reports import actions as reports

if TYPE_CHECKING:
    from tuogu.cli.demo_month import Month

BOOK = 7_500  # policies of the synthetic book
OVER = timedelta(days=45)  # a policy that expired so long ago is settled, and in no list that still runs
_LISTED_AHEAD = timedelta(days=90)
_A_MONTH = timedelta(days=31)  # from any first of a month into the next
_OF_RUNNING = (2, 7)  # cars that the demo keeps of those whose policies run or ran until lately
_LOST_CHANNELS = (
    "电销",
    "网销",
)  # every second of their renewals is lost, so that there is something to learn
_RULED_OUT = "客户出示的外公司保单照片"


def shaped(book: pl.DataFrame, described: date) -> pl.DataFrame:
    """MOTOR rows: every car whose first policy ended long ago, few of the others."""
    kept, of = _OF_RUNNING
    cars = book.group_by("frame_number").agg(first=pl.col("expiry_date").min()).sort("frame_number")
    over = pl.col("first") <= described - OVER
    cars = cars.filter(over | (pl.int_range(pl.len()) % of < kept))
    rows = book.join(cars, on="frame_number", maintain_order="left")
    again = pl.col("expiry_date") > pl.col("first")
    lost = over & again & pl.col("channel").is_in(_LOST_CHANNELS) & (pl.int_range(pl.len()) % 2 == 0)
    return rows.filter(~lost).drop("first")


def over(book: pl.DataFrame, described: date) -> pl.DataFrame:
    """Those of the policies that ended long ago."""
    return book.filter(pl.col("expiry_date") <= described - OVER)


def listed(month: Month, past: pl.DataFrame) -> None:
    """Import them as they were, and list them month by month."""
    machine = org.machine()
    soonest, latest = past["expiry_date"].min(), past["expiry_date"].max()
    assert isinstance(soonest, date)
    assert isinstance(latest, date)
    day = (soonest - _LISTED_AHEAD + _A_MONTH).replace(day=1)
    begun = month.at - (month.today - day)
    actions.import_motor(past, data_date=day, by=month.who("resource_clerk"), at=begun)
    while day <= latest - _LISTED_AHEAD + _A_MONTH:
        actions.run_list(day, by=machine, at=month.at - (month.today - day))
        day = (day + _A_MONTH).replace(day=1)


def ended(month: Month, past: pl.DataFrame, keeper: int) -> None:
    """What was not renewed was insured elsewhere."""
    known = queries.chance_history()
    rows = (
        known["motor"]
        .select("subject_id", "policy_number")
        .join(past.select("policy_number", "expiry_date"), on="policy_number")
    )
    rows = rows.join(known["ends"], on="subject_id", how="anti").sort("subject_id")
    with transaction.atomic():  # one for all: nobody waits meanwhile
        for subject, expiry in rows.select("subject_id", "expiry_date").iter_rows():
            day = expiry + timedelta(days=1)
            actions.end_case(subject, "elsewhere", proof=_RULED_OUT, ended_date=day, by=keeper, at=month.at)


def learned(month: Month) -> None:
    """Whoever keeps the reports asks for a model: before the demo's own lists, in which nobody has renewed yet."""
    reports.train_chances("renewal", by=month.who("branch_manager"), at=month.at)
