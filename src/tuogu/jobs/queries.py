"""Reads of the jobs, as plain values. A person sees their own jobs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tuogu.jobs.known_headers import KnownMapping, known_mappings
from tuogu.jobs.models import JobRun, WorkerSeen
from tuogu.jobs.understood import Understood, UnderstoodSheet, read_understood
from tuogu.jobs.upload_queries import (
    RejectedCell,
    UploadRecord,
    mapping_remembered,
    open_uploads,
    reject_files,
    rejected_cells,
    sketches,
    upload,
    upload_of_run,
    was_kept,
)

__all__ = [
    "Job",
    "KnownMapping",
    "RejectedCell",
    "Understood",
    "UnderstoodSheet",
    "UploadRecord",
    "job",
    "jobs",
    "jobs_by_id",
    "known_mappings",
    "mapping_remembered",
    "open_uploads",
    "read_understood",
    "reject_files",
    "rejected_cells",
    "sketches",
    "upload",
    "upload_of_run",
    "waiting",
    "was_kept",
    "worker_seen_at",
]


@dataclass(frozen=True)
class Job:
    """One job as shown. `state_label` is Chinese; `result` is what its kind leaves (see kinds)."""

    id: int
    kind: str
    title: str
    state: str
    state_label: str
    asked_by: int
    asked_at: datetime
    step: str
    done_percent: int
    steps: tuple[tuple[str, float], ...]
    started_at: datetime | None
    heartbeat_at: datetime | None
    finished_at: datetime | None
    cancel_asked: bool
    arguments: dict[str, Any]
    result: dict[str, Any]
    failure: str

    @property
    def open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (JobRun.State.QUEUED, JobRun.State.RUNNING)

    def seconds(self, now: datetime) -> int:
        """How long it has been running, or ran."""
        return int(((self.finished_at or now) - self.started_at).total_seconds()) if self.started_at else 0


def job(job_id: int, *, by: int | None = None) -> Job | None:
    """One job; with `by`, only if this person asked for it."""
    rows = JobRun.objects.filter(pk=job_id)
    row = (rows if by is None else rows.filter(asked_by=by)).first()
    return _job(row) if row else None


def jobs(person: int, *, kind: str = "", limit: int = 50) -> list[Job]:
    """The newest jobs of a person."""
    rows = JobRun.objects.filter(asked_by=person)
    rows = rows.filter(kind=kind) if kind else rows
    return [_job(row) for row in rows.order_by("-pk")[:limit]]


def jobs_by_id(ids: Iterable[int | None]) -> dict[int, Job]:
    """Several jobs at once, by id; unknown ones are absent."""
    rows = JobRun.objects.filter(pk__in={i for i in ids if i is not None})
    return {row.pk: _job(row) for row in rows}


def waiting() -> int:
    """How many jobs wait for a worker."""
    return JobRun.objects.filter(state=JobRun.State.QUEUED).count()


def worker_seen_at() -> datetime | None:
    """When any worker was last heard of; None when none runs (or each ended well)."""
    return WorkerSeen.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()


def _job(row: JobRun) -> Job:
    return Job(
        row.pk, row.kind, row.title, row.state, row.get_state_display(), row.asked_by, row.asked_at, row.step,
        row.done_percent, tuple((name, seconds) for name, seconds in row.steps), row.started_at, row.heartbeat_at,
        row.finished_at, row.cancel_asked, row.arguments, row.result, row.failure,
    )  # fmt: skip
