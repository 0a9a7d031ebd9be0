"""Reads of the plans: lists for people, and a stored plan back as values of core."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import Book, Plan
from tuogu.plans import archive
from tuogu.plans.failures import PlanUnknown
from tuogu.plans.models import PlanTable, ScheduledRelease, StoredPlan
from tuogu.rules import queries as rules


def _stored(plan_id: int) -> StoredPlan:
    found = StoredPlan.objects.select_related("rulebook").filter(pk=plan_id).first()
    if found is None:
        raise PlanUnknown(f"没有方案 {plan_id}")
    return found


def rulebook_of(stored: StoredPlan) -> Rulebook:
    """The rulebook version that a stored plan was made under."""
    return rules.version(stored.rulebook.name, stored.rulebook.version)


def rulebook_by_plan(plan_id: int) -> Rulebook:
    """`rulebook_of` by the plan's id."""
    return rulebook_of(_stored(plan_id))


def plan_rows(plan_id: int | None = None) -> list[dict[str, Any]]:
    """Stored plans, newest first: id, digest, state, as_of, made_by_id, decided_by_id, violations, certificate."""
    rows = StoredPlan.objects.order_by("-id")
    if plan_id is not None:
        rows = rows.filter(pk=plan_id)
    return [
        {
            "id": p.pk, "digest": p.digest, "state": p.state, "state_label": p.get_state_display(), "as_of": p.as_of,
            "made_by": p.made_by_id, "made_at": p.made_at, "decided_by": p.decided_by_id, "decided_at": p.decided_at,
            "note": p.decision_note, "violations": p.violations, "certificate": p.certificate,
        }
        for p in rows
    ]  # fmt: skip


def scheduled_rows(plan_id: int | None = None) -> list[dict[str, Any]]:
    """Scheduled releases by day: id, plan, instalment, attempt, due_date, state, batch, outcome."""
    rows = ScheduledRelease.objects.order_by("due_date", "plan_id", "instalment", "attempt")
    if plan_id is not None:
        rows = rows.filter(plan_id=plan_id)
    return [
        {
            "id": r.pk, "plan": r.plan_id, "instalment": r.instalment, "attempt": r.attempt, "due_date": r.due_date,
            "state": r.state, "state_label": r.get_state_display(), "batch": r.batch_id, "outcome": r.outcome,
        }
        for r in rows
    ]  # fmt: skip


def latest_plan() -> int | None:
    """Id of the newest stored plan."""
    return StoredPlan.objects.order_by("-id").values_list("pk", flat=True).first()


def latest_approved() -> int | None:
    """Id of the newest approved plan."""
    approved = StoredPlan.objects.filter(state=StoredPlan.State.APPROVED)
    return approved.order_by("-decided_at", "-id").values_list("pk", flat=True).first()


def load_plan(plan_id: int) -> tuple[Plan, Book]:
    """A stored plan and the inputs it was made from; ArchiveBroken when a stored table was changed."""
    stored = _stored(plan_id)
    head = {
        "certificate": {k: v for k, v in stored.certificate.items() if k != "data_date"},
        "as_of": stored.as_of,
        "seed": stored.seed,
        "effort": stored.effort,
        "rulebook_version": f"{stored.rulebook.version}",
        "book_digest": stored.book_digest,
    }
    return archive.unpack(_frames(plan_id), head, date.fromisoformat(stored.certificate["data_date"]))


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
