"""Stored plans back as values of core, straight from the database: what decides about custody reads nothing from memory.

In: a plan's id. Out: Plan, Book, Rulebook, frames. Never: a stored table whose digest does not fit.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan
from tuogu.plans import archive
from tuogu.plans.failures import PlanUnknown
from tuogu.plans.models import PlanTable, StoredPlan
from tuogu.rules import queries as rules


def stored_plan(plan_id: int) -> StoredPlan:
    """The row of a plan; PlanUnknown when there is none."""
    found = StoredPlan.objects.select_related("rulebook").filter(pk=plan_id).first()
    if found is None:
        raise PlanUnknown(f"没有方案 {plan_id}")
    return found


def rulebook_of(stored: StoredPlan) -> Rulebook:
    """The rulebook version that a stored plan was made under."""
    return rules.version(stored.rulebook.name, stored.rulebook.version)


def rulebook_by_plan(plan_id: int) -> Rulebook:
    """`rulebook_of` by the plan's id."""
    return rulebook_of(stored_plan(plan_id))


def load_plan(plan_id: int) -> tuple[Plan, Book]:
    """A stored plan and the inputs it was made from; ArchiveBroken when a stored table was changed."""
    stored = stored_plan(plan_id)
    return archive.unpack(
        _frames(plan_id), head_of(stored), date.fromisoformat(stored.certificate["data_date"])
    )


def head_of(stored: StoredPlan) -> dict[str, Any]:
    """The fields of a Plan that are no tables."""
    return {
        "certificate": {k: v for k, v in stored.certificate.items() if k != "data_date"},
        "as_of": stored.as_of,
        "seed": stored.seed,
        "effort": stored.effort,
        "rulebook_version": stored.rulebook.version,
        "book_digest": stored.book_digest,
        "strategy": stored.strategy,
        "options": tuple(sorted(stored.options.items())),
    }


def table_of(plan_id: int, name: str) -> pl.DataFrame:
    """One stored table of a plan: 'assignments', 'violations', … (see `archive`)."""
    return _frames(plan_id, [name])[name]


def _frames(plan_id: int, names: list[str] | None = None) -> dict[str, pl.DataFrame]:
    rows = PlanTable.objects.filter(plan_id=plan_id)
    if names is not None:
        rows = rows.filter(name__in=names)
    return {
        name: archive.unpack_frame(name, bytes(content), digest)
        for name, content, digest in rows.values_list("name", "content", "digest")
    }
