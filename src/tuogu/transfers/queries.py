"""Reads of the transfers. A request is visible to who asked, and to whose scope covers every institution that manages its
rows; any other raises TransferUnknown, as if it were not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db.models import QuerySet

from tuogu.bulk import titled
from tuogu.core.custody import day_bounds
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.transfers.failures import TransferUnknown
from tuogu.transfers.models import TransferRequest, TransferRow, TransferStep
from tuogu.transfers.pending import WAITING, asked_for, pending
from tuogu.transfers.selection import Selection, selection

__all__ = [
    "Asked",
    "Selection",
    "StepTaken",
    "TransferUnknown",
    "asked",
    "asked_page",
    "audit_tables",
    "batch_origins",
    "pending",
    "selection",
    "subjects_of",
    "waiting",
]


@dataclass(frozen=True)
class StepTaken:
    """One line of what became of a request."""

    step: str
    label: str
    by: int
    at: datetime
    reason: str
    batch: int | None
    outcome: dict[str, int]


@dataclass(frozen=True)
class Asked:
    """One request and all its steps, the first first."""

    id: int
    receiver: int
    reason: str
    source: str
    rows: int
    asked_by: int
    asked_at: datetime
    steps: tuple[StepTaken, ...]

    @property
    def last(self) -> StepTaken:
        """Where it stands."""
        return self.steps[-1]

    @property
    def waits(self) -> bool:
        """Whether a second person is asked for."""
        return self.last.step in WAITING

    @property
    def undo_waits(self) -> bool:
        """Whether what waits is a wish to take it back."""
        return self.last.step == TransferStep.Step.UNDO_ASKED

    @property
    def undoable(self) -> bool:
        """Whether a batch stands that may be taken back."""
        step = TransferStep.Step
        return self.last.step in {step.POSTED, step.UNDO_WITHDRAWN, step.UNDO_REFUSED}


def asked(scope: Scope, person: int, request_id: int) -> Asked:
    """One request; TransferUnknown when there is none within scope."""
    found = _told(TransferRequest.objects.filter(pk=request_id), scope, person)
    if not found:
        raise TransferUnknown(f"没有调整申请 {request_id}")
    return found[0]


def asked_page(scope: Scope, person: int, *, before: int | None = None, size: int = 40) -> list[Asked]:
    """The newest requests, or those older than the request `before`."""
    rows = TransferRequest.objects.order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found: list[Asked] = []
    reach, last = _reach(scope), before
    while len(found) < size:  # requests out of scope are passed over
        part = list((rows if last is None else rows.filter(pk__lt=last))[: size * 2])
        found += _with_steps([row for row in part if _covered(row, reach, person)])
        if len(part) < size * 2:
            break
        last = part[-1].pk
    return found[:size]


def waiting(scope: Scope, person: int) -> list[Asked]:
    """Requests and wishes to undo that wait for a second person."""
    return _told(asked_for().order_by("pk"), scope, person)


def subjects_of(request_id: int) -> QuerySet[Any]:
    """Ids of the subjects of a request, as a subquery."""
    return TransferRow.objects.filter(request=request_id).values("subject_id")


def batch_origins(batch_ids: Iterable[int]) -> dict[int, int]:
    """Batch → request that it came from; a batch of another kind is absent."""
    rows = TransferStep.objects.filter(batch_id__in=list(batch_ids))
    return dict(rows.values_list("batch_id", "request_id"))


_STEPS = {
    "申请": "request_id", "序": "number", "步骤": "step", "人员号": "by_id", "时间": "at", "理由": "reason",
    "批次": "batch_id", "结果": "outcome", "接收人员号": "request__receiver_id", "件数": "request__rows",
}  # fmt: skip


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """Every step from `first` to `last`, both included."""
    begin, end = day_bounds(first, last)
    rows = TransferStep.objects.filter(at__gte=begin, at__lt=end).order_by("id")
    return {"调整申请": titled(rows, _STEPS)}


def _told(rows: QuerySet[TransferRequest], scope: Scope, person: int) -> list[Asked]:
    reach = _reach(scope)
    return _with_steps([row for row in rows if _covered(row, reach, person)])


def _reach(scope: Scope) -> frozenset[str] | None:
    return None if scope.all_rows else org.institutions_within(scope)


def _covered(row: TransferRequest, reach: frozenset[str] | None, person: int) -> bool:
    return reach is None or row.asked_by_id == person or set(row.institution_codes) <= reach


def _with_steps(rows: list[TransferRequest]) -> list[Asked]:
    steps: dict[int, list[StepTaken]] = {row.pk: [] for row in rows}
    for s in TransferStep.objects.filter(request_id__in=list(steps)).order_by("request_id", "number"):
        steps[s.request_id].append(
            StepTaken(s.step, s.get_step_display(), s.by_id, s.at, s.reason, s.batch_id, s.outcome)
        )
    return [
        Asked(r.pk, r.receiver_id, r.reason, r.source, r.rows, r.asked_by_id, r.asked_at, tuple(steps[r.pk]))
        for r in rows
    ]
