"""The one task of django-tasks: run a job by its id. The worker's entry, so it reads the clock."""

from __future__ import annotations

from django_tasks import task

from tuogu import clock
from tuogu.jobs import running


@task()
def run_job(job_id: int) -> str | None:
    """What the worker calls; everything else about the job stands in its row."""
    return running.run(job_id, clock=clock.now)


def enqueue(job_id: int) -> None:
    """Put the job at the end of the queue."""
    run_job.enqueue(job_id)
