"""Uploads in tests: a small synthetic branch as a workbook, sent in, tried and imported through the product's own face.

In: a client. Out: keys and pages. Never: a worker process (jobs run here, in the test's transaction).
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cast import Cast
from tuogu import clock, synth
from tuogu.data.codebook import load
from tuogu.jobs import queries, running
from tuogu.org import actions
from tuogu.org import queries as org
from tuogu.org.roles import Role

DATA_DATE = date(2026, 10, 31)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@cache
def workbook() -> bytes:
    """A branch of 400 customers with a few spoilt rows, always the same."""
    folder = Path(mkdtemp(prefix="tuogu-upload-"))
    city = synth.make_city("330200", 400, 3, load(["330200"]), data_date=DATA_DATE)
    return synth.write_workbook(city, folder, dirty=True).read_bytes()


def run_jobs() -> list[str]:
    """Run what waits, oldest first; returns the states they ended in."""
    from tuogu.jobs.models import JobRun

    waiting = JobRun.objects.filter(state="queued").order_by("pk").values_list("pk", flat=True)
    return [running.run(pk, clock=clock.now) or "" for pk in list(waiting)]


def endings() -> list[tuple[str, str, str]]:
    """(kind, state, failure) of every job so far: what a test says when a job did not end as it should."""
    from tuogu.jobs.models import JobRun

    return list(JobRun.objects.order_by("pk").values_list("kind", "state", "failure"))


def send(
    client: Client, *files: tuple[str, bytes], coverage: str = "full", data_date: date = DATA_DATE
) -> str:
    """Upload; returns the key of the upload."""
    answer = client.post(
        "/imports/new/",
        {
            "files": [SimpleUploadedFile(name, content, XLSX) for name, content in files],
            "data_date": data_date.isoformat(),
            "coverage": coverage,
            "city": "",
        },
    )
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return answer.headers["Location"].strip("/").split("/")[-1]


def preview(key: str) -> queries.Job:
    """The dry run of an upload, run now."""
    run_jobs()
    upload = queries.upload(key)
    assert upload is not None
    job = queries.job(upload.preview_job or 0)
    assert job is not None
    return job


def imported(client: Client, key: str) -> int:
    """Commit a tried upload and run the job; returns the import's id."""
    assert client.post(f"/imports/{key}/commit/").status_code == 302
    assert run_jobs() == ["done"], endings()
    upload = queries.upload(key)
    assert upload is not None
    assert upload.import_run is not None
    return upload.import_run


def for_the_whole_house(cast: Cast, role: Role = Role.RESOURCE_CLERK) -> None:
    """This post counts for the whole company: the synthetic city's institutions lie outside the cast's branch."""
    actions.appoint(
        cast.people[role], role, everywhere=True, from_date=cast.today, by=org.machine(), at=cast.now
    )
