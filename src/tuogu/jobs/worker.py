"""The worker process: takes jobs from the queue of django-tasks, shows signs of life, and ticks.

In: a database, a clock. Out: finished jobs. Never: a lost job (what it had in hand when it is told to stop goes back to
the queue; what it had in hand when it is killed, the tick of any worker puts back).
"""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from threading import Event, Thread
from types import FrameType

from django.db import OperationalError, connections
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from tuogu.core.custody import business_date
from tuogu.jobs import actions, running
from tuogu.jobs.asked import Clock
from tuogu.jobs.ticking import roll, tick

log = logging.getLogger("tuogu.jobs")
POLL_SECONDS = 1.0
BEAT_SECONDS = 10.0  # the worker says that it lives
TICK_SECONDS = 120.0  # scheduled work is looked for


class JobWorker(Worker):
    """django-tasks' own loop, with signs of life around each job and a stop that gives the job back."""

    def __init__(self, name: str, clock: Clock) -> None:
        super().__init__(
            queue_names=["default"], interval=POLL_SECONDS, batch=False, backend_name="default",
            startup_delay=False, max_tasks=None, worker_id=name, excluded_queue_names=[],
        )  # fmt: skip
        self._clock = clock

    def shutdown(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's arguments
        """First signal: the job in hand stops at its next progress and waits again. An idle worker ends at once."""
        running.SHUTDOWN.set()
        self.running = False
        if not self.running_task:
            sys.exit(0)

    def run_task(self, db_task_result: DBTaskResult[..., object]) -> None:
        job_id = int(db_task_result.args_kwargs["args"][0])
        with _beating(job_id, running.next_attempt(job_id), self._clock):
            super().run_task(db_task_result)


def work(name: str, clock: Clock) -> None:
    """Run until told to stop (SIGTERM, SIGINT)."""
    worker = JobWorker(name, clock)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.shutdown)
    ended = Event()
    beside = Thread(target=_beside, args=(name, clock, ended), daemon=True)
    beside.start()
    try:
        worker.run()
    finally:
        ended.set()
        beside.join(BEAT_SECONDS)
        actions.worker_gone(name)


def _beside(name: str, clock: Clock, ended: Event) -> None:
    """Signs of life of the process, and its turns of scheduled work."""
    started_at, turns = clock(), _Turns()
    try:
        while not ended.is_set():
            at = clock()
            _survived(partial(actions.worker_seen, name, started_at=started_at, at=at))
            _survived(partial(turns.take, at))
            ended.wait(BEAT_SECONDS)
    finally:
        connections.close_all()


class _Turns:
    """When this process last looked for scheduled work, and on which day it last did the day's."""

    def __init__(self) -> None:
        self._ticked_at: datetime | None = None
        self._rolled_on: date | None = None

    def take(self, at: datetime) -> None:
        """The tick where one is due, and after it the day's rounds until all of them went well. Rooms are guarded one by one
        inside."""
        if self._ticked_at is not None and (at - self._ticked_at).total_seconds() < TICK_SECONDS:
            return
        self._ticked_at = at
        try:
            tick(at=at)
        finally:  # the day's rounds are owed whatever the tick came to
            if self._rolled_on != business_date(at) and not roll(at=at).failed:
                self._rolled_on = business_date(at)


def _survived(act: Callable[[], object]) -> None:
    """The one guard of the thread: what `act` raises is logged, and it comes again. Without the signs of life the jobs in
    hand would pass for a dead worker's."""
    try:
        act()
    except OperationalError as busy:  # a locked database: the next turn comes soon
        log.warning("tick postponed", extra={"error": type(busy).__name__})
    except Exception:  # the outermost frame of the thread: whatever leaves it ends the ticking for good
        log.exception("tick failed")


@contextmanager
def _beating(job_id: int, attempt: int, clock: Clock) -> Iterator[None]:
    """Renew the lease of a job from a thread of its own while the block runs."""
    ended = Event()

    def beats() -> None:
        try:
            while not ended.wait(BEAT_SECONDS):
                running.beat(job_id, attempt, clock())
        finally:
            connections.close_all()

    thread = Thread(target=beats, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(BEAT_SECONDS)
