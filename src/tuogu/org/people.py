"""Brings the staff list of a branch into dated records: whole columns in, one new record for each change.

In: a PEOPLE frame. Out: custodians and staff records; the list of people whose leaving must now be booked.
Never: a leave date written for somebody who may hold something (see `actions.record_leaving`), a day to come.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import transaction

from tuogu.core.custody import business_date
from tuogu.core.tables import PEOPLE, conform
from tuogu.org.failures import OrgError
from tuogu.org.models import Custodian, Institution, StaffRecord
from tuogu.org.tree import LIKELY
from tuogu.vault import keyed_hashes, newest_hashes, seal_texts

_COMPARED = (
    "series", "rank", "supervisor", "team_id", "institution_id", "trait", "recruiter_number", "hired_date",
    "name_hash", "phone_hash", "home_hash",
)  # fmt: skip
_SEALED = {"name": "name", "phone": "phone", "address": "home"}
_STORED = {
    "id": pl.Int64, "person_id": pl.Int64, "staff_number": pl.String, "from_date": pl.Date,
    "left_date": pl.Date, "series": pl.String, "rank": pl.String, "supervisor": pl.Boolean,
    "team_id": pl.Int64, "institution_id": pl.Int64, "trait": pl.String, "recruiter_number": pl.String,
    "hired_date": pl.Date, "name_hash": pl.Binary, "phone_hash": pl.Binary, "home_hash": pl.Binary,
}  # fmt: skip
_BATCH_ROWS = 2_000
_NOT_STORED = -1  # the id of an institution that comes with the same file


@dataclass(frozen=True)
class PeopleSync:
    """What a staff list did. `leaving` (custodian_id, staff_number, left_date) must be given to `ledger.leave`, `gone`
    (custodian_id, left_date: newcomers who had left already) to `ledger.note_leaves`.
    """

    created: int
    changed: int
    unchanged: int
    updated: int  # known people in whom anything changes, leaving included
    leaving: pl.DataFrame
    gone: pl.DataFrame


@transaction.atomic
def sync_people(frame: pl.DataFrame, *, by: int, at: datetime) -> PeopleSync:
    """Create people and date their changes from a PEOPLE frame; staff_number must be unique and not null.

    Team and institution codes must be known (OrgError). A leave date of somebody new is recorded at once,
    of somebody known it is returned in `leaving`; a leave date in the future is not recorded yet.
    """
    today = business_date(at)
    both = _beside_stored(frame, today)
    new = both.filter(pl.col("person_id").is_null())
    known = both.filter(pl.col("person_id").is_not_null())
    changed = known.filter("changes")

    _end_or_replace(changed, today)
    past = pl.when(pl.col("left_date") <= today).then(pl.col("left_date")).alias("left_date")
    fresh = new.with_columns(pl.Series("person_id", _create_people(new.height), dtype=pl.Int64), past)
    kept = pl.when("rehired").then(None).otherwise(pl.col("left_date_stored")).alias("left_date")
    _insert_records(pl.concat([fresh, changed.with_columns(kept)]), today, by, at)

    leaving = known.filter("leaves").select(
        pl.col("person_id").alias("custodian_id"), "staff_number", "left_date"
    )
    updated = known.filter(pl.col("changes") | pl.col("leaves")).height
    gone = fresh.filter(pl.col("left_date").is_not_null()).select(
        pl.col("person_id").alias("custodian_id"), "left_date"
    )
    return PeopleSync(new.height, changed.height, known.height - changed.height, updated, leaving, gone)


def people_to_update(frame: pl.DataFrame, *, on: date, new_institutions: Collection[str]) -> int:
    """How many known people `sync_people` would change on that day; OrgError where it would refuse. The institutions that
    the same file brings are not stored yet."""
    both = _beside_stored(frame, on, new_institutions)
    return both.filter(pl.col("person_id").is_not_null() & (pl.col("changes") | pl.col("leaves"))).height


def _beside_stored(frame: pl.DataFrame, today: date, new_institutions: Collection[str] = ()) -> pl.DataFrame:
    """A PEOPLE frame beside the current records, by staff number: rehired, changes, leaves are what would happen."""
    wanted = _with_keys(conform(frame, PEOPLE), new_institutions).sort("staff_number")
    if wanted["staff_number"].null_count() or wanted["staff_number"].is_duplicated().any():
        raise OrgError("人员名单的工号有空值或重复")
    both = wanted.join(
        _current_records(), on="staff_number", how="left", suffix="_stored", maintain_order="left"
    )
    day, before = pl.col("left_date"), pl.col("left_date_stored")
    differs = pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_stored")) for c in _COMPARED)
    leaves = (day <= today) & (before.is_null() | (day < before))
    return both.with_columns(
        rehired=day.is_null() & before.is_not_null(), leaves=leaves.fill_null(False)
    ).with_columns(changes=differs | pl.col("rehired"))


def _with_keys(frame: pl.DataFrame, new_institutions: Collection[str]) -> pl.DataFrame:
    """Replace codes by institution ids and add the hashes of the sealed columns."""
    ids = dict.fromkeys(new_institutions, _NOT_STORED) | dict(Institution.objects.values_list("code", "id"))
    for column in ("team_code", "institution_code"):
        unknown = set(frame[column].drop_nulls().unique()) - ids.keys()
        if unknown:
            raise OrgError(f"人员名单里的机构代码不存在：{'、'.join(sorted(unknown)[:5])}{LIKELY}")
    mapped = [
        pl.col(f"{name}_code").replace_strict(ids, default=None, return_dtype=pl.Int64).alias(f"{name}_id")
        for name in ("team", "institution")
    ]
    hashes = [
        pl.Series(f"{target}_hash", keyed_hashes(frame[column].to_list(), target), dtype=pl.Binary)
        for column, target in _SEALED.items()
    ]
    return frame.with_columns(*mapped, *hashes, pl.col("supervisor").fill_null(False))


def _current_records() -> pl.DataFrame:
    rows = StaffRecord.objects.filter(until_date__isnull=True).values_list(*_STORED)
    found = pl.DataFrame([_plain(row) for row in rows.iterator(_BATCH_ROWS)], schema=_STORED, orient="row")
    hashes = [f"{target}_hash" for target in _SEALED.values()]  # compared with those made now
    return found.with_columns(pl.Series(h, newest_hashes(found[h]), dtype=pl.Binary) for h in hashes)


def _plain(row: Iterable[Any]) -> tuple[Any, ...]:
    """PostgreSQL hands bytea out as memoryview; polars wants bytes."""
    return tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)


def _create_people(count: int) -> list[int]:
    """Ids of `count` new custodians of kind person, ascending."""
    made = Custodian.objects.bulk_create(
        [Custodian(kind="person") for _ in range(count)], batch_size=_BATCH_ROWS
    )
    return sorted(person.pk for person in made)


def _end_or_replace(changed: pl.DataFrame, today: date) -> None:
    """End the records that change; one that began today has lived no day and makes room instead."""
    for rows, act in (
        (changed.filter(pl.col("from_date") >= today), "delete"),
        (changed.filter(pl.col("from_date") < today), "end"),
    ):
        for part in rows["id"].to_frame().iter_slices(_BATCH_ROWS):
            records = StaffRecord.objects.filter(id__in=part["id"].to_list())
            if act == "delete":
                records.delete()
            else:
                records.update(until_date=today)


def _insert_records(rows: pl.DataFrame, today: date, by: int, at: datetime) -> None:
    sealed = {f"{target}_sealed": seal_texts(rows[column].to_list()) for column, target in _SEALED.items()}
    plain = rows.select("person_id", "staff_number", "left_date", *_COMPARED).to_dicts()
    records = [
        StaffRecord(
            **row, **dict(zip(sealed, secrets, strict=True)), from_date=today, by_id=by, recorded_at=at
        )
        for row, secrets in zip(plain, zip(*sealed.values(), strict=True), strict=True)
    ]
    StaffRecord.objects.bulk_create(records, batch_size=_BATCH_ROWS)
