"""Rows of the same file that a room above stored (motor policies): told here, so that an import counts them, shows only who
may see them, and is taken back whole.

In: `also_stores`, once for each such room; after storing, its counts and batches. Out: the import's row with both; what may
go and what must stay. Never: a row of that room read or written by this one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import polars as pl

from tuogu.books.models import ImportRun
from tuogu.ledger import queries as custody
from tuogu.org.scope import Scope


class Stores(Protocol):
    """A room with rows of imported files, one for each subject of its kind."""

    kind: str  # of the ledger's subjects
    counted: str  # name of the count of rows taken back

    def touched(self, opened: pl.DataFrame, stored_at: datetime) -> dict[int, str]:
        """Of subjects that an import opened at that moment (subject_id, number) those that must stay, with why."""

    def customers(self, subjects: Collection[int]) -> set[str]:
        """Customer numbers that the rows of these subjects refer to."""

    def refers(self, customers: Sequence[str], but: Collection[int]) -> set[str]:
        """Which of these customers rows refer to, other than the rows of the subjects `but`."""

    def remove(self, subjects: Sequence[int], *, by: int, at: datetime) -> int:
        """Take the rows of these subjects away, whose custody has been closed; how many."""

    def hidden(self, subjects: Collection[int], scope: Scope) -> bool:
        """Whether a scope does not show one of them."""


_ROOMS: list[Stores] = []


@dataclass(frozen=True)
class Part:
    """What one room would take back of an import: subject_id, number, open; and conflicts: number, why."""

    room: Stores
    back: pl.DataFrame
    conflicts: pl.DataFrame


def also_stores(room: Stores) -> None:
    """Rows of imported files lie in that room, too."""
    if all(known.kind != room.kind for known in _ROOMS):
        _ROOMS.append(room)


def note_stored(import_run: int, counts: Mapping[str, int], batches: Sequence[int]) -> None:
    """Write down what a room above stored of an import, in the transaction of the import."""
    run = ImportRun.objects.get(pk=import_run)
    run.counts, run.batches = {**run.counts, **counts}, [*run.batches, *batches]
    run.save(update_fields=["counts", "batches"])


def parts(run: ImportRun, later: Mapping[str, str]) -> list[Part]:
    """What each room would take back. `later`: words for kinds of entries that came since."""
    own = [batch for batch in run.batches if batch is not None]
    found = []
    for room in _ROOMS:
        opened = _opened(own, room.kind)
        why = {
            subject: later.get(kind, kind)
            for subject, kind in opened.select("subject_id", "later_kind").drop_nulls().iter_rows()
        }
        why = room.touched(opened.select("subject_id", "number"), run.recorded_at) | why
        told = opened.select(
            "subject_id", "number", open=pl.col("custodian_id").is_not_null(),
            why=pl.col("subject_id").replace_strict(why, default=None, return_dtype=pl.String),
        )  # fmt: skip
        back = told.filter(pl.col("why").is_null()).drop("why")
        found.append(Part(room, back, told.filter(pl.col("why").is_not_null()).select("number", "why")))
    return found


def hidden(run: ImportRun, scope: Scope) -> bool:
    """Whether a scope does not show a row of a room above that the import brought."""
    own = [batch for batch in run.batches if batch is not None]
    return any(
        bool(opened := _opened(own, room.kind)["subject_id"].to_list()) and room.hidden(opened, scope)
        for room in _ROOMS
    )


def _opened(own: Sequence[int], kind: str) -> pl.DataFrame:
    """OPENED of the subjects of a kind that some of these batches opened."""
    batches = custody.opening_batches(own, kind)
    found = [custody.opened_by(batch, own) for batch in batches]
    if not found:
        return custody.opened_by(0, own)  # no batch has this number: the empty frame
    return pl.concat(found)
