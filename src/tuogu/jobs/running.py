"""Runs one job from its row: claims it, listens to its progress, writes down how it ended.

In: a job id, a clock. Out: a finished row. Never: two workers that write one row (every write names the attempt that it
belongs to), a failure that repeats what a file held.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from tuogu.audit.failures import AuditRefused
from tuogu.core.coding import CodeOverflow
from tuogu.core.places import DatumMixed
from tuogu.exports.failures import ExportRefused
from tuogu.jobs.asked import Asked, Clock
from tuogu.jobs.failures import Cancelled, Interrupted, LeaseLost
from tuogu.jobs.flow import FlowRefused
from tuogu.jobs.kinds import KINDS
from tuogu.jobs.models import JobRun
from tuogu.jobs.progress import Inside
from tuogu.ledger.failures import LedgerError
from tuogu.org.failures import OrgError
from tuogu.plans.failures import PlanRefused, PlanUnknown
from tuogu.reports.failures import ReportsRefused
from tuogu.vault import VaultError

log = logging.getLogger("tuogu.jobs")
LEASE = timedelta(seconds=60)  # a worker that was not heard of for so long is taken for dead
WRITE_EVERY_SECONDS = 0.5  # how often a progress row is written
_ALL_PERCENT = 100  # a progress bar that is full
ATTEMPTS_MAX = 3  # a job that takes its worker down with it is not tried for ever
REFUSALS = (
    AuditRefused,
    CodeOverflow,
    DatumMixed,
    ExportRefused,
    FlowRefused,
    LedgerError,
    OrgError,
    PlanRefused,
    PlanUnknown,
    ReportsRefused,
    VaultError,
)
SHUTDOWN = Event()  # set once, by the worker's signal handler


def run(job_id: int, *, clock: Clock) -> str | None:
    """Run the job if it waits (or its worker is dead); returns its state, None when there was nothing to do."""
    job = _claim(job_id, clock())
    if job is None:
        return None
    listener = RowSteps(job, clock)
    try:
        result = KINDS[job.kind].run(Asked(job.arguments, job.asked_by, job.asked_at), clock, listener)
    except Cancelled:
        return _finish(job, clock(), JobRun.State.CANCELLED)
    except Interrupted:
        return _put_back(job)
    except LeaseLost:
        return None
    except REFUSALS as refusal:
        return _finish(job, clock(), JobRun.State.REFUSED, failure=str(refusal))
    except Exception as error:  # the worker's outermost frame: whatever it is, the row must say that it ended
        log.exception("job failed", extra={"job": job.pk})  # the log writes type and place, never the message
        return _finish(
            job, clock(), JobRun.State.FAILED, failure=f"程序出错（{type(error).__name__}），请告知管理员"
        )
    return _finish(
        job, clock(), JobRun.State.DONE, result=result, percent=_ALL_PERCENT, steps=listener.behind
    )


class RowSteps:
    """Progress as columns of the row, at most two writes a second; stops the work when it is told to."""

    def __init__(self, job: JobRun, clock: Clock) -> None:
        self._job, self._clock = job, clock
        self._weights = dict(KINDS[job.kind].steps)
        self._written_at = 0.0
        self.seconds: dict[str, float] = {}

    @property
    def behind(self) -> list[list[Any]]:
        """[name, seconds] of the steps that are done."""
        return [[name, round(seconds, 2)] for name, seconds in self.seconds.items()]

    @contextmanager
    def step(self, name: str) -> Iterator[Inside]:
        started = time.perf_counter()
        self._write(name, 0.0, name)

        def inside(label: str, fraction: float) -> None:
            if time.monotonic() - self._written_at >= WRITE_EVERY_SECONDS:
                self._write(name, fraction, f"{name} · {label}")

        yield inside
        self.seconds[name] = time.perf_counter() - started

    def _write(self, name: str, fraction: float, text: str) -> None:
        if SHUTDOWN.is_set():
            raise Interrupted
        self._written_at = time.monotonic()
        at = self._clock()
        kept = _mine(self._job).filter(cancel_asked=False).update(
            step=text, done_percent=self._percent(name, fraction), steps=self.behind, heartbeat_at=at,
            lease_until=at + LEASE,
        )  # fmt: skip
        if not kept:
            raise Cancelled if _mine(self._job).exists() else LeaseLost

    def _percent(self, name: str, fraction: float) -> int:
        done = sum(weight for step, weight in self._weights.items() if step in self.seconds)
        share = (done + self._weights.get(name, 0) * fraction) / sum(self._weights.values())
        return min(_ALL_PERCENT - 1, int(_ALL_PERCENT * share))


def beat(job_id: int, attempt: int, at: datetime) -> None:
    """A sign of life from beside the work: steps may be silent for long."""
    rows = JobRun.objects.filter(pk=job_id, attempts=attempt, state=JobRun.State.RUNNING)
    rows.update(heartbeat_at=at, lease_until=at + LEASE)


def next_attempt(job_id: int) -> int:
    """The attempt number that the next claim of this job will have."""
    return int(JobRun.objects.values_list("attempts", flat=True).get(pk=job_id)) + 1


def stale(at: datetime) -> Q:
    """Jobs whose worker has not been heard of in time."""
    return Q(state=JobRun.State.RUNNING, lease_until__lt=at)


def _claim(job_id: int, at: datetime) -> JobRun | None:
    waiting = JobRun.objects.filter(Q(state=JobRun.State.QUEUED) | stale(at), pk=job_id)
    claimed = waiting.update(
        state=JobRun.State.RUNNING, attempts=F("attempts") + 1, started_at=Coalesce("started_at", at),
        heartbeat_at=at, lease_until=at + LEASE,
    )  # fmt: skip
    return JobRun.objects.get(pk=job_id) if claimed else None


def _mine(job: JobRun) -> Any:
    return JobRun.objects.filter(pk=job.pk, attempts=job.attempts, state=JobRun.State.RUNNING)


def _finish(
    job: JobRun,
    at: datetime,
    state: str,
    *,
    result: dict[str, Any] | None = None,
    failure: str = "",
    percent: int | None = None,
    steps: list[list[Any]] | None = None,
) -> str:
    values: dict[str, Any] = {"state": state, "finished_at": at, "failure": failure, "lease_until": None}
    values |= {"result": result} if result is not None else {}
    values |= {"done_percent": percent} if percent is not None else {}
    values |= {"steps": steps} if steps is not None else {}
    _mine(job).update(**values)
    return state


def _put_back(job: JobRun) -> str:
    """The worker goes down: the job waits again, and the going down does not count as an attempt of its own fault."""
    from tuogu.jobs.tasks import enqueue

    _mine(job).update(
        state=JobRun.State.QUEUED, lease_until=None, attempts=F("attempts") - 1, done_percent=0, step=""
    )
    enqueue(job.pk)
    return JobRun.State.QUEUED
