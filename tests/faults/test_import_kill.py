"""`tuogu import` killed at random moments: nothing half done, and the next try ends where an undisturbed one does."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import databases
from command import Command

DATA_DATE = "2026-10-31"
PROBE = """
import json, django; django.setup()
from tuogu.books import queries as books
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.scope import Scope
held = ledger.holdings(Scope.everything()).select("number", "custodian_id").sort("number")
labels = org.labels(held["custodian_id"].unique())  # ids differ: a killed try may use up some of a sequence
held = held.with_columns(held["custodian_id"].replace_strict(labels).alias("custodian_id"))
report = ledger.verify()
print(json.dumps({"rows": books.counts(), "held": held.hash_rows(seed=1).sum(), "height": held.height,
                  "problems": [p.code for p in report.problems]}))
"""


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic branch of 1,500 customers."""
    folder = tmp_path_factory.mktemp("kill")
    command = Command("sqlite:///unused", folder)
    command.run("synth", "--out", folder / "city", "--customers", 1_500, "--data-date", DATA_DATE)
    return folder / "city" / "workbook.xlsx"


def state(command: Command) -> dict[str, object]:
    """What the database holds: rows of each table, who holds what, what verify finds."""
    environment = command.environment | {"DJANGO_SETTINGS_MODULE": "tuogu.settings"}
    done = subprocess.run(
        [sys.executable, "-c", PROBE], env=environment, capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def start(command: Command, workbook: Path) -> subprocess.Popen[bytes]:
    words = ["import", str(workbook), "--data-date", DATA_DATE, "--coverage", "full"]
    return subprocess.Popen(
        [sys.executable, "-c", "from tuogu.cli import main; main()", *words],
        env=command.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def kills(workbook: Path, folder: Path, count: int, seed: int) -> None:
    """Kill `count` imports, each on a fresh copy; assert all or nothing, then finish and compare."""
    with databases.copied(folder) as database:
        command = Command(database.url, folder)
        started = time.perf_counter()
        assert start(command, workbook).wait() == 1
        duration_s, whole = time.perf_counter() - started, state(command)
    assert whole["height"] > 1_000
    assert whole["problems"] == []
    draw, outcomes = random.Random(seed), set()
    for attempt in range(count):
        own = folder / f"attempt{attempt}"
        own.mkdir()
        with databases.copied(own) as database:
            command = Command(database.url, own)
            process = start(command, workbook)
            fraction = draw.uniform(0.3, 1.0) if attempt else 0.25  # the first one hits before the commit
            time.sleep(duration_s * fraction)
            process.send_signal(signal.SIGKILL)
            acknowledged = process.wait() == 1
            found = state(command)
            assert found["problems"] == []
            assert found["height"] in {0, whole["height"]}, "half an import"
            assert not acknowledged or found["height"], "an acknowledged import is lost"
            outcomes.add(found["height"] == 0)
            command.run("import", workbook, "--data-date", DATA_DATE, "--coverage", "full", codes=(1,))
            assert state(command) == whole
    assert True in outcomes, "no kill hit before the import was committed: the test proved nothing"


@pytest.mark.database
def test_two_kills_leave_nothing_half_done(workbook, tmp_path):
    kills(workbook, tmp_path, count=2, seed=1)


@pytest.mark.database
@pytest.mark.faults
def test_fifty_kills_leave_nothing_half_done(workbook, tmp_path):
    kills(workbook, tmp_path, count=50, seed=2)
