"""Whether the people can make the visits that one more instalment demands (N-20), earlier releases counted in.

In: a stored plan, its instalment and the day. Out: the capacity report of that day. Never: a policy counted as new that
its receiver holds already, or as earlier when it has gone to somebody else since; a release that was undone or cancelled.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.core.capacity import RELEASES, CapacityReport, check_capacity
from tuogu.core.strategies import STRATEGIES
from tuogu.core.tables import conform, empty
from tuogu.ledger import queries as custody
from tuogu.plans import reading
from tuogu.plans.deferring import present
from tuogu.plans.models import ScheduledRelease, StoredPlan
from tuogu.plans.standing import standing, to_post

VISITED = sorted(name for name, strategy in STRATEGIES.items() if strategy.moves_visits)


def release_capacity(stored: StoredPlan, instalment: int, day: date) -> CapacityReport:
    """Judge `instalment` of `stored` as released on `day`, for every person who receives in it. A plan whose strategy moves
    no visits is always accepted."""
    if stored.strategy not in VISITED:
        return check_capacity(empty(RELEASES), reading.rulebook_of(stored))
    going, _held = present(to_post(standing(stored, instalment)), day)
    own = _received(stored.pk, going, day)
    people = own.select("staff_number")
    earlier = [frame.join(people, on="staff_number", how="semi") for frame in _earlier(day)]
    report = check_capacity(conform(pl.concat([own, *earlier]), RELEASES), reading.rulebook_of(stored))
    return CapacityReport(report.windows.filter(pl.col("release_date") == day), report.limit_per_day)


def _earlier(day: date) -> list[pl.DataFrame]:
    """RELEASES rows of every release posted by `day`: what it moved and what is still where it put it."""
    posted = ScheduledRelease.objects.filter(
        state=ScheduledRelease.State.POSTED, batch__effective_date__lte=day, plan__strategy__in=VISITED
    ).select_related("plan", "batch")
    frames = []
    for release in posted:  # a handful: four a plan
        batch = release.batch
        assert batch is not None  # the filter above asks for its day
        rows = standing(release.plan, release.instalment)
        moved = custody.batch(batch.pk).select("subject_id")
        kept = rows.join(moved, on="subject_id", how="semi").filter(
            pl.col("holder_id") == pl.col("custodian_id")
        )
        frames.append(_received(release.plan_id, kept, batch.effective_date))
    return frames


def _received(plan_id: int, rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """RELEASES rows of some rows of STANDING: policies and distinct customers by person."""
    placed = reading.table_of(plan_id, "placements").select(
        "number", "holder_number", staff_number="receiver"
    )
    taken = placed.join(rows.select("number"), on="number", how="semi")
    return taken.group_by("staff_number").agg(
        release_date=pl.lit(day).first(),
        policies=pl.len().cast(pl.Int64),
        customers=pl.col("holder_number").n_unique().cast(pl.Int64),
    )
