"""Run the suite: `fast` (make test), `all` (make test-all) or `faults` (make faults).

Everything runs once on SQLite; tests marked `database` run a second time on a PostgreSQL server of their own, at the same
time: what the one waits for is the other's chance. Where PostgreSQL is not installed the second run is skipped with a
loud line, except in CI, where it fails.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
MARKS = {"fast": "not exhaustive and not faults", "all": "not faults", "faults": "faults"}


def pytest_command(marks: str, workers: str) -> list[str]:
    """The pytest call; two workers by default, one where processes race each other."""
    return [sys.executable, "-m", "pytest", "-q", "-m", marks, "-n", workers, "--dist", "loadfile", str(HERE)]


def main(scope: str) -> int:
    """Exit code 0 when every run passed."""
    marks = MARKS[scope]
    workers = "0" if scope == "faults" else os.environ.get("TUOGU_TEST_WORKERS", "2")
    on_sqlite = pytest_command(marks, workers)
    if not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        code = subprocess.run(on_sqlite, check=False).returncode
        print("!!! PostgreSQL is not installed: the database tests ran on SQLite only !!!", file=sys.stderr)
        return code or (1 if os.environ.get("CI") else 0)
    runner = [sys.executable, str(HERE / "run_on_postgres.py")]
    on_postgres = [*runner, *pytest_command(f"database and ({marks})", workers)]
    if scope == "faults":  # what kills and races is timed: one at a time
        codes = [subprocess.run(command, check=False).returncode for command in (on_sqlite, on_postgres)]
        return codes[0] or codes[1]
    with tempfile.TemporaryFile() as said:
        beside = subprocess.Popen(on_postgres, stdout=said, stderr=subprocess.STDOUT)
        try:
            first = subprocess.run(on_sqlite, check=False).returncode
            second = beside.wait()
        finally:
            if beside.poll() is None:  # interrupted: the runner stops its server on the same signal
                beside.send_signal(signal.SIGINT)
                beside.wait()
        said.seek(0)
        print("=== on PostgreSQL ===", said.read().decode(errors="replace"), sep="\n")
    return first or second


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
