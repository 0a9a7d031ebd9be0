"""Takes a posted batch back by a compensating batch, effective on its own posting day.

In: the batch. Out: an undo entry for every row whose head is still the batch's entry; the rest are listed
with what happened since. Never: a later act overridden, a subject handed back to somebody who has left
(buffer group instead).
"""

from __future__ import annotations

from datetime import datetime

import polars as pl
from django.db import transaction

from tuogu.bulk import Cursor, drop, fetch, load
from tuogu.ledger.failures import LedgerError
from tuogu.ledger.kinds import EntryKind
from tuogu.ledger.models import Batch
from tuogu.ledger.results import CONFLICTS, REDIRECTED, UndoResult
from tuogu.ledger.sealing import seal_within
from tuogu.ledger.staging import staged
from tuogu.ledger.writing import (
    ENTRY_COLUMNS,
    Act,
    create_batch,
    derive_holdings,
    latest_recorded,
    posted_before,
)
from tuogu.org import actions as org_actions
from tuogu.org import queries as org

UNDOABLE = (EntryKind.RELEASE, EntryKind.TRANSFER, EntryKind.RETURN_TO_POOL)

# `previous_id`: the custodian of the last endless entry before the batch's own, that is who would hold it
# today had the batch never been. A slice of a back-dated leave lies in the past and says nothing about
# today.
JUDGE = """
CREATE TEMPORARY TABLE ledger_judged AS
SELECT e.subject_id, e.relation, e.id AS batch_entry, h.entry_id AS head, h.last_seq,
       (SELECT p.custodian_id FROM ledger_entry p
        WHERE p.subject_id = e.subject_id AND p.relation = e.relation AND p.seq < e.seq
          AND p.effective_until IS NULL
        ORDER BY p.seq DESC LIMIT 1) AS previous_id
FROM ledger_entry e JOIN ledger_holding h ON h.subject_id = e.subject_id AND h.relation = e.relation
WHERE e.batch_id = %(undoes)s AND e.effective_until IS NULL
"""
_POST = f"""
INSERT INTO ledger_entry ({ENTRY_COLUMNS})
SELECT j.subject_id, j.relation, j.last_seq + 1,
       CASE WHEN r.custodian_id IS NOT NULL THEN j.previous_id
            WHEN j.relation <> 'custody' AND j.previous_id IS NULL THEN NULL
            ELSE %(buffer)s END,
       %(kind)s, %(recorded_date)s, NULL, %(recorded_at)s, %(recorded_date)s, %(by)s, %(batch)s, %(rule)s,
       %(reason_code)s
FROM ledger_judged j LEFT JOIN ledger_receivers r ON r.custodian_id = j.previous_id
WHERE j.head = j.batch_entry ORDER BY j.subject_id, j.relation
"""
CONFLICTS_FOUND = """
SELECT j.subject_id, j.relation, j.batch_entry, j.head, e.kind, e.custodian_id, e.effective_date, e.by_id
FROM ledger_judged j JOIN ledger_entry e ON e.id = j.head
WHERE j.head <> j.batch_entry ORDER BY j.subject_id, j.relation
"""
REDIRECTED_FOUND = """
SELECT j.subject_id, j.relation, j.previous_id
FROM ledger_judged j LEFT JOIN ledger_receivers r ON r.custodian_id = j.previous_id
WHERE j.head = j.batch_entry AND r.custodian_id IS NULL
  AND NOT (j.relation <> 'custody' AND j.previous_id IS NULL)
ORDER BY j.subject_id, j.relation
"""


def undo_batch(
    batch_id: int,
    *,
    key: str,
    by: int,
    approved_by: int,
    recorded_at: datetime,
    rule: str,
    reason_code: str,
) -> UndoResult:
    """Post the compensating batch of a release, a transfer or a return to a pool.

    `conflicts`: rows left alone, with the act that happened since; `redirected`: rows whose earlier
    custodian may no longer receive, now with the buffer group. The same key again: nothing new, `already`
    true. LedgerError: unknown batch, another kind, no second person.
    """
    act = Act(EntryKind.UNDO, by, recorded_at, rule, reason_code, approved_by)
    undone = Batch.objects.filter(pk=batch_id).first()
    if undone is None or undone.kind not in UNDOABLE:
        raise LedgerError("只能撤销已过账的下发、调整或退回批次")
    return _undo(undone, act, key)


def take_back_leave(
    batch_id: int, *, by: int, approved_by: int, recorded_at: datetime, rule: str, reason_code: str
) -> UndoResult:
    """The person of a LEAVE batch has not left after all: the leave date goes, and what nobody has touched since returns
    from today on. Days of the past that the leave gave to the buffer group stay there: they were lived so.

    OrgError when the leave date was corrected since.
    """
    act = Act(EntryKind.UNDO, by, recorded_at, rule, reason_code, approved_by)
    undone = Batch.objects.filter(pk=batch_id, kind=EntryKind.LEAVE, leaver__isnull=False).first()
    if undone is None or undone.leaver_id is None:
        raise LedgerError("没有这次离司登记")
    with transaction.atomic():
        if not Batch.objects.filter(undoes=undone).exists():
            org_actions.take_back_leaving(
                undone.leaver_id, left_date=undone.effective_date, by=by, at=recorded_at
            )
        return _undo(undone, act, f"leave taken back {batch_id}")


def _undo(undone: Batch, act: Act, key: str) -> UndoResult:
    batch_id = undone.pk
    with staged({}) as cursor:
        before = posted_before(key, _digest(batch_id))
        if before is not None:
            nothing = pl.DataFrame(schema=CONFLICTS), pl.DataFrame(schema=REDIRECTED)
            return UndoResult(before.pk, before.posted, *nothing, already=True, seal_number=None)
        act = act.not_before(
            latest_recorded(
                cursor, "SELECT subject_id, relation FROM ledger_entry WHERE batch_id = %s", [batch_id]
            )
        )
        posted = _judge(cursor, act, batch_id)
        batch = create_batch(
            act,
            relation=undone.relation,
            posted=posted,
            effective_date=act.today,
            key=key,
            digest=_digest(batch_id),
            undoes=batch_id,
        )
        cursor.execute(_POST, act.params(batch=batch, buffer=org.buffer_group()))
        conflicts = fetch(cursor, CONFLICTS, CONFLICTS_FOUND)
        redirected = fetch(cursor, REDIRECTED, REDIRECTED_FOUND)
        derive_holdings(cursor, batch, EntryKind.UNDO)
        drop(cursor, "ledger_judged", "ledger_receivers")
        seal = seal_within(by=act.by, recorded_at=act.recorded_at)
    return UndoResult(batch, posted, conflicts, redirected, already=False, seal_number=seal.number)


def _digest(batch_id: int) -> str:
    return f"undo of {batch_id}"


def _judge(cursor: Cursor, act: Act, batch_id: int) -> int:
    """Find head and previous custodian of each row of the batch; returns how many will be undone."""
    receivers = pl.DataFrame({"custodian_id": org.receiving(act.today)}, schema={"custodian_id": pl.Int64})
    load(cursor, "ledger_receivers", receivers)
    drop(cursor, "ledger_judged")
    cursor.execute(JUDGE, {"undoes": batch_id})
    cursor.execute("SELECT COUNT(*) FROM ledger_judged WHERE head = batch_entry")
    (posted,) = cursor.fetchone()
    return int(posted)
