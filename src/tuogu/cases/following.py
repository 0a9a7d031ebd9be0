"""What the ledger's batches bring to this room: receipts to sign for, hand-overs, shares of income.

In: batches that nobody has considered. Out: receipts (S1-34), hand-over cases with their lines (S4-34), shares (P-14).
Never: a batch considered twice, a receipt for a pool, a hand-over for what was handed out long before this room was there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tuogu.books import queries as books
from tuogu.cases import shares
from tuogu.cases.kinds import Kind
from tuogu.cases.models import Considered, HandedLine, Receipt, ReceiptLine
from tuogu.cases.opening import Matter, open_all
from tuogu.cases.ruling import CaseRules
from tuogu.core.custody import business_date
from tuogu.ledger import queries as ledger
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.org import queries as org

_HANDS_OUT = (EntryKind.RELEASE, EntryKind.TRANSFER)
_HANDS_OVER = (EntryKind.RELEASE, EntryKind.TRANSFER, EntryKind.LEAVE)
_AT_ONCE = 500  # rows of one statement


def follow(*, by: int, at: datetime) -> int:
    """Consider what is new, oldest first; how many batches."""
    rules = CaseRules.on(business_date(at))
    since = at - timedelta(days=rules.look_back_days)
    new = ledger.posted_batches().filter(kind__in=_HANDS_OVER, relation=Relation.CUSTODY)
    unseen = new.exclude(pk__in=Considered.objects.values("batch_id")).order_by("pk")
    batches = list(unseen)
    for batch in batches:
        with transaction.atomic():
            moves = ledger.told(list(ledger.entries().filter(batch_id=batch.pk).order_by("pk")))
            moves = [one for one in moves if one.relation == Relation.CUSTODY]
            shares.file(moves, at=at)
            if batch.recorded_at >= since:
                _receipts(batch.pk, batch.kind, moves, rules, at)
                _hand_overs(batch.pk, moves, by, at)
            Considered.objects.create(batch_id=batch.pk, at=at)
    return len(batches)


def _receipts(
    batch: int, kind: str, moves: Sequence[ledger.Assignment], rules: CaseRules, at: datetime
) -> None:
    if kind not in _HANDS_OUT:
        return
    pools = {pool for pool, _key, _name in org.pools()}
    given = [one for one in moves if one.new_custodian_id is not None and one.new_custodian_id not in pools]
    if not given:
        return
    holders = customers_of([one.subject_id for one in given])
    parts: dict[int, list[ledger.Assignment]] = defaultdict(list)
    for one in given:
        if one.new_custodian_id is not None and one.new_custodian_id != one.old_custodian_id:
            parts[one.new_custodian_id].append(one)
    made = Receipt.objects.bulk_create(
        [
            Receipt(
                person_id=person, batch_id=batch, given_date=part[0].effective_date,
                due_date=part[0].effective_date + timedelta(days=rules.receipt_days), pieces=len(part), made_at=at,
            )
            for person, part in sorted(parts.items())
        ],
        batch_size=_AT_ONCE,
    )  # fmt: skip
    ReceiptLine.objects.bulk_create(
        [
            ReceiptLine(receipt=row, subject_id=one.subject_id, customer_number=holders[one.subject_id])
            for row in made
            for one in parts[row.person_id]
            if one.subject_id in holders
        ],
        batch_size=_AT_ONCE,
    )


def _hand_overs(batch: int, moves: Sequence[ledger.Assignment], by: int, at: datetime) -> None:
    pools = {pool for pool, _key, _name in org.pools()}
    parts: dict[tuple[int, int], list[int]] = defaultdict(list)
    for one in moves:
        old, new = one.old_custodian_id, one.new_custodian_id
        if old is not None and new is not None and old not in pools and old != new:
            parts[old, new].append(one.subject_id)
    holders = customers_of([subject for part in parts.values() for subject in part])
    matters = [
        Matter(Kind.HAND_OVER, f"{batch}:{old}:{new}", former=old, other=new, batch=batch)
        for old, new in sorted(parts)
    ]
    made = open_all(matters, by=by, at=at)
    HandedLine.objects.bulk_create(
        [
            HandedLine(case_id=case, subject_id=subject, customer_number=holders[subject])
            for case, pair in zip(made, sorted(parts), strict=True)
            for subject in parts[pair]
            if subject in holders
        ],
        batch_size=_AT_ONCE,
    )


def customers_of(subjects: Sequence[int]) -> dict[int, str]:
    """Who holds each of these policies by contract."""
    lines = books.care_lines(subjects)
    return dict(lines.select("subject_id", "customer_number").iter_rows())
