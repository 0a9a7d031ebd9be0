"""Jobs in the queue: ask for one, cancel it, put back what a dead worker left behind.

In: a wish, who asks, when. Out: a job's row and its place in the queue, written together. Never: a job run here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tuogu.accesslog.router import side_alias
from tuogu.jobs.failures import JobRefused
from tuogu.jobs.kinds import KINDS
from tuogu.jobs.models import JobRun, WorkerSeen
from tuogu.jobs.running import ATTEMPTS_MAX, stale
from tuogu.jobs.tasks import enqueue

_FORGOTTEN = timedelta(days=1)  # a worker that died is not shown for ever
_OPEN = (JobRun.State.QUEUED, JobRun.State.RUNNING)


def ask(*, kind: str, title: str, arguments: dict[str, Any], by: int, at: datetime) -> int:
    """Ask for a job; returns its id. The same wish of the same person that still waits or runs is the same job."""
    if kind not in KINDS:
        raise JobRefused(f"没有这种作业：{kind}")
    with transaction.atomic(using=side_alias()):
        same = JobRun.objects.filter(kind=kind, asked_by=by, arguments=arguments, state__in=_OPEN).first()
        if same is not None:
            return same.pk
        job = JobRun.objects.create(
            kind=kind, title=title[:200], arguments=arguments, asked_by=by, asked_at=at
        )
        enqueue(job.pk)
    return job.pk


def cancel(job_id: int, *, by: int, at: datetime) -> None:
    """Cancel one's own job: at once while it waits, at its next step while it runs. JobRefused when it has ended or is
    not one's own."""
    mine = JobRun.objects.filter(pk=job_id, asked_by=by)
    if mine.filter(state=JobRun.State.QUEUED).update(state=JobRun.State.CANCELLED, finished_at=at):
        return
    if not mine.filter(state=JobRun.State.RUNNING).update(cancel_asked=True):
        raise JobRefused("作业已经结束，或不是你提交的，不能取消")


def requeue_stale(*, at: datetime) -> int:
    """Queue again what workers that are not heard of any more had in hand; returns how many. A job that has used up its
    attempts fails instead: it may be what kills them."""
    given_up = JobRun.objects.filter(stale(at), attempts__gte=ATTEMPTS_MAX)
    given_up.update(
        state=JobRun.State.FAILED, finished_at=at, lease_until=None,
        failure=f"作业进程 {ATTEMPTS_MAX} 次中途停止，未再重试；请告知管理员",
    )  # fmt: skip
    count = 0
    for pk in list(JobRun.objects.filter(stale(at)).values_list("pk", flat=True)):  # a handful
        with transaction.atomic(using=side_alias()):
            if JobRun.objects.filter(stale(at), pk=pk).update(state=JobRun.State.QUEUED, lease_until=None):
                enqueue(pk)
                count += 1
    return count


def drop_old_results(*, at: datetime, days: int) -> int:
    """Remove the queue's own rows older than `days`: the jobs' rows stay and say all that matters."""
    from django_tasks_db.models import DBTaskResult

    return int(DBTaskResult.objects.filter(enqueued_at__lt=at - timedelta(days=days)).delete()[0])


def worker_seen(name: str, *, started_at: datetime, at: datetime) -> None:
    """A sign of life of a worker process."""
    WorkerSeen.objects.update_or_create(name=name, defaults={"started_at": started_at, "seen_at": at})
    WorkerSeen.objects.filter(seen_at__lt=at - _FORGOTTEN).delete()


def worker_gone(name: str) -> None:
    """A worker process has ended well."""
    WorkerSeen.objects.filter(name=name).delete()
