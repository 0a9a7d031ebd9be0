"""Reads of drafts: what is being prepared, by whom, and the book that would come of it.

In: ids. Out: plain values. Never: a draft taken for what is in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tuogu.core.rulebook import Problem, Rulebook, RulebookProblems
from tuogu.core.rulebook_overlay import Base, overlaid
from tuogu.rules import queries
from tuogu.rules.content import decode
from tuogu.rules.models import RulebookDraft

OPEN_STATES = (RulebookDraft.State.OPEN, RulebookDraft.State.SUBMITTED)


@dataclass(frozen=True)
class Draft:
    """A draft as pages show it; `changes`: key → (new value, note)."""

    id: int
    base_version: str
    version: str
    effective_date: date
    source: str
    reason: str
    changes: Mapping[str, tuple[Any, str]]
    state: str
    label: str
    made_by: int
    made_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    note: str


def drafts(*, open_only: bool = False, limit: int = 100) -> list[Draft]:
    """The newest drafts first."""
    rows = RulebookDraft.objects.order_by("-id")
    return [_draft(row) for row in (rows.filter(state__in=OPEN_STATES) if open_only else rows)[:limit]]


def draft(draft_id: int) -> Draft | None:
    """One draft; None for an unknown one."""
    row = RulebookDraft.objects.filter(pk=draft_id).first()
    return _draft(row) if row else None


def draft_book(draft_id: int) -> tuple[Rulebook, Rulebook | None, list[Problem]]:
    """The base, the book that would come of the draft (None while something is wrong), and what is wrong."""
    row = RulebookDraft.objects.get(pk=draft_id)
    base = queries.base_book(Base(queries.STANDARD, row.base_version))
    try:
        return base, overlaid(base, document_of(row)), []
    except RulebookProblems as found:
        return base, None, list(found.problems)


def document_of(row: RulebookDraft) -> dict[str, Any]:
    """The draft as a clerk's file of changes, as `core.rulebook_overlay` reads it."""
    head = {
        "base": f"{queries.STANDARD} {row.base_version}", "version": row.version, "effective_date": row.effective_date,
        "source": row.source,
    }  # fmt: skip
    changed = {
        key: {"value": decode(told["value"]), "note": told["note"]} for key, told in row.changes.items()
    }
    return {"rulebook": head, **changed}


def _draft(row: RulebookDraft) -> Draft:
    changes = {key: (decode(told["value"]), told["note"]) for key, told in row.changes.items()}
    return Draft(
        row.pk, row.base_version, row.version, row.effective_date, row.source, row.reason, changes, row.state,
        str(RulebookDraft.State(row.state).label), row.made_by_id, row.made_at, row.decided_by_id, row.decided_at,
        row.note,
    )  # fmt: skip
