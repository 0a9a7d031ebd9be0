"""Hundreds of people at once on PostgreSQL: `python tests/load_run.py --people 500 --seconds 600` (make load).

In: how many people, for how long. Out: a table of pages, exit code 0 when nothing failed, p95 of every page is within
LIMIT_MS and everything holds afterwards. Never: the demo's open door, fsync switched off, a server that differs from what
docs/production.md says: a process a core for the pages, one for the work, the database, TLS in front (locust sends what it
sends).
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import run_on_postgres

HERE = Path(__file__).parent
LIMIT_MS = 500
SHARE = 0.95
JUDGED_MIN = 20  # requests of a page below which a p95 says nothing
RAMP_SECONDS = 30  # in which people come to work
THINK_SECONDS = 30.0  # between two actions of a person
START_SECONDS, STOP_SECONDS = 60, 60


@dataclass(frozen=True)
class Page:
    """What was measured of one page, or of all together ('')."""

    name: str
    requests: int
    failures: int
    median_ms: float
    p95_ms: float

    @property
    def slow(self) -> bool:
        return self.requests >= JUDGED_MIN and self.p95_ms > LIMIT_MS


def run(
    people: int, seconds: int, folder: Path, think: float = THINK_SECONDS
) -> tuple[list[Page], list[str]]:
    """What was measured, and what is wrong."""
    with run_on_postgres.cluster(durable=True) as url:
        own = environment(folder, url)
        _python(own, HERE / "load_world.py", "make", folder, people)
        with served(folder, own) as site:
            pages = _locust(folder, own | {"TUOGU_LOAD_THINK": str(think)}, site, people, seconds)
        checked = subprocess.run(
            [sys.executable, HERE / "load_world.py", "check", folder], env=own, capture_output=True, text=True, check=False
        )  # fmt: skip
    faults = _failures(folder / "locust.log") + [
        line for line in checked.stdout.splitlines() if checked.returncode
    ]
    if checked.returncode and not faults:
        faults = [checked.stderr[-2000:]]
    return pages, faults


def environment(folder: Path, url: str) -> dict[str, str]:
    """What docs/production.md names."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TUOGU_", "DJANGO_"))}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "tuogu.settings", "TUOGU_DATABASE_URL": url, "TUOGU_LOAD_FOLDER": str(folder),
        "TUOGU_SECRET_KEY": secrets.token_urlsafe(48), "TUOGU_HOSTS": "127.0.0.1,localhost", "TUOGU_PROXY": "1",
        "TUOGU_KEY_FILE": str(folder / "keys"), "TUOGU_SEAL_FILE": str(folder / "seals"),
        "TUOGU_FILES": str(folder / "files"), "PYTHONPATH": str(HERE), "COLUMNS": "200",
    }  # fmt: skip


@contextmanager
def served(folder: Path, own: dict[str, str]) -> Iterator[str]:
    """The address of the pages while their process and the worker run."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    tuogu = [sys.executable, "-m", "tuogu.cli"]
    with (folder / "serve.log").open("wb") as log:
        words = (
            ["serve", "--workers", "0", "--processes", str(os.cpu_count() or 1), "--port", str(port)],
            ["worker"],
        )
        running = [subprocess.Popen([*tuogu, *one], env=own, stdout=log, stderr=log) for one in words]
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", running[0], folder / "serve.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            for process in running:
                process.send_signal(signal.SIGTERM)
            for process in running:
                process.wait(STOP_SECONDS)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise SystemExit(f"the pages did not come up:\n{log.read_text(encoding='utf-8')[-3000:]}")


def _locust(folder: Path, own: dict[str, str], site: str, people: int, seconds: int) -> list[Page]:
    """Let them work; what locust measured once everybody was there."""
    ramp = min(RAMP_SECONDS, max(1, people // 10))
    words = [
        "--headless", "--host", site, "--users", str(people), "--spawn-rate", str(max(1, people // ramp)), "--run-time",
        f"{seconds + ramp}s", "--stop-timeout", "30", "--only-summary", "--json-file", str(folder / "stats"), "--loglevel",
        "WARNING",
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "locust", "-f", HERE / "load_people.py", *words],
        env=own, cwd=folder, capture_output=True, text=True, check=False, timeout=seconds + 300,
    )  # fmt: skip
    stats = folder / "stats.json"
    if not stats.exists():
        raise SystemExit(
            f"locust ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
        )
    (folder / "locust.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    rows = json.loads(stats.read_text(encoding="utf-8"))
    everything: dict[str, Any] = {"name": "", "num_requests": 0, "num_failures": 0, "response_times": {}}
    for row in rows:
        everything["num_requests"] += row["num_requests"]
        everything["num_failures"] += row["num_failures"]
        for taken, times in row["response_times"].items():
            everything["response_times"][taken] = everything["response_times"].get(taken, 0) + times
    return [_page(row) for row in [*sorted(rows, key=lambda row: row["name"]), everything]]


def _failures(log: Path) -> list[str]:
    """What locust says of the requests that failed, by kind."""
    text = log.read_text(encoding="utf-8") if log.exists() else ""
    return [line for line in text.partition("Error report")[2].splitlines() if line.strip("-| ")][1:11]


def _page(row: dict[str, Any]) -> Page:
    times = {float(taken): count for taken, count in row["response_times"].items()}
    median, late = (_reached(times, share) for share in (0.5, SHARE))
    return Page(row["name"], row["num_requests"], row["num_failures"], median, late)


def _reached(times: dict[float, int], share: float) -> float:
    """The time within which this share of the requests was answered."""
    wanted, seen = share * sum(times.values()), 0
    for taken in sorted(times):
        seen += times[taken]
        if seen >= wanted:
            return taken
    return 0.0


def _python(own: dict[str, str], *words: object) -> None:
    done = subprocess.run(
        [sys.executable, *map(str, words)], env=own, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(
            f"{words[0]} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        )


def judged(pages: Sequence[Page], faults: Sequence[str]) -> list[str]:
    """Why the run does not pass; [] = it does."""
    wrong = [f"{page.name}: {page.failures} failed" for page in pages if page.name and page.failures]
    wrong += [f"{page.name or 'all'}: p95 {page.p95_ms:.0f} ms" for page in pages if page.slow]
    return [*wrong, *([] if pages and pages[-1].requests else ["nobody did anything"]), *faults]


def main() -> int:
    """Exit code 0 when the run passes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--think", type=float, default=THINK_SECONDS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tuogu-load-") as name:
        pages, faults = run(given.people, given.seconds, Path(name), given.think)
    print(f"{'page':28}{'requests':>10}{'failed':>8}{'median ms':>11}{'p95 ms':>8}")
    for page in pages:
        print(
            f"{page.name or 'all':28}{page.requests:10}{page.failures:8}{page.median_ms:11.0f}{page.p95_ms:8.0f}"
        )
    wrong = judged(pages, faults)
    print("\n".join(wrong) or f"passed: no error, p95 ≤ {LIMIT_MS} ms on every page, everything holds")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
