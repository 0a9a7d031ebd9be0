"""Reads of batches: the list, one with its events, its lines with what applying did, its files.

In: a scope, ids, a day. Out: plain values; files byte for byte. Never: a batch out of scope (an account manager sees those
of the own customers), a value (register_reads shows those).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from tuogu.core.rulebook import Rulebook
from tuogu.corrections.batches import waiting
from tuogu.corrections.models import Amendment, Batch, BatchEvent, BatchLine, BatchPaper, LineOutcome
from tuogu.corrections.register_reads import AmendmentLine, _lines, _with_lines
from tuogu.org import queries as org
from tuogu.org.scope import Scope

S = Batch.State


@dataclass(frozen=True)
class BatchStep:
    """One step of a batch."""

    state: str
    label: str
    reason: str
    by: int
    at: datetime


@dataclass(frozen=True)
class BatchHead:
    """One batch. `overdue`: longer in its state than the rulebook allows."""

    id: int
    institution_code: str
    custodian: int | None
    first_date: date
    until_date: date
    undoes: int | None
    undone_by: int | None
    state: str
    label: str
    rows: int
    content_digest: str | None
    file_digest: str | None
    made_by: int
    made_at: datetime
    signed_by: int | None
    signed_at: datetime | None
    applied_by: int | None
    applied_at: datetime | None
    conflicts: int
    overdue: bool
    papers: dict[str, str]  # kind → SHA-256 of its bytes
    steps: tuple[BatchStep, ...]

    @property
    def last_date(self) -> date:
        """The last day of its period."""
        return self.until_date - timedelta(days=1)


def batches(
    scope: Scope, rulebook: Rulebook, *, at: datetime, state: str = "", person: int | None = None
) -> list[BatchHead]:
    """Batches within scope, newest first; `person`: also those that this account manager is to sign."""
    rows = _read(Batch.objects.filter(_seen(scope, person)))
    if state == "overdue":
        return [head for head in (_head(row, rulebook, at) for row in rows) if head.overdue]
    if state:
        rows = rows.filter(state=state)
    return [_head(row, rulebook, at) for row in rows]


def batch(
    scope: Scope, batch_id: int, rulebook: Rulebook, *, at: datetime, person: int | None = None
) -> BatchHead | None:
    """One batch; None when unknown or out of scope."""
    row = _read(Batch.objects.filter(_seen(scope, person), pk=batch_id)).first()
    return None if row is None else _head(row, rulebook, at)


def batch_lines(batch_id: int) -> list[AmendmentLine]:
    """The amendments of a batch in their order: frozen, or as they would be while it is collected."""
    row = Batch.objects.get(pk=batch_id)
    if row.state == S.COLLECTING:
        return _lines(_with_lines(waiting(row)))
    ids = list(BatchLine.objects.filter(batch=row).order_by("place").values_list("amendment", flat=True))
    found = {line.id: line for line in _lines(_with_lines(Amendment.objects.filter(pk__in=ids)))}
    return [found[pk] for pk in ids]


def line_outcomes(batch_id: int) -> dict[int, str]:
    """amendment → what applying this batch did with it."""
    rows = LineOutcome.objects.filter(line__batch=batch_id).values_list("line__amendment", "outcome")
    return {int(pk): outcome for pk, outcome in rows}


def overdue_batches(scope: Scope, rulebook: Rulebook, *, at: datetime) -> list[BatchHead]:
    """Batches that wait too long for a signature or for IT."""
    return batches(scope, rulebook, at=at, state="overdue")


def _seen(scope: Scope, person: int | None) -> Q:
    if scope.all_rows:
        return Q()
    own = Q(custodian__in=sorted((org.custodians_within(scope) or frozenset()) | {person or 0}))
    return Q(institution_code__in=sorted(org.institutions_within(scope))) | own


def _read(rows: QuerySet[Batch]) -> QuerySet[Batch]:
    papers = BatchPaper.objects.defer("content_sealed")
    return (
        rows.prefetch_related(
            Prefetch("events", BatchEvent.objects.order_by("pk")), Prefetch("papers", papers)
        )
        .select_related("undone_by")
        .order_by("-pk")
    )


def _head(row: Any, rulebook: Rulebook, at: datetime) -> BatchHead:
    words = dict(S.choices)
    steps = tuple(BatchStep(e.state, str(words[e.state]), e.reason, e.by_id, e.at) for e in row.events.all())
    papers = {paper.kind: paper.digest for paper in row.papers.all()}
    conflicts = (
        LineOutcome.objects.filter(line__batch=row, outcome="conflict").count() if row.applied_at else 0
    )
    undone = getattr(row, "undone_by", None)
    return BatchHead(
        row.pk, row.institution_code, row.custodian_id, row.first_date, row.until_date, row.undoes_id,
        undone.pk if undone else None, row.state, str(words[row.state]), row.rows, row.content_digest, row.file_digest,
        row.made_by_id, row.made_at, row.signed_by_id, row.signed_at, row.applied_by_id, row.applied_at, conflicts,
        _overdue(row, steps, rulebook, at), papers, steps,
    )  # fmt: skip


def _overdue(row: Batch, steps: tuple[BatchStep, ...], rulebook: Rulebook, at: datetime) -> bool:
    days = {
        S.AWAITING.value: rulebook["corrections.sign_days"],
        S.SIGNED.value: rulebook["corrections.apply_days"],
        S.WITH_IT.value: rulebook["corrections.apply_days"],
    }
    allowed = days.get(row.state)
    return allowed is not None and bool(steps) and steps[-1].at + timedelta(days=allowed) < at
