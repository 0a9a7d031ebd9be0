"""Pools, claims and what became of them, as pages show them.

In: who looks (a claimant, or a scope), the day. Out: plain rows. Never: personal data, a claim of somebody out of scope, a
query for each row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from tuogu.books import queries as books
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.pools import reclaiming
from tuogu.pools.claimants import Claimant, claimant
from tuogu.pools.models import Claim, ClaimStep
from tuogu.pools.ruling import Pool, PoolRules, pools
from tuogu.pools.standing import standing_claims

STEPS = {str(code): str(label) for code, label in ClaimStep.Step.choices}


@dataclass(frozen=True)
class PoolLine:
    """A pool with what lies in it within reach. `left`: what the viewer may claim there today; None = does not claim."""

    pool: Pool
    relation: str
    pieces: int
    oldest_date: date | None
    claimed_today: int
    standing: int
    claimable: bool
    left: int | None


@dataclass(frozen=True)
class HeldClaim:
    """A claim that stands, with its clock. `left_days` None = never goes back."""

    id: int
    number: str
    relation: str
    pool: int
    person: int
    customer_number: str
    claimed_date: date
    counted_from: date
    left_days: int | None
    due_date: date | None
    warns: bool


@dataclass(frozen=True)
class HandedOut:
    """One line of the log: a claim, or how it ended. `step`: '' for the claim itself."""

    id: int
    number: str
    relation: str
    pool: int
    person: int
    step: str
    label: str
    day: date
    at: datetime
    by: int
    reason: str


@dataclass(frozen=True)
class Reach:
    """Which pools and pieces somebody sees. `who`: None for those who only supervise."""

    pools: dict[int, Pool]
    institutions: frozenset[str] | None
    who: Claimant | None

    def wanted(self, relation: str, pool: int | None = None) -> books.PieceFilter:
        """The pieces of all pools in reach, or of one of them."""
        ids = frozenset(self.pools) if pool is None else frozenset({pool} & set(self.pools))
        return books.PieceFilter(ids, relation, self.institutions)


def reach(scope: Scope, person: int, rule: PoolRules, on: date, *, claims: bool) -> Reach:
    """A claimant sees the claimable pools and the pieces of the own ground; others what their scope shows."""
    if claims:
        who = claimant(person, on, rule)
        placed = dict(org.placed_pools())
        offered = {
            i: pool
            for i, pool in pools().items()
            if rule.claimable(pool.kind) and who and who.may_enter(placed.get(i))
        }
        return Reach(offered, who.ground if who else frozenset(), who)
    if scope.all_rows:
        return Reach(pools(), None, None)
    seen = org.custodians_within(scope) or frozenset()
    owned = {pool for pool, _code in org.placed_pools()}
    within = {i: pool for i, pool in pools().items() if i in seen or i not in owned}
    return Reach(within, org.institutions_within(scope), None)


def board(seen: Reach, rule: PoolRules, on: date) -> list[PoolLine]:
    """The pools with pieces in reach, then the empty claimable ones."""
    contents = {(c.pool, c.relation): c for c in books.pool_contents(list(seen.pools), seen.institutions)}
    today = _counted(Claim.objects.filter(pool_id__in=list(seen.pools), claimed_date=on))
    held = _counted(standing_claims().filter(pool_id__in=list(seen.pools)))
    lines = []
    for i, pool in seen.pools.items():
        found: list[books.PoolContent | None] = [c for (where, _), c in contents.items() if where == i]
        open_ = rule.claimable(pool.kind)
        left = seen.who.left(rule, pool.kind) if seen.who else None
        for content in found or ([None] if open_ else []):
            relation = content.relation if content else "custody"
            lines.append(
                PoolLine(
                    pool, relation, content.pieces if content else 0, content.oldest_date if content else None,
                    today.get((i, relation), 0), held.get((i, relation), 0), open_, left,
                )
            )  # fmt: skip
    return sorted(lines, key=lambda line: (not line.claimable, not line.pieces, line.pool.name))


def _counted(rows: QuerySet[Claim]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for key in rows.values_list("pool_id", "relation"):
        found[key] = found.get(key, 0) + 1
    return found


def claims_of(person: int, rule: PoolRules, on: date) -> list[HeldClaim]:
    """What a person has claimed and still holds, the nearest return first."""
    return _held(person, rule, on)


def warned(scope: Scope, rule: PoolRules, on: date) -> list[HeldClaim]:
    """What is about to go back, of everybody within scope, the nearest first."""
    seen = org.custodians_within(scope)
    return [row for row in _held(None, rule, on) if row.warns and (seen is None or row.person in seen)]


def _held(person: int | None, rule: PoolRules, on: date) -> list[HeldClaim]:
    found = reclaiming.idle(reclaiming.standing(person), rule, on)
    rows = [
        HeldClaim(
            row["claim"], row["number"] or "", row["relation"], row["pool"], row["person"], row["customer_number"],
            row["claimed_date"], row["counted_from"], row["left_days"] if row["limit_days"] else None, row["due_date"],
            row["verdict"] != "fine",
        )
        for row in found.iter_rows(named=True)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row.due_date or date.max, row.number))


def claim_within(scope: Scope, claim_id: int) -> HandedOut | None:
    """One claim whose person lies within scope; None when there is none to see."""
    row = _within(Claim.objects.filter(pk=claim_id), scope, "person").select_related("subject").first()
    return _line(row, None) if row else None


def log(scope: Scope, *, steps: str = "", before: int | None = None, size: int = 40) -> list[HandedOut]:
    """What was handed out (`steps` empty), or one kind of step (`returned` = all that went back), newest first."""
    if not steps:
        claims = _within(Claim.objects.select_related("subject").order_by("-pk"), scope, "person")
        return [_line(row, None) for row in _older(claims, before)[:size]]
    kinds = ["reclaimed", "given_back", "taken_back"] if steps == "returned" else [steps]
    rows = ClaimStep.objects.filter(step__in=kinds).select_related("claim__subject").order_by("-pk")
    return [_line(row.claim, row) for row in _older(_within(rows, scope, "claim__person"), before)[:size]]


def _within(rows: QuerySet, scope: Scope, person: str) -> QuerySet:  # type: ignore[type-arg]  # of claims or steps
    seen = org.custodians_within(scope)
    return rows if seen is None else rows.filter(Q(**{f"{person}__in": seen}))


def _older(rows: QuerySet, before: int | None) -> QuerySet:  # type: ignore[type-arg]  # of claims or steps
    return rows if before is None else rows.filter(pk__lt=before)


def _line(claim: Claim, step: ClaimStep | None) -> HandedOut:
    return HandedOut(
        step.pk if step else claim.pk, claim.subject.number or "", claim.relation, claim.pool_id, claim.person_id,
        step.step if step else "", STEPS[step.step] if step else "认领", step.step_date if step else claim.claimed_date,
        step.at if step else claim.at, step.by_id if step else claim.person_id, step.reason if step else "",
    )  # fmt: skip
