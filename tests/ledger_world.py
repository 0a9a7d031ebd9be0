"""A small world for tests of the ledger: a clerk who posts, a manager who approves, people who hold, open
policies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tuogu.core.custody import SHANGHAI
from tuogu.ledger import actions, queries
from tuogu.org import queries as org
from tuogu.org.models import Custodian, StaffRecord
from tuogu.org.scope import Scope

RULE = "standard 2026.1"
JANUARY = date(2026, 1, 1)


def moment(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of a business day."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


@dataclass(frozen=True)
class World:
    """Custodian ids by what they are for."""

    buffer: int
    clerk: int
    manager: int
    people: tuple[int, ...]

    def signed(self, day: date, hour: int = 9) -> dict[str, object]:
        """The arguments that an act with a second person always takes."""
        return {"by": self.clerk, "approved_by": self.manager, "recorded_at": moment(day, hour), "rule": RULE,
                "reason_code": "plan"}  # fmt: skip

    def alone(self, day: date, hour: int = 9) -> dict[str, object]:
        """The arguments that an act of one person always takes."""
        return {"by": self.clerk, "recorded_at": moment(day, hour), "rule": RULE}


@pytest.fixture
def fresh_world(db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world in a database that is rolled back after the test, with files of its own.

    Nothing is ever committed there, so what waits for the commit (the seal file) is done at once.
    """
    monkeypatch.setattr("tuogu.ledger.sealing.transaction.on_commit", lambda act: act())
    settings.TUOGU_SEAL_FILE = tmp_path / "seals"
    settings.TUOGU_KEY_FILE = tmp_path / "keys"
    return make_world()


def make_world(people: int = 4) -> World:
    """Create a clerk, a manager and `people` holders, all in post since January."""
    persons = Custodian.objects.bulk_create([Custodian(kind="person") for _ in range(people + 2)])
    StaffRecord.objects.bulk_create(
        StaffRecord(
            person=p,
            from_date=JANUARY,
            staff_number=f"T{i:05d}",
            by_id=org.machine(),
            recorded_at=moment(JANUARY),
        )
        for i, p in enumerate(persons)
    )
    ids = [p.pk for p in persons]
    return World(org.buffer_group(), ids[0], ids[1], tuple(ids[2:]))


def policies(
    count: int, custodian: int | None, *, owner: int | None = None, first: int = 0, day: date = JANUARY
) -> pl.DataFrame:
    """An OPENED frame of `count` policies held by `custodian` from `day` on."""
    numbers = [f"P{first + i:08d}" for i in range(count)]
    return pl.DataFrame(
        {
            "kind": ["policy"] * count,
            "source_system": ["core"] * count,
            "number": numbers,
            "custodian_id": [custodian] * count,
            "owner_id": [owner] * count,
            "effective_date": [day] * count,
            "reason_code": ["import"] * count,
        },
        schema_overrides={"custodian_id": pl.Int64, "owner_id": pl.Int64},
    )


def open_policies(world: World, count: int, custodian: int | None, **more: object) -> list[int]:
    """Open `count` policies; returns their subject ids in order of their numbers."""
    frame = policies(count, custodian, **more)  # type: ignore[arg-type]  # the caller names real parameters
    day = frame["effective_date"][0]
    actions.open_custody(frame, by=world.clerk, recorded_at=moment(max(day, JANUARY), 8), rule=RULE)
    return queries.subject_ids("core", frame["number"].to_list())["subject_id"].to_list()


def asked(subjects: list[int], custodian: int | list[int]) -> pl.DataFrame:
    """A frame for `post_batch`: these subjects to this custodian, expecting today's heads."""
    heads = dict(queries.holdings(Scope.everything()).select("subject_id", "head").iter_rows())
    to = custodian if isinstance(custodian, list) else [custodian] * len(subjects)
    return pl.DataFrame(
        {"subject_id": subjects, "custodian_id": to, "expected_head": [heads.get(s) for s in subjects]},
        schema={"subject_id": pl.Int64, "custodian_id": pl.Int64, "expected_head": pl.Int64},
    )


def later(day: date, days: int) -> date:
    """`day` plus some days."""
    return day + timedelta(days=days)
