"""Run the suite: `fast` (make test), `all` (make test-all) or `faults` (make faults).

Everything runs once on SQLite; tests marked `database` run a second time on a PostgreSQL server of their own.
Where PostgreSQL is not installed the second run is skipped with a loud line, except in CI, where it fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
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
    first = subprocess.run(pytest_command(marks, workers), check=False).returncode
    if not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        print("!!! PostgreSQL is not installed: the database tests ran on SQLite only !!!", file=sys.stderr)
        return first or (1 if os.environ.get("CI") else 0)
    runner = [sys.executable, str(HERE / "run_on_postgres.py")]
    second = subprocess.run([*runner, *pytest_command(f"database and ({marks})", workers)], check=False)
    return first or second.returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
