"""A small motor book for tests: a city with three branches, the third without people; policies are written short.

In: a database. Out: who is who, and MOTOR rows. Never: a clock (tests name their days).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

import polars as pl

import branch as tiny
from tuogu.core.custody import SHANGHAI
from tuogu.core.motor.tables import CASES, MOTOR
from tuogu.core.tables import INSTITUTIONS, conform
from tuogu.ledger import actions as ledger
from tuogu.org import actions
from tuogu.org import queries as org
from tuogu.renewals import actions as renewals

TREE = [
    ("H", "总公司", "head", None), ("B", "宁波分公司", "branch", "H"), ("D1", "海曙支公司", "department", "B"),
    ("D2", "江北支公司", "department", "B"), ("D3", "新设支公司", "department", "B"), ("T1", "海曙一组", "team", "D1"),
    ("T2", "江北一组", "team", "D2"),
]  # fmt: skip
BEFORE = datetime(2025, 1, 2, 9, tzinfo=SHANGHAI)
STAFF = {"A1": "T1", "A2": "T1", "LEFT": "T1", "B1": "T2", "B2": "T2"}


@dataclass(frozen=True)
class City:
    """Custodian ids by staff number."""

    ids: dict[str, int]

    @property
    def machine(self) -> int:
        return org.machine()


def moment(day: date, hour: int = 9) -> datetime:
    """A moment of a business day."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def make_city() -> City:
    """Write the city into the database that is connected; LEFT has left."""
    machine = org.machine()
    rows = [
        {"institution_code": c, "name": n, "level": v, "parent_code": p, "region_code": None}
        for c, n, v, p in TREE
    ]
    actions.sync_institutions(pl.DataFrame(rows, schema=INSTITUTIONS), by=machine, at=BEFORE)
    people = [
        {
            "staff_number": number, "name": f"{number}某", "team_code": team, "institution_code": f"D{team[1]}",
            "phone": f"1390000{i:04d}", "address": None, "hired_date": date(2020, 1, 1), "series": "collection",
            "left_date": date(2024, 12, 31) if number == "LEFT" else None,
        }
        for i, (number, team) in enumerate(STAFF.items())
    ]  # fmt: skip
    synced = actions.sync_people(tiny.people(*people), by=machine, at=BEFORE)
    ledger.note_leaves(synced.gone, by=machine, recorded_at=BEFORE, rule="S0-25")
    ids = dict(org.staff_ids().select("staff_number", "custodian_id").iter_rows())
    actions.set_duty(org.buffer_group(), ids["B2"], from_date=BEFORE.date(), by=machine, at=BEFORE)
    return City(ids)


def row(number: str, expiry: date, **more: Any) -> dict[str, Any]:
    """One MOTOR row of a year of cover."""
    serial = crc32(number.encode()) % 10**5
    return {
        "policy_number": number, "plate_number": f"浙B{serial:05d}", "frame_number": f"LSVAA4182E21{serial:05d}",
        "holder_number": f"C{number}", "premium_fen": 400_000, "start_date": expiry - timedelta(days=364),
        "expiry_date": expiry, "agent_number": "A1", "entrant_number": "A2", "institution_code": "D1",
        "channel": "直销", "fleet_number": None, "important": False, "previous_number": None,
    } | more  # fmt: skip


def motor(*rows: dict[str, Any]) -> pl.DataFrame:
    """MOTOR."""
    return conform(pl.DataFrame(list(rows), schema=MOTOR, orient="row"), MOTOR)


def store(*rows: dict[str, Any], day: date) -> dict[str, int]:
    """Import the rows as of a day."""
    return renewals.import_motor(motor(*rows), data_date=day, by=org.machine(), at=moment(day))


def cases(expiries: dict[int, date], listed: dict[int, date] | None = None) -> pl.DataFrame:
    """CASES that differ in their expiry alone."""
    known = listed or {}
    blank = {
        "policy_number": "P", "holder_number": "C", "institution_code": "D1", "premium_fen": 1, "important": False,
        "fleet_vehicles": 0, "claim_due_date": None, "custodian_id": 1, "custodian_in_post": True, "named": False,
        "own_contacts": 0, "intention": None, "ended": False, "outcome": None, "opted_out": False, "data_true": None,
    }  # fmt: skip
    rows = [
        blank | {"subject_id": i, "expiry_date": day, "listed_date": known.get(i)}
        for i, day in expiries.items()
    ]
    return conform(pl.DataFrame(rows, schema=CASES, orient="row"), CASES)
