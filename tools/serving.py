"""A branch of invented people served by a real `tuogu serve`, as an insurer would run it on one machine.

In: a folder. Out: a running site on a free loopback port, with one named person for each post. Never: a port or a file
of another test, a process left behind.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tuogu.org.roles import Role

CUSTOMERS = 4_000
START_S, STOP_S = 60, 20
PYTHON = Path(sys.executable)
ENTRY = "from tuogu.cli import main; main()"
APPOINT = """
import django; django.setup()
from pathlib import Path
from tuogu import clock
from tuogu.cli.demo_people import appoint_demo_people, introduce
introduce(appoint_demo_people(today=clock.business_today(), at=clock.now()), Path())
"""


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in; `token` is theirs for the command line."""

    post: str
    staff_number: str
    name: str
    password: str
    token: str


@dataclass(frozen=True)
class Site:
    """A running site. `people` by post."""

    url: str
    folder: Path
    people: dict[str, Person]

    def tuogu(self, *words: object) -> str:
        """Output of the command line on the same database."""
        return tuogu(self.folder, *words)


def make_branch(folder: Path, *, data_date: str) -> None:
    """A branch whose workbook was imported and whose people hold their posts: nothing is planned yet."""
    tuogu(folder, "synth", "--out", folder / "city", "--customers", CUSTOMERS, "--data-date", data_date)
    tuogu(folder, "import", folder / "city" / "workbook.xlsx", "--data-date", data_date)
    _python(folder, APPOINT)


def make_demo(folder: Path, customers: int = CUSTOMERS) -> None:
    """What `make run` makes, smaller: planned, approved by a second person, its first instalment released."""
    tuogu(folder, "demo", "--out", folder, "--customers", customers, "--fresh")


def tuogu(folder: Path, *words: object, python: Path = PYTHON) -> str:
    """Output of `tuogu WORDS…` on the branch in a folder; AssertionError when it refuses or crashes."""
    return _python(folder, ENTRY, *words, python=python)


def _python(folder: Path, program: str, *words: object, python: Path = PYTHON) -> str:
    done = subprocess.run(
        [python, "-c", program, *map(str, words)],
        env=environment(folder), cwd=folder, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode in {0, 1}, f"exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a process needs to work on the branch in a folder: keys, seal and files lie beside its database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUOGU_", "DJANGO_"))}
    own = {
        "TUOGU_DATABASE_URL": f"sqlite:///{folder / 'tuogu.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "tuogu.settings",
        "COLUMNS": "200",
    }
    return kept | own | more


@contextmanager
def served(folder: Path, *, demo: bool = True, python: Path = PYTHON) -> Iterator[Site]:
    """`tuogu serve` on the branch in `folder` until the block ends; demo = the named people without second factor."""
    port = _free_port()
    words = ["serve", "--host", "127.0.0.1", "--port", str(port)]
    log = (folder / "serve.log").open("wb")
    process = subprocess.Popen(
        [python, "-c", ENTRY, *words],
        env=environment(folder, TUOGU_HTTP="1", TUOGU_DEMO="1" if demo else ""),
        cwd=folder, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process, folder / "serve.log")
        yield Site(url, folder, people_of(folder))
    finally:
        _end(process)
        log.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop the site and its workers; kill them when they do not leave in time."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def people_of(folder: Path) -> dict[str, Person]:
    """The named people of a branch, by post: lines of `people.txt`."""
    posts = {role.label: role.value for role in Role}
    rows = [line.split("\t") for line in (folder / "people.txt").read_text(encoding="utf-8").splitlines()]
    return {posts[label]: Person(posts[label], number, name, *words) for label, name, number, *words in rows}


def copied(folder: Path, to: Path) -> Path:
    """A copy of a branch whose site is not running, to change at will."""
    shutil.copytree(folder, to)
    return to


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the site says that it is healthy; AssertionError with its log when it ends or takes too long."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"tuogu serve did not come up:\n{log.read_text(encoding='utf-8')[-3000:]}")
