"""A worker killed in the middle of an import: the next worker finishes it, once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import databases
import uploads as sent
from tuogu import clock
from tuogu.books import queries as books
from tuogu.cli import app
from tuogu.jobs import actions, queries
from tuogu.jobs.models import JobRun
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.vault import create_key_file

pytestmark = pytest.mark.database
committed_database = databases.committed_database
WAIT_SECONDS = 60


def worker(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tuogu.cli", "worker"], env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def until(condition, what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"no {what} within {WAIT_SECONDS} s"
        time.sleep(0.02)


def received(at) -> str:
    """An upload, kept and asked for, with its dry run taken as read."""
    content = sent.workbook()
    key = actions.receive(
        [actions.SentFile("branch.xlsx", len(content), [content])], data_date=sent.DATA_DATE, coverage="full", city="",
        by=org.machine(), at=at, today=clock.business_today(),
    )  # fmt: skip
    JobRun.objects.update(state="done")
    return key


@pytest.mark.req("P-13", "S0-19")
@pytest.mark.parametrize("step", ["入库并建立责任台账", pytest.param("规范数据", marks=pytest.mark.faults)])
def test_an_import_whose_worker_is_killed_is_finished_once_by_the_next(committed_database, step):
    create_key_file(committed_database.directory / "keys")
    environment = committed_database.environment | {"PYTHONPATH": os.pathsep.join(sys.path)}
    key = received(clock.now())
    job = actions.commit(key, by=org.machine(), at=clock.now())
    first = worker(environment)
    until(lambda: queries.job(job).step == step, f"step {step}")
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert queries.job(job).state == "running", "nobody has noticed yet"
    assert ledger.verify().ok
    JobRun.objects.filter(pk=job).update(lease_until=clock.now() - timedelta(seconds=1))  # a minute later
    second = worker(environment)
    until(lambda: not queries.job(job).open, "end of the job")
    second.send_signal(signal.SIGTERM)
    assert second.wait(20) == 0
    found = queries.job(job)
    assert found.state == "done", found.failure
    assert JobRun.objects.get(pk=job).attempts == 2
    assert found.result["already"] is False
    run = books.import_run(found.result["import_run"])
    assert books.import_count() == 1
    assert run.counts == found.result["counts"]
    assert run.counts["customers"] == 400
    held = ledger.holdings(Scope.everything(), kind="policy").height
    assert held == run.counts["opened"] - run.counts["closed"]
    assert ledger.verify().ok


def test_a_worker_that_is_told_to_stop_ends_well_and_the_job_waits_for_the_next(committed_database):
    create_key_file(committed_database.directory / "keys")
    key = received(clock.now())
    job = actions.commit(key, by=org.machine(), at=clock.now())
    first = worker(committed_database.environment)
    until(lambda: queries.job(job).state == "running", "start")
    first.send_signal(signal.SIGTERM)
    assert first.wait(WAIT_SECONDS) == 0
    row = JobRun.objects.get(pk=job)
    assert row.state in {"queued", "done"}
    assert queries.worker_seen_at() is None, "it took its leave"
    if row.state == "queued":
        assert (row.attempts, books.import_count()) == (0, 0)


def test_tick_puts_back_and_purges_and_again_does_nothing(committed_database):
    create_key_file(committed_database.directory / "keys")
    long_ago = clock.now() - timedelta(days=30)
    key = received(long_ago)
    folder = Path(committed_database.directory) / "files" / "uploads" / key
    assert folder.is_dir()
    stuck = actions.ask(kind="plan", title="x", arguments={}, by=1, at=long_ago)
    JobRun.objects.filter(pk=stuck).update(state="running", lease_until=long_ago, attempts=1)

    def tick() -> dict[str, int]:
        done = CliRunner().invoke(app, ["tick", "--db", committed_database.url, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    assert {k: v for k, v in tick().items() if k in ("requeued", "purged")} == {"requeued": 1, "purged": 1}
    assert not folder.exists()
    assert queries.job(stuck).state == "queued"
    again = tick()
    assert (again["requeued"], again["purged"], again["sealed"]) == (0, 0, 0)
