"""What the acts of the ledger answer. Frames list the rows that did not move, or moved elsewhere, each with
why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

# Rows of a batch that were left out.
STALE = {
    "subject_id": pl.Int64,
    "custodian_id": pl.Int64,  # who was meant to receive it
    "expected_head": pl.Int64,
    "head": pl.Int64,  # the entry in force instead; null = none
    "current_custodian_id": pl.Int64,
    "reason": pl.String,  # see REASONS
}
REASONS = {
    "unknown_subject": "台账中没有这件",
    "not_open": "尚未建档",
    "closed": "已终止",
    "head_moved": "预分配之后责任人已变动",
    "cannot_receive": "接收人已离司或不是可接收的责任人",
    "predates_head": "生效日早于现责任人的起始日",
    "left_out": "该批次过账时已剔除",
    "not_closed": "未终止，无需恢复",
    "refused_marketing": "客户已拒绝营销",
    "receiver_away": "接收人当天不在岗，暂缓",
    "data_unproven": "客户资料待更正，暂不分配",
}
# Rows of an undo that were left alone because something happened since.
CONFLICTS = {
    "subject_id": pl.Int64,
    "relation": pl.String,
    "batch_entry": pl.Int64,
    "head": pl.Int64,
    "kind": pl.String,  # what happened since
    "custodian_id": pl.Int64,
    "effective_date": pl.Date,
    "by": pl.Int64,
}
# Rows of an undo that went to the buffer group because the custodian before may no longer receive.
REDIRECTED = {"subject_id": pl.Int64, "relation": pl.String, "previous_custodian_id": pl.Int64}


@dataclass(frozen=True)
class OpenResult:
    """`opened` subjects got their first custodian, `existing` ones were left alone, `to_buffer` of the
    opened went to the buffer group because the custodian given is missing or may not receive.
    """

    batch_id: int | None
    opened: int
    existing: int
    to_buffer: int


@dataclass(frozen=True)
class BatchResult:
    """One posted batch. `already`: this key was posted before, nothing new was written."""

    batch_id: int
    posted: int
    stale: pl.DataFrame
    already: bool
    seal_number: int | None


@dataclass(frozen=True)
class UndoResult:
    """One compensating batch."""

    batch_id: int
    posted: int
    conflicts: pl.DataFrame
    redirected: pl.DataFrame
    already: bool
    seal_number: int | None


@dataclass(frozen=True)
class BatchPreview:
    """What posting a batch would do now: `posted` rows would move, `stale` (columns STALE) would be left out."""

    posted: int
    stale: pl.DataFrame


@dataclass(frozen=True)
class UndoPreview:
    """What undoing a batch would do now. `back`: custodian_id, subjects who would hold them again (the buffer group
    for those whose earlier custodian may no longer receive, who are in `redirected`); `conflicts` would stay.
    """

    undoable: int
    back: pl.DataFrame
    conflicts: pl.DataFrame
    redirected: pl.DataFrame


@dataclass(frozen=True)
class LeaveResult:
    """A leaver's book. `moved` = held today, now with the buffer group; `past_slices` = periods of
    back-dated days that somebody else holds by now; `pools_without_duty` need a new duty person at once.
    """

    batch_id: int | None
    moved: int
    past_slices: int
    pools_without_duty: tuple[int, ...]


LEAVING = {"relation": pl.String, "kind": pl.String, "moved": pl.Int64, "past_slices": pl.Int64}


@dataclass(frozen=True)
class LeavePreview:
    """What leaving would move now, counted as in LeaveResult; `rows` (columns LEAVING) by relation and kind of subject."""

    moved: int
    past_slices: int
    rows: pl.DataFrame


@dataclass(frozen=True)
class ActResult:
    """A single act. When `done` is false, `reason` says why and `custodian_id` who holds it."""

    done: bool
    reason: str | None
    custodian_id: int | None
    entry_id: int | None


@dataclass(frozen=True)
class SealResult:
    """The newest seal; `entries` = how many were sealed just now (0: nothing was pending)."""

    number: int | None
    digest: str | None
    entries: int


@dataclass(frozen=True)
class Problem:
    """One finding of `verify`. `seal` and `entry` are null where the finding is not about one."""

    code: str
    detail: str
    seal: int | None = None
    entry: int | None = None


@dataclass(frozen=True)
class VerifyReport:
    """What was read and what is wrong. `pending` entries wait for the next seal and are no problem."""

    entries: int
    seals: int
    pending: int
    outside: int  # seals that stand in the file outside the database; fewer than `seals` after a crash
    newest_digest: str | None
    last_recorded_date: date | None
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return not self.problems
