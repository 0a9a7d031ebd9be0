"""Whether the people can make the visits that one more instalment demands (N-20), earlier releases counted in.

In: a stored plan, its instalment and the day. Out: the capacity report of that day. Never: a release that was undone
or cancelled counted.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.capacity import RELEASES, CapacityReport, check_capacity
from tuogu.core.tables import conform
from tuogu.plans import queries
from tuogu.plans.models import ScheduledRelease, StoredPlan


def release_capacity(stored: StoredPlan, instalment: int, day: date) -> CapacityReport:
    """Judge `instalment` of `stored` as released on `day`, for every person who receives in it."""
    own = _received(stored.pk, [instalment], day)
    posted = ScheduledRelease.objects.filter(
        state=ScheduledRelease.State.POSTED, batch__effective_date__lte=day
    )
    earlier = [
        _received(plan_id, [number], posted_on)
        for plan_id, number, posted_on in posted.values_list("plan_id", "instalment", "batch__effective_date")
    ]
    people = own.select("staff_number")
    releases = pl.concat([own, *(frame.join(people, on="staff_number", how="semi") for frame in earlier)])
    report = check_capacity(conform(releases, RELEASES), queries.rulebook_of(stored))
    return CapacityReport(report.windows.filter(pl.col("release_date") == day), report.limit_per_day)


def _received(plan_id: int, instalments: list[int], day: date) -> pl.DataFrame:
    """RELEASES rows of some instalments of a plan: policies and distinct customers by person."""
    rows = queries.table_of(plan_id, "assignments").filter(pl.col("instalment").is_in(instalments))
    return rows.group_by("staff_number").agg(
        release_date=pl.lit(day).first(),
        policies=pl.len().cast(pl.Int64),
        customers=pl.col("holder_number").n_unique().cast(pl.Int64),
    )
