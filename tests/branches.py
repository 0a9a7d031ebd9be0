"""A synthetic branch taken through `tuogu run`, and where its files and truth lie."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

import databases
from command import Command


@dataclass(frozen=True)
class Branch:
    """A synthetic branch after `tuogu run`: nothing approved yet."""

    command: Command
    folder: Path
    result: dict[str, Any]

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def table(self, name: str) -> pl.DataFrame:
        """A table of the plan as written to Parquet."""
        return pl.read_parquet(self.out / "plan" / f"{name}.parquet")

    def truth(self, name: str) -> pl.DataFrame:
        """A table of the synthetic city's truth."""
        return pl.read_parquet(self.folder / "city" / "truth" / f"{name}.parquet")

    def staff(self, series: str, place: int = 0) -> str:
        """Staff number of a person in post of that series, by staff number."""
        people = self.truth("people").filter(pl.col("series") == series, pl.col("left_date").is_null())
        return people.sort("staff_number")["staff_number"][place]


DATA_DATE, AS_OF, CUSTOMERS = "2026-10-31", "2026-11-01", 3_000


def make_branch(folder: Path, url: str, customers: int = CUSTOMERS) -> Branch:
    """Synthesise and run."""
    command = Command(url, folder)
    command.run("synth", "--out", folder / "city", "--customers", customers, "--data-date", DATA_DATE)
    result = command.json(
        "run", folder / "city" / "workbook.xlsx", "--out", folder / "out", "--db", command.url,
        "--as-of", AS_OF, "--data-date", DATA_DATE, "--effort", 200_000,
    )  # fmt: skip
    return Branch(command, folder, result)


@contextmanager
def copied_branch(folder: Path) -> Iterator[tuple[databases.Database, Branch]]:
    """A planned branch of one's own in `folder` (a folder of the session's `tmp_path_factory`), on the database system of
    the run: a copy of the one that all tests share, because making it takes half a minute and copying it none."""
    original, made = shared_branch(folder.parent)
    shutil.copytree(made.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sqlite3*"))
    with databases.copied(folder, of=original) as database:
        yield database, Branch(Command(database.url, folder), folder, made.result)


def shared_branch(base: Path) -> tuple[databases.Database, Branch]:
    """The branch of this run of the tests, made by the first worker that needs it: to be copied or read, never changed.

    `base` is the folder of the session's temporary files; workers have theirs side by side.
    """
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = shared / "shared-branch"
    noted = shared / "shared-branch.json"
    with (shared / "shared-branch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not noted.exists():
            folder.mkdir()
            database = databases.kept(folder)
            made = make_branch(folder, database.url)
            noted.write_text(json.dumps({"url": database.url, "result": made.result}))
    note = json.loads(noted.read_text())
    return databases.Database(note["url"], folder), Branch(
        Command(note["url"], folder), folder, note["result"]
    )
