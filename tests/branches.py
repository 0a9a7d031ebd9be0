"""A synthetic branch taken through `tuogu run`, and where its files and truth lie."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

import databases
from command import Command


@dataclass(frozen=True)
class Branch:
    """A synthetic branch of 4,000 customers after `tuogu run`: nothing approved yet."""

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


DATA_DATE, AS_OF = "2026-10-31", "2026-11-01"


def make_branch(folder: Path, customers: int = 4_000, url: str = "") -> Branch:
    """Synthesise and run, on a database file in `folder` unless a `url` is given."""
    command = Command(url or f"sqlite:///{folder / 'tuogu.sqlite3'}", folder)
    command.run("synth", "--out", folder / "city", "--customers", customers, "--data-date", DATA_DATE)
    result = command.json(
        "run", folder / "city" / "workbook.xlsx", "--out", folder / "out", "--db", command.url,
        "--as-of", AS_OF, "--data-date", DATA_DATE, "--effort", 200_000,
    )  # fmt: skip
    return Branch(command, folder, result)


@contextmanager
def copied_branch(folder: Path, customers: int = 3_000) -> Iterator[tuple[databases.Database, Branch]]:
    """A planned branch of one's own in `folder`, on the database system of the run: a copy of one that is made once a
    process, because making it takes seconds and copying it none."""
    original, made = _original(customers)
    shutil.copytree(made.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sqlite3*"))
    with databases.copied(folder, of=original) as database:
        yield database, Branch(Command(database.url, folder), folder, made.result)


@cache
def _original(customers: int) -> tuple[databases.Database, Branch]:
    folder = Path(tempfile.mkdtemp(prefix="tuogu-branch-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    database = databases.kept(folder)
    return database, make_branch(folder, customers, database.url)
