"""Approved plans of other ways to allocate that still have the same subjects to release, in the same relation (P-03).

In: plans, a Scope. Out: for each plan that may still release something, the others and how many subjects
they give to somebody else. Never: a plan of the same strategy (approving one takes the other's place); a subject that both
plans give to one receiver.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from tuogu.ledger import queries as ledger
from tuogu.org.scope import Scope
from tuogu.plans.heads import PlanHead
from tuogu.plans.models import PlanRow, ScheduledRelease, StoredPlan
from tuogu.plans.reach import covers
from tuogu.process_memory import memory as cache

_ALL: frozenset[int] = frozenset()  # instalments of a draft: every one


@dataclass(frozen=True)
class Overlap:
    """Another approved plan with instalments that wait. `subjects` are in both, with different receivers: whichever plan
    is released first moves them, and the other lists them as changed and leaves them."""

    plan: int
    strategy: str
    subjects: int
    released: bool = (
        False  # it has moved them since this plan was made: the release of this plan would leave them
    )


def overlaps(heads: Iterable[PlanHead], scope: Scope) -> dict[int, list[Overlap]]:
    """The overlaps of each of these plans with others within scope; a plan without is absent. Only drafts and approved
    plans with instalments that wait can have any."""
    waiting = _waiting()
    parts = {stored.pk: instalments for stored, instalments in waiting}
    found: dict[int, list[Overlap]] = {}
    for head in heads:
        own = _ALL if head.state == StoredPlan.State.AWAITING else parts.get(head.id)
        if own is None:
            continue
        for other, theirs in waiting:
            if other.relation != head.relation or other.strategy == head.strategy:
                continue
            if covers(scope, other.institution_codes) and (n := _common(head.id, own, other.pk, theirs)):
                found.setdefault(head.id, []).append(Overlap(other.pk, other.strategy, n))
    return found


def at_approval(stored: StoredPlan) -> list[Overlap]:
    """What an approver must acknowledge: approved plans of other ways to allocate that wait to give the same subjects to
    others, and releases of the same relation that moved subjects of this plan after it was made (P-03)."""
    waiting = [
        Overlap(other.pk, other.strategy, n)
        for other, theirs in _waiting()
        if other.relation == stored.relation
        and other.strategy != stored.strategy
        and (n := _common(stored.pk, _ALL, other.pk, theirs))
    ]
    return waiting + _moved_since(stored)


def _moved_since(stored: StoredPlan) -> list[Overlap]:
    """Releases of other plans, posted after this plan was made, that gave its subjects to somebody else."""
    posted = ScheduledRelease.objects.filter(
        state=ScheduledRelease.State.POSTED, plan__relation=stored.relation, changed_at__gt=stored.made_at
    ).exclude(plan=stored)
    own = (
        dict(PlanRow.objects.filter(plan=stored).values_list("subject_id", "custodian_id")) if posted else {}
    )
    found: dict[int, Overlap] = {}
    for row in posted.select_related("plan").defer("plan__certificate").order_by("plan_id"):
        given = ledger.batch(row.batch_id or 0).select("subject_id", "custodian_id").iter_rows()
        n = sum(subject in own and own[subject] != receiver for subject, receiver in given)
        if n:
            before = found.get(row.plan_id)
            found[row.plan_id] = Overlap(
                row.plan_id, row.plan.strategy, n + (before.subjects if before else 0), True
            )
    return list(found.values())


def _waiting() -> list[tuple[StoredPlan, frozenset[int]]]:
    """Approved plans with the instalments that wait for their day."""
    rows = ScheduledRelease.objects.filter(
        state=ScheduledRelease.State.SCHEDULED, plan__state=StoredPlan.State.APPROVED
    )
    found: dict[int, tuple[StoredPlan, set[int]]] = {}
    for row in rows.select_related("plan").defer("plan__certificate").order_by("plan_id"):
        found.setdefault(row.plan_id, (row.plan, set()))[1].add(row.instalment)
    return [(stored, frozenset(parts)) for stored, parts in found.values()]


def _common(plan: int, parts: frozenset[int], other: int, theirs: frozenset[int]) -> int:
    """Rows of a plan never change: counted once for each set of instalments that wait."""
    key = f"plans.overlap:{plan}:{sorted(parts)}:{other}:{sorted(theirs)}".replace(" ", "")
    found = cache.get(key)
    if found is None:
        elsewhere = PlanRow.objects.filter(
            plan_id=other, instalment__in=theirs, subject_id=OuterRef("subject_id")
        ).exclude(custodian_id=OuterRef("custodian_id"))
        own = PlanRow.objects.filter(plan_id=plan)
        own = own.filter(instalment__in=parts) if parts else own
        found = own.filter(Exists(elsewhere)).count()
        cache.set(key, found)
    return int(found)
