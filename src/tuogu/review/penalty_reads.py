"""The penalty ledger as pages show it: lines, one with its steps, what somebody has to decide.

In: a scope or a person. Out: rows with the rule, the amount, the period and the source; reasons in clear. Never: a penalty
of somebody outside the scope who is not the viewer; more queries for more rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db.models import OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from tuogu import vault
from tuogu.core import inspection
from tuogu.core.inspection.tables import BY_AMOUNT, EFFECTS, PENALTIES
from tuogu.core.machines import PENALTY
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.review.facts import computed, facts, filed
from tuogu.review.failures import ReviewUnknown
from tuogu.review.judging import appeal_until, concerned
from tuogu.review.models import Penalty, PenaltyStep

VIEWS = {"untold": "待告知", "appealed": "申诉中", "standing": "有效", "reversed": "已撤销", "all": "全部"}
_STATES = {
    "untold": ("computed",), "appealed": ("appealed",), "standing": ("notified", "upheld", "final"),
    "reversed": ("reversed",), "all": tuple(PENALTY.states),
}  # fmt: skip


@dataclass(frozen=True)
class PenaltyStepLine:
    """A step of a penalty."""

    label: str
    state: str
    reason: str
    by: int
    at: datetime


@dataclass(frozen=True)
class PenaltyLine:
    """A penalty. `amount_fen`, `points` (hundredths): 0 where the effect is none of that."""

    id: int
    key: str
    person: int
    req: str
    effect: str
    effect_label: str
    points: int
    amount_fen: int
    from_date: date
    until_date: date | None
    source_kind: str
    source_ref: str
    fact_date: date
    detail: str
    rulebook: str
    state: str
    state_label: str
    at: datetime

    @property
    def reward(self) -> bool:
        """The sum is given, not taken."""
        return self.effect == "reward"

    @property
    def amount_unset(self) -> bool:
        """A sum of money of which the rulebook in force did not say how much."""
        return self.effect in BY_AMOUNT and not self.amount_fen


@dataclass(frozen=True)
class PenaltyView:
    """One penalty with its steps. `appeal_until`: None before it was told; who is `concerned` may not decide."""

    line: PenaltyLine
    steps: list[PenaltyStepLine]
    appeal_until: date | None
    concerned: frozenset[int]


def penalty_page(
    scope: Scope, view: str = "all", *, person: int | None = None, before: int | None = None, size: int = 40
) -> list[PenaltyLine]:
    """The newest first."""
    rows = _within(scope).filter(state__in=_STATES[view])
    if person is not None:
        rows = rows.filter(person_id=person)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [_line(row) for row in rows.order_by("-pk")[:size]]


def penalty_counts(scope: Scope) -> dict[str, int]:
    """How many there are in each view."""
    states = list(_within(scope).values_list("state", flat=True))
    return {view: sum(state in wanted for state in states) for view, wanted in _STATES.items()}


def penalties_of(person: int) -> list[PenaltyLine]:
    """What a person was told of, the newest first."""
    rows = _stated(Penalty.objects.filter(person_id=person)).exclude(state="computed")
    return [_line(row) for row in rows.order_by("-pk")]


def penalty(penalty_id: int, scope: Scope, *, viewer: int) -> PenaltyView:
    """One penalty, within scope or one's own once it was told; ReviewUnknown otherwise."""
    row = _stated(Penalty.objects.filter(pk=penalty_id)).first()
    within = org.custodians_within(scope)
    if row is None or (within is not None and row.person_id not in within and row.person_id != viewer):
        raise ReviewUnknown("没有这笔处罚")
    steps = list(row.steps.order_by("number"))
    reasons = vault.open_texts(step.reason_sealed for step in steps)
    words = {step.name: step.label for step in PENALTY.steps}
    told = next((step for step in steps if step.name == "notify"), None)
    return PenaltyView(
        _line(row),
        [
            PenaltyStepLine(words[step.name], PENALTY.states[step.state], reason or "", step.by_id, step.at)
            for step, reason in zip(steps, reasons, strict=True)
        ],
        appeal_until(told) if told else None,
        frozenset(concerned(row)),
    )


def waiting(scope: Scope) -> dict[str, int]:
    """How many penalties nobody was told of, and how many appeals nobody decided."""
    counted = penalty_counts(scope)
    return {"untold": counted["untold"], "appealed": counted["appealed"]}


def recomputed(on: date) -> pl.DataFrame:
    """DIFFERENCES between the ledger and the facts on a day: empty when recompute = ledger (N-14)."""
    known = facts()
    return inspection.differences(filed(), computed(known, on).select(*PENALTIES), known.reversals)


def _within(scope: Scope) -> QuerySet[Any]:
    rows, within = _stated(Penalty.objects.all()), org.custodians_within(scope)
    return rows if within is None else rows.filter(person_id__in=within)


def _stated(rows: QuerySet[Any]) -> QuerySet[Any]:
    last = PenaltyStep.objects.filter(penalty=OuterRef("pk")).order_by("-number").values("state")[:1]
    stated: QuerySet[Any] = rows.annotate(
        state=Coalesce(Subquery(last), Value(PENALTY.first), output_field=TextField())
    )
    return stated


def _line(row: Any) -> PenaltyLine:
    state: str = row.state
    return PenaltyLine(
        int(row.pk), row.key, row.person_id, row.req, row.effect, EFFECTS[row.effect], row.points, row.amount_fen,
        row.from_date, row.until_date, row.source_kind, row.source_ref, row.fact_date, row.detail, row.rulebook, state,
        PENALTY.states[state], row.at,
    )  # fmt: skip


def untold(scope: Scope, ids: Iterable[int] | None = None) -> list[int]:
    """Ids of penalties within scope that nobody was told of."""
    rows = _within(scope).filter(state="computed")
    return list(
        (rows if ids is None else rows.filter(pk__in=set(ids))).order_by("pk").values_list("pk", flat=True)
    )
