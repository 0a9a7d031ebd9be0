"""One case to look at beside its steps: what the customer said, how it ended and by which proof, whose limits it keeps.

In: a policy that the caller may show. Out: plain values; a proof's bytes. Never: a proof of another case.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from tuogu.core.motor import clock
from tuogu.core.rulebook import Rulebook
from tuogu.renewals import board_reads, clocked
from tuogu.renewals.models import Ended, ListedCase, Stated
from tuogu.rules import queries as rules
from tuogu.vault import blobs


@dataclass(frozen=True)
class StatedRow:
    """What the customer said about renewing."""

    intention: str
    record: int
    by: int
    at: datetime


@dataclass(frozen=True)
class EndRow:
    """One line about the end; `withdrawn`: it took the one before back. `paper`: a proof is stored."""

    seq: int
    outcome: str
    withdrawn: bool
    successor_number: str
    proof: str
    paper: bool
    ended_date: date
    reason: str
    by: int
    at: datetime


@dataclass(frozen=True)
class Story:
    """Newest first. `end`: the end that stands; `rulebook`: whose limits the case keeps (S3-07)."""

    stated: tuple[StatedRow, ...]
    ends: tuple[EndRow, ...]
    rulebook: Rulebook

    @property
    def end(self) -> EndRow | None:
        return self.ends[0] if self.ends and not self.ends[0].withdrawn else None


def story(subject: int, on: date) -> Story:
    """The story of a case. The caller has made sure of the scope."""
    stated = Stated.objects.filter(subject_id=subject).order_by("-record__happened_at", "-pk")
    ends = Ended.objects.filter(subject_id=subject).order_by("-seq")
    listed = ListedCase.objects.filter(pk=subject).select_related("monthly_list").first()
    version = listed.monthly_list.rulebook if listed else ""
    return Story(
        tuple(StatedRow(row.intention, row.record_id, row.by_id, row.at) for row in stated),
        tuple(
            EndRow(
                row.seq, row.outcome, row.withdrawn, row.successor_number, row.proof, row.paper_sealed is not None,
                row.ended_date, row.reason, row.by_id, row.at,
            )
            for row in ends
        ),
        _book(version, on),
    )  # fmt: skip


def calendar_of(subject: int, on: date) -> list[tuple[str, date]]:
    """(step, day) of every step of a case, by day; nothing once it has ended."""
    cases = clocked.cases(on, subjects=[subject]).filter(~pl.col("ended"))
    if cases.is_empty():
        return []
    first, last = cases["expiry_date"][0], max(cases["expiry_date"][0], on)
    days = clock.step_days(cases, clocked.limits_of(cases, on), clocked.holidays(first, last))
    return [(step, due) for step, due in days.sort("due_date", "step").select("step", "due_date").iter_rows()]


def next_steps(subjects: Iterable[int], on: date) -> dict[int, tuple[str, date]]:
    """The step before the end of cover that comes next in each of these cases, today's included, and its day."""
    cases = clocked.cases(on, subjects=subjects).filter(~pl.col("ended") & (pl.col("expiry_date") >= on))
    if cases.is_empty():
        return {}
    last = max(cases["expiry_date"].to_list())
    days = clock.step_days(cases, clocked.limits_of(cases, on), clocked.holidays(on, last))
    coming = days.filter((pl.col("due_date") >= on) & pl.col("step").is_in(list(clock.BEFORE)))
    first = coming.sort("due_date", "step").group_by("subject_id", maintain_order=True).first()
    return {
        subject: (step, due)
        for subject, step, due in first.select("subject_id", "step", "due_date").iter_rows()
    }


def one_pipeline(subject: int, on: date) -> pl.DataFrame:
    """PIPELINE of one case; nothing where it is not listed or has ended."""
    return board_reads.pipeline_of([subject], on)


def proof(subject: int, seq: int) -> bytes | None:
    """The stored proof of one end of a case."""
    row = Ended.objects.filter(subject_id=subject, seq=seq, paper_sealed__isnull=False).first()
    return blobs.open_bytes(bytes(row.paper_sealed)) if row is not None and row.paper_sealed else None


def _book(version: str, on: date) -> Rulebook:
    """The rulebook of a version, or the one of the day."""
    today = rules.applicable(on)
    books = (today, rules.applicable(date.min), *(rules.applicable(day) for day in rules.adopted_days()))
    return next((book for book in books if book.version == version), today)
