"""Why a policy is with whom it is: the plan that released it, or would, and that plan's stored candidates (N-03).

In: a policy's subject and number, and the batches of its ledger entries. Out: the explanation with every rejected
candidate; or the same derived anew from the stored inputs. Never: an answer from today's rules for a decision of then; a
policy that the caller's scope has not shown (the caller sees to it).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
from django.db.models import QuerySet, Subquery

from tuogu.core.explain import Explanation, UnknownPolicyError, explain
from tuogu.core.strategies import TERRITORY
from tuogu.core.tables import CUSTOMERS, INSTITUTIONS, LOCATED, PEOPLE, POLICIES, Book, Books, empty
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import Relation
from tuogu.plans import memory
from tuogu.plans.models import PlanRow, ScheduledRelease, StoredPlan
from tuogu.plans.reading import load_plan, rulebook_of

_PAIRS = "book.neighbours"


@dataclass(frozen=True)
class Why:
    """An explanation and the plan it comes from. `released`: that plan put the policy where it is now."""

    plan: int
    as_of: date
    seed: int
    rulebook_version: str
    released: bool
    explanation: Explanation


@dataclass(frozen=True)
class BesideWhy:
    """Who holds or shall hold it in another relation, and why. `receiver` as the plan names it."""

    relation: str
    why: Why

    @property
    def receiver(self) -> str:
        """Staff number, department or pool."""
        return self.why.explanation.staff_number or ""


def why(number: str, *, head_batch: int | None) -> Why | None:
    """The stored explanation of one policy; None when no plan speaks of it.

    `head_batch`: the batch by which it came to its custodian. A release of a plan is explained by that plan; anything
    else by the newest approved plan, which may yet have to release it, or has left it aside with a reason.
    """
    for stored, released in _plans_behind(head_batch):
        try:
            found = explain(memory.plan(stored), _book(stored), rulebook_of(stored), number)
        except UnknownPolicyError:
            continue
        return _why(stored, released, found)
    return None


def derived_again(number: str, *, head_batch: int | None) -> Why | None:
    """`why` from the stored inputs: every table of the plan read anew against its digest, the rule applied again.

    Raises `ExplanationError` when another person comes out, `ArchiveBroken` when a table is not the one stored.
    """
    for stored, released in _plans_behind(head_batch):
        plan, book = load_plan(stored.pk)
        try:
            return _why(stored, released, explain(plan, book, rulebook_of(stored), number))
        except UnknownPolicyError:
            continue
    return None


def plan_that_speaks(number: str) -> tuple[int, str] | None:
    """The plan to ask about a policy or customer, and why it (Chinese): who released it where it is now, custody first; else
    the newest plan in force that speaks of it; else the newest plan that does. None when none does."""
    batches = _head_batches(number)
    posted = ScheduledRelease.objects.filter(batch_id__in=batches).values_list("batch_id", "plan_id")
    released = dict(posted)
    for batch in batches:
        if batch in released:
            return released[batch], "由它下发"
    newest = StoredPlan.objects.order_by("-pk")
    in_force = newest.filter(state=StoredPlan.State.APPROVED).order_by("-decided_at", "-pk")
    for plans, said in ((in_force, "在用的方案"), (newest, "最新提到它的方案")):
        for stored in plans:
            if _speaks(stored, number):
                return stored.pk, f"{said}，{stored.get_state_display()}" if plans is newest else said
    return None


def _head_batches(number: str) -> list[int]:
    """The batch of the entry in force in each relation, custody first; entries outside batches are absent."""
    history = ledger.history(number).sort("subject_id", "relation", "seq")
    heads = history.group_by("subject_id", "relation", maintain_order=True).last()
    ordered = heads.sort(pl.col("relation") != "custody", "relation")
    return [int(batch) for batch in ordered["batch_id"].drop_nulls()]


def _speaks(stored: StoredPlan, number: str) -> bool:
    placed = memory.table(stored, "placements", ["number"])["number"]
    left = memory.table(stored, "unplaced", ["policy_number"])["policy_number"]
    return number in placed or number in left


def beside(numbers: Mapping[str, str], *, head_batches: Mapping[str, int | None]) -> list[BesideWhy]:
    """The plan behind each relation other than custody, with its rule.

    `numbers`: relation → the number of what is held in it (the policy, or the customer whom it belongs to);
    `head_batches`: relation → the batch by which it came to its holder. A relation is absent when no release of a plan gave
    it and no plan in force is going to.
    """
    found = []
    for relation, number in numbers.items():
        for stored, released in _plans_behind(head_batches.get(relation), relation):
            try:
                told = explain(memory.plan(stored), _book(stored), rulebook_of(stored), number)
            except UnknownPolicyError:
                continue
            if told.staff_number is not None:
                found.append(BesideWhy(relation, _why(stored, released, told)))
                break
    return found


def unit_codes(subject_ids: Iterable[int]) -> dict[int, str]:
    """The identification unit of each subject in the newest approved plan; subjects without one are absent."""
    newest = _approved_plans().values("pk")[:1]
    rows = PlanRow.objects.filter(plan_id=Subquery(newest), subject_id__in=sorted(set(subject_ids)))
    return dict(rows.exclude(unit_code="").values_list("subject_id", "unit_code"))


def subjects_of_unit(unit_code: str) -> tuple[int, ...]:
    """The subjects of one identification unit in the newest approved plan."""
    newest = _approved_plans().values("pk")[:1]
    rows = PlanRow.objects.filter(plan_id=Subquery(newest), unit_code=unit_code).order_by("subject_id")
    return tuple(rows.values_list("subject_id", flat=True))


def _why(stored: StoredPlan, released: bool, explanation: Explanation) -> Why:
    return Why(stored.pk, stored.as_of, stored.seed, stored.rulebook.version, released, explanation)


def _plans_behind(head_batch: int | None, relation: str = Relation.CUSTODY) -> list[tuple[StoredPlan, bool]]:
    """The plan that released the batch, or else the plans in force that move this relation (one a strategy), newest
    first."""
    if head_batch is not None:
        posted = ScheduledRelease.objects.filter(batch_id=head_batch).select_related("plan__rulebook").first()
        if posted is not None:
            return [(posted.plan, True)]
    in_force = StoredPlan.objects.filter(state=StoredPlan.State.APPROVED, relation=relation)
    return [(stored, False) for stored in in_force.select_related("rulebook").order_by("-decided_at", "-pk")]


def _approved_plans() -> QuerySet[StoredPlan]:
    """Territory plans in force, the newest first."""
    own = StoredPlan.objects.filter(strategy=TERRITORY.name, state=StoredPlan.State.APPROVED)
    return own.order_by("-decided_at", "-pk")


def _book(stored: StoredPlan) -> Book:
    """What an explanation reads of the plan's inputs: classes and communities; the rest stays on disk."""
    tables = memory.tables(stored, ["book.classified", "book.communities", _PAIRS])
    return Book(
        books=Books(empty(POLICIES), empty(CUSTOMERS), empty(PEOPLE), empty(INSTITUTIONS)),
        located=empty(LOCATED),
        homes=empty(LOCATED),
        classified=tables["book.classified"],
        communities=tables["book.communities"],
        neighbours=tables[_PAIRS],
    )
