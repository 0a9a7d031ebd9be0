"""Acts on one subject that need no second person: claiming from a pool, giving back to a pool.

In: the subject, the person, the rule that allows it. Out: an ActResult; who loses a race is told who holds
it now. Never: two winners. The guard is in the database, unique(subject, relation, seq) with the trigger on
seq; the count of updated holdings is its twin in code. These acts share the ledger lock, so they run beside
each other.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q

from tuogu.ledger.failures import LedgerError
from tuogu.ledger.kinds import EntryKind, Relation, SubjectKind
from tuogu.ledger.locks import lock_shared
from tuogu.ledger.models import Entry, Holding
from tuogu.ledger.results import ActResult
from tuogu.ledger.writing import Act
from tuogu.org import actions as org_actions
from tuogu.org import queries as org


class _HeadMovedError(Exception):
    """Somebody else's act came first; the transaction is rolled back and the loser is told."""


def claim(
    subject_id: int,
    person: int,
    *,
    cap: int | None = None,
    relation: str = Relation.CUSTODY,
    by: int,
    recorded_at: datetime,
    rule: str,
    reason_code: str = "claimed",
) -> ActResult:
    """Take a subject out of a pool for `person`.

    `cap`: how many entrusted policies the person may hold, this one counted (see `entrusted`); null = no
    limit. Reasons of refusal: unknown_subject, not_in_pool, claimant_left, cap_reached, head_moved.
    """
    act = Act(EntryKind.CLAIM, by, recorded_at, rule, reason_code)
    holding = None
    try:
        with transaction.atomic():
            lock_shared()
            org_actions.lock_person(person)
            holding = _holding(subject_id, relation)
            refusal = _claim_refusal(holding, person, cap, act)
            if refusal or holding is None:
                return ActResult(False, refusal, holding.custodian_id if holding else None, None)
            return ActResult(True, None, person, _move(holding, person, act))
    except (_HeadMovedError, IntegrityError) as refusal:
        return _lost(subject_id, relation, holding, refusal)


def return_to_pool(
    subject_id: int,
    *,
    pool_id: int | None = None,
    relation: str = Relation.CUSTODY,
    by: int,
    recorded_at: datetime,
    rule: str,
    reason_code: str,
) -> ActResult:
    """Give a subject back to a pool (null = the buffer group). Reasons of refusal: unknown_subject, closed,
    already_in_pool, head_moved. LedgerError when `pool_id` is no pool."""
    act = Act(EntryKind.RETURN_TO_POOL, by, recorded_at, rule, reason_code)
    pool = org.buffer_group() if pool_id is None else pool_id
    if not org.is_pool(pool):
        raise LedgerError("只能退回公共池")
    holding = None
    try:
        with transaction.atomic():
            lock_shared()
            holding = _holding(subject_id, relation)
            if holding is None:
                return ActResult(False, "unknown_subject", None, None)
            if holding.custodian_id is None or holding.custodian_id == pool:
                reason = "closed" if holding.custodian_id is None else "already_in_pool"
                return ActResult(False, reason, holding.custodian_id, None)
            return ActResult(True, None, pool, _move(holding, pool, act))
    except (_HeadMovedError, IntegrityError) as refusal:
        return _lost(subject_id, relation, holding, refusal)


def own_business() -> Q:
    """Holdings that were not entrusted: held since they were opened, or by the owner of record."""
    owned = Holding.objects.filter(
        subject_id=OuterRef("subject_id"), relation=Relation.OWNERSHIP, custodian_id=OuterRef("custodian_id")
    )
    return Q(entry__kind=EntryKind.OPEN) | Q(Exists(owned))


def entrusted(person: int) -> int:
    """How many policies a person holds that were entrusted: all in custody but the person's own business."""
    held = Holding.objects.filter(
        custodian_id=person, relation=Relation.CUSTODY, subject__kind=SubjectKind.POLICY
    )
    return held.exclude(own_business()).count()


def _holding(subject_id: int, relation: str) -> Holding | None:
    return Holding.objects.filter(subject_id=subject_id, relation=relation).select_related("entry").first()


def _claim_refusal(holding: Holding | None, person: int, cap: int | None, act: Act) -> str | None:
    if holding is None:
        return "unknown_subject"
    if holding.custodian_id is None or not org.is_pool(holding.custodian_id):
        return "not_in_pool"
    if not org.is_person(person) or not org.may_receive(person, act.today):
        return "claimant_left"
    if cap is not None and entrusted(person) >= cap:
        return "cap_reached"
    return None


def _move(holding: Holding, custodian: int, act: Act) -> int:
    """Append the entry and move the holding on; _HeadMovedError when another act moved it first."""
    last = Entry.objects.filter(
        subject_id=holding.subject_id, relation=holding.relation, seq=holding.last_seq
    ).values_list("recorded_at", flat=True)
    act = act.not_before(last.first())
    entry = Entry.objects.create(
        subject_id=holding.subject_id,
        relation=holding.relation,
        seq=holding.last_seq + 1,
        custodian_id=custodian,
        kind=act.kind,
        effective_date=max(act.today, holding.since_date),
        recorded_at=act.recorded_at,
        recorded_date=act.today,
        by_id=act.by,
        rule=act.rule,
        reason_code=act.reason_code,
    )
    moved = Holding.objects.filter(
        subject_id=holding.subject_id, relation=holding.relation, last_seq=holding.last_seq
    ).update(custodian_id=custodian, since_date=entry.effective_date, entry_id=entry.pk, last_seq=entry.seq)
    if moved != 1:
        raise _HeadMovedError
    return int(entry.pk)


def _lost(subject_id: int, relation: str, seen: Holding | None, refusal: Exception) -> ActResult:
    """What the loser of a race is told. The database refused for another reason when nothing moved: raised again."""
    if connection.needs_rollback:
        raise LedgerError("同一事务中另有失败，未能登记")
    now = _holding(subject_id, relation)
    if seen is None or now is None or now.last_seq == seen.last_seq:
        raise refusal
    return ActResult(False, "head_moved", now.custodian_id, None)
