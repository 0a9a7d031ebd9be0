"""Takes pieces out of a pool and gives them back: one piece, one transaction, one line of this room beside the ledger's.

In: numbers, a person, the moment. Out: what became of each. Never: two winners of one piece, a claim above a cap because two
came at once: the ledger's lock on the person orders them, and what was judged before is judged again behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from tuogu.books import queries as books
from tuogu.core.custody import business_date
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import Relation, SubjectKind
from tuogu.org import queries as org
from tuogu.pools.claimants import claimant
from tuogu.pools.failures import PoolRefused
from tuogu.pools.following import last_days
from tuogu.pools.judging import LEDGER_WORDS, refusal
from tuogu.pools.models import Claim, ClaimStep
from tuogu.pools.ruling import PoolRules, pools
from tuogu.pools.standing import standing_claims
from tuogu.rules import queries as rules

RELATIONS = (Relation.CUSTODY, Relation.DEVELOPMENT)
REASON_MIN, REASON_MAX = 4, 200  # characters
_RULE = "P-09@{}"  # what the ledger keeps: the row, and the rulebook in force


@dataclass(frozen=True)
class Claimed:
    """What became of one number. `why`: '' when it was claimed."""

    number: str
    done: bool
    why: str


class _OverError(Exception):
    """Judged again behind the lock, the claim is no longer allowed: everything of it is rolled back."""


def claim(
    numbers: Sequence[str], *, relation: str = Relation.CUSTODY, by: int, at: datetime
) -> list[Claimed]:
    """Claim each of these pieces for the person who asks; each stands or is refused by itself.

    PoolRefused for no number, too many at once, a relation that is not claimed.
    """
    rule = PoolRules.of(rules.applicable(business_date(at)))
    asked = list(dict.fromkeys(numbers))
    if relation not in RELATIONS:
        raise PoolRefused("这种关系不能认领；没有写入任何数据")
    if not asked:
        raise PoolRefused("没有选中任何一件；没有写入任何数据")
    if len(asked) > rule.at_once_max:
        raise PoolRefused(f"一次最多认领 {rule.at_once_max} 件，选了 {len(asked)} 件；没有写入任何数据")
    return [
        Claimed(number, not why, why) for number in asked for why in [_one(number, relation, rule, by, at)]
    ]


def _one(number: str, relation: str, rule: PoolRules, by: int, at: datetime) -> str:
    """Why it was not claimed; '' when it was."""
    seen = books.pieces_by_number([number], relation).get(number)
    why = _judged(seen, rule, by, at)
    if why or seen is None or seen.subject_id is None:
        return why
    try:
        with transaction.atomic():
            done = ledger.claim(
                seen.subject_id, by, relation=relation, by=by, recorded_at=at, rule=_RULE.format(rule.version)
            )
            if not done.done:
                return _lost(done.reason or "", done.custodian_id)
            if again := _judged(
                seen, rule, by, at
            ):  # the ledger holds the person's row: nobody claims beside us
                raise _OverError(again)
            _note(seen, rule, by, at)
    except _OverError as over:
        return str(over)
    return ""


def _judged(seen: books.Piece | None, rule: PoolRules, by: int, at: datetime) -> str:
    who = claimant(by, business_date(at), rule)
    return "您已不在职，不能认领" if who is None else refusal(who, seen, pools(), rule)


def _lost(reason: str, holder: int | None) -> str:
    said = LEDGER_WORDS.get(reason, reason)
    if holder is None or org.is_pool(holder):
        return said
    return f"刚刚被 {org.labels([holder]).get(holder, '')} 领走"


def _note(seen: books.Piece, rule: PoolRules, by: int, at: datetime) -> None:
    kind = SubjectKind.POLICY if seen.relation == Relation.CUSTODY else SubjectKind.CUSTOMER
    head = custody.heads_by_number([seen.number], kind=kind, relation=seen.relation)[seen.number]
    pool = pools()[seen.custodian_id or 0]
    Claim.objects.create(
        subject_id=head.subject_id, relation=seen.relation, entry_id=head.entry_id, pool_id=pool.id, pool_kind=pool.kind,
        person_id=by, customer_number=seen.customer_number, claimed_date=business_date(at), at=at, rule=rule.version,
    )  # fmt: skip


def give_back(claim_id: int, *, reason: str, by: int, at: datetime) -> None:
    """The claimant, or somebody who keeps the pools, returns a claimed piece to the pool it came from.

    PoolRefused: unknown, gone on since, no reason. The caller has made sure that the claim is the person's or within scope.
    """
    said = " ".join(reason.split())
    if not REASON_MIN <= len(said) <= REASON_MAX:
        raise PoolRefused(f"请写明退回理由（{REASON_MIN} 至 {REASON_MAX} 个字）；没有写入任何数据")
    with transaction.atomic():
        found = standing_claims().filter(pk=claim_id).first()
        if found is None:
            raise PoolRefused("这件已不在认领人名下，可能已退回或另行分配；没有写入任何数据")
        rule, own = PoolRules.of(rules.applicable(business_date(at))), found.person_id == by
        done = ledger.return_to_pool(
            found.subject_id, pool_id=found.pool_id, relation=found.relation, by=by, recorded_at=at,
            rule=_RULE.format(rule.version), reason_code="given_back" if own else "taken_back",
        )  # fmt: skip
        if not done.done:
            raise PoolRefused(f"{LEDGER_WORDS.get(done.reason or '', done.reason)}；没有写入任何数据")
        _step_back(found, said, own, rule, by, at)


def _step_back(found: Claim, said: str, own: bool, rule: PoolRules, by: int, at: datetime) -> None:
    contacted = last_days([found.customer_number]).get(found.customer_number)
    try:
        ClaimStep.objects.create(
            claim=found, step=ClaimStep.Step.GIVEN_BACK if own else ClaimStep.Step.TAKEN_BACK,
            counted_from=max(found.claimed_date, contacted) if contacted else found.claimed_date,
            step_date=business_date(at), reason=said, by_id=by, at=at, rule=rule.version,
        )  # fmt: skip
    except IntegrityError as twice:
        raise PoolRefused("这件刚刚已退回；没有写入任何数据") from twice
