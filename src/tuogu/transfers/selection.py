"""What a transfer would move, before anybody asks for it: counted, and named by one digest.

In: a query of policies' subjects that the caller has found within a scope. Out: a `Selection`. Never: a policy without a
custodian in it, a count that is not the rows'.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db.models import QuerySet

from tuogu.ledger import queries as ledger


@dataclass(frozen=True)
class Selection:
    """What was chosen: `rows` may move, `closed` have no custodian and stay as they are."""

    rows: pl.DataFrame  # subject_id, holder_id, expected_head, by subject
    holders: dict[int, int]  # custodian → how many of the rows
    closed: int

    @property
    def count(self) -> int:
        """How many may move."""
        return self.rows.height

    @property
    def digest(self) -> str:
        """Names exactly these rows as they stand: another row, or a row that has moved since, gives another digest."""
        text = self.rows.select("subject_id", "expected_head").write_csv(include_header=False)
        return hashlib.sha256(text.encode()).hexdigest()


def selection(subjects: QuerySet[Any]) -> Selection:
    """What `subjects` (a query of ids) would move now: two queries, however many."""
    held = ledger.standing_of(subjects).rename({"head": "expected_head"})
    open_ones = held.drop_nulls("holder_id")
    counted = open_ones.group_by("holder_id").len().sort("len", "holder_id", descending=[True, False])
    return Selection(
        open_ones.select("subject_id", "holder_id", "expected_head").sort("subject_id"),
        dict(counted.iter_rows()),
        held.height - open_ones.height,
    )
