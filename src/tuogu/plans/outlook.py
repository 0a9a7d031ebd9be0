"""What a release or an undo would do if it were done now, writing nothing (P-03, N-04, N-06).

In: a scheduled release, the day. Out: counts and the rows that would be left out, named. Never: a write; a verdict that
the act itself would not give (the ledger judges by the same statements).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from tuogu.books import queries as books
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import EntryKind
from tuogu.ledger.results import REASONS
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.plans import memory
from tuogu.plans.capacity import release_capacity
from tuogu.plans.deferring import away_among, present
from tuogu.plans.failures import PlanUnknown
from tuogu.plans.heads import seen
from tuogu.plans.models import ScheduledRelease, StoredPlan
from tuogu.plans.offering import willing
from tuogu.plans.standing import standing, standing_now, to_post

_LISTED = {"number": pl.String, "now": pl.String, "what": pl.String}


@dataclass(frozen=True)
class ReleaseOutlook:
    """`posted` rows would move, `unchanged` are with the planned person already; `stale`: number, now (who holds it),
    what (why it would be left out). `held`: number, now, receiver, who is away that day: they would wait, or go out all the
    same where the house says so (`away_gets`). `refusals`: sums of visits that would stop it."""

    release: int
    instalment: int
    posted: int
    unchanged: int
    receivers: int
    stale: pl.DataFrame
    held: pl.DataFrame
    away_gets: bool
    refusals: list[str]

    @property
    def left_out(self) -> int:
        """Rows that would stay as they are."""
        return self.stale.height


@dataclass(frozen=True)
class UndoOutlook:
    """`undoable` rows would go back: `to_buffer` to the buffer group, `to_people` to whom they had before.
    `conflicts`: number, now, what (what happened since); `redirected` = whose earlier custodian has left. Of what would go
    back, `relied_on` policies are with whom the plan in force, `relied_by`, wants them: it would have to post them anew."""

    release: int
    posted: int
    undoable: int
    to_buffer: int
    to_people: int
    to_nobody: int  # development that nobody held before
    people: int
    conflicts: pl.DataFrame
    redirected: int
    relied_by: int | None
    relied_on: int

    @property
    def kept(self) -> int:
        """Rows that would stay as they are."""
        return self.conflicts.height


def release_outlook(scheduled_id: int, scope: Scope, *, on: date) -> ReleaseOutlook:
    """What posting this release on the day `on` would do; its visits are counted from its own day on."""
    scheduled = _release(scheduled_id, scope)
    planned = standing(scheduled.plan, scheduled.instalment)
    asked = to_post(planned)
    rows, said_no = willing(scheduled.plan, asked)
    away = away_among(rows, on)
    rows, held = present(rows, on)
    found = custody.preview_batch(rows, relation=scheduled.plan.relation, on=on)
    numbers = planned.select("subject_id", "number")
    stale = (
        pl.concat([found.stale, said_no])
        .join(numbers, on="subject_id", how="left")
        .select(
            "number",
            now="current_custodian_id",
            what=pl.col("reason").replace_strict(REASONS, default=pl.col("reason")),
        )
    )
    report = release_capacity(scheduled.plan, scheduled.instalment, max(on, scheduled.due_date))
    return ReleaseOutlook(
        scheduled.pk, scheduled.instalment, found.posted, planned.height - asked.height, rows["custodian_id"].n_unique(),
        _named(stale), _held(away), held.is_empty(), report.refusals,
    )  # fmt: skip


def _held(away: pl.DataFrame) -> pl.DataFrame:
    """number, now, receiver, by receiver: names of who has it and of who is away."""
    rows = away.select("number", now="holder_id", receiver="custodian_id")
    ids = {i for name in ("now", "receiver") for i in rows[name].drop_nulls().to_list()}
    names = {i: name or "" for i, name in org.names(ids).items()}
    named = pl.col("now", "receiver").replace_strict(
        list(names), list(names.values()), default=None, return_dtype=pl.String
    )
    return rows.with_columns(named).sort("receiver", "number")


def undo_outlook(scheduled_id: int, scope: Scope, *, on: date) -> UndoOutlook:
    """What undoing this posted release on the day `on` would do."""
    scheduled = _release(scheduled_id, scope)
    if scheduled.state != ScheduledRelease.State.POSTED or scheduled.batch_id is None:
        raise PlanUnknown(f"期次 {scheduled_id} 没有可撤销的批次")
    found = custody.preview_undo(scheduled.batch_id, on=on)
    buffer = org.buffer_group()
    to_buffer = int(found.back.filter(custodian_id=buffer)["subjects"].sum())
    to_people = int(found.back["subjects"].sum()) - to_buffer
    numbers = standing(scheduled.plan, scheduled.instalment).select("subject_id", "number", "custodian_id")
    kinds = {str(kind.value): str(kind.label) for kind in EntryKind}
    conflicts = found.conflicts.join(numbers.drop("custodian_id"), on="subject_id", how="left").select(
        "number", now="custodian_id", what=pl.col("kind").replace_strict(kinds, default=pl.col("kind"))
    )
    return UndoOutlook(
        scheduled.pk, found.undoable + conflicts.height, found.undoable, to_buffer, to_people,
        found.undoable - to_buffer - to_people, numbers["custodian_id"].n_unique(), _named(conflicts),
        found.redirected.height, *_relied_on(scheduled, found.conflicts["subject_id"]),
    )  # fmt: skip


def _relied_on(scheduled: ScheduledRelease, conflicts: pl.Series) -> tuple[int | None, int]:
    """The newer plan in force and how many rows of the batch it counts as done; (None, 0) where there is none."""
    in_force = StoredPlan.objects.filter(
        strategy=scheduled.plan.strategy, state=StoredPlan.State.APPROVED
    ).exclude(pk=scheduled.plan_id)
    stored = in_force.order_by("-decided_at", "-id").first()
    assert scheduled.batch_id is not None  # a posted release has its batch
    if stored is None:
        return None, 0
    back = custody.batch(scheduled.batch_id).filter(~pl.col("subject_id").is_in(conflicts.implode()))
    done = standing_now(stored).filter(pl.col("holder_id") == pl.col("custodian_id"))
    relied = done.join(back, on="subject_id", how="semi").height
    return (stored.pk, relied) if relied else (None, 0)


def _release(scheduled_id: int, scope: Scope) -> ScheduledRelease:
    scheduled = ScheduledRelease.objects.select_related("plan__rulebook").filter(pk=scheduled_id).first()
    if scheduled is None:
        raise PlanUnknown(f"没有期次 {scheduled_id}")
    seen(scheduled.plan_id, scope)
    return scheduled


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    names = {i: name or "" for i, name in org.names(rows["now"].drop_nulls().unique().to_list()).items()}
    named = pl.col("now").replace_strict(
        list(names), list(names.values()), default=None, return_dtype=pl.String
    )
    return rows.with_columns(named).select(*_LISTED)


@dataclass(frozen=True)
class Drift:
    """What has happened since a plan was made: rows by why a release would leave them out today, people of the plan who
    may no longer receive, newer data, a plan approved meanwhile."""

    moving: int
    unchanged: int
    left_out: list[tuple[str, int]]  # why, policies
    gone: list[str]  # names
    newer_data_date: date | None
    approved_since: int | None


def drift(plan_id: int, scope: Scope, *, on: date) -> Drift:
    """What the approver must know before deciding."""
    stored = seen(plan_id, scope)
    planned = standing_now(stored)
    asked = to_post(planned)
    rows, said_no = willing(stored, asked)
    found = custody.preview_batch(rows, relation=stored.relation, on=on)
    reasons = pl.concat([found.stale, said_no]).group_by("reason").agg(n=pl.len())
    reasons = reasons.sort("n", "reason", descending=[True, False])
    receivers = set(org.receiving(on))
    gone = [i for i in planned["custodian_id"].unique().sort().to_list() if i not in receivers]
    newest = books.latest_data_date()
    later = StoredPlan.objects.filter(
        strategy=stored.strategy, decided_at__gt=stored.made_at, state=StoredPlan.State.APPROVED
    )
    return Drift(
        found.posted, planned.height - asked.height, [(REASONS.get(r, r), n) for r, n in reasons.iter_rows()],
        [name or "" for name in org.names(gone).values()],
        newest if newest is not None and newest > memory.data_date(stored) else None,
        later.exclude(pk=stored.pk).order_by("-decided_at").values_list("pk", flat=True).first(),
    )  # fmt: skip
