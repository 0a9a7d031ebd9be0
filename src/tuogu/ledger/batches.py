"""Posts many subjects to new custodians in one atomic, idempotent, sealed act; and takes such an act back.

In: who shall receive what, and the head that the planner saw. Out: entries for the rows whose head is still
that one; the others are listed, never fatal. Never: the same key twice, a half-posted batch, a batch
without a second person.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from tuogu.bulk import Cursor, counted, drop, fetch, load
from tuogu.ledger.failures import LedgerError
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.ledger.results import STALE, BatchResult
from tuogu.ledger.sealing import seal_within
from tuogu.ledger.staging import staged
from tuogu.ledger.writing import (
    ENTRY_COLUMNS,
    Act,
    content_digest,
    create_batch,
    derive_holdings,
    latest_recorded,
    posted_before,
)
from tuogu.org import queries as org

ASKED = {"subject_id": pl.Int64, "custodian_id": pl.Int64, "expected_head": pl.Int64}
_KINDS = (EntryKind.RELEASE, EntryKind.TRANSFER, EntryKind.RETURN_TO_POOL)

JUDGE = """
CREATE TEMPORARY TABLE ledger_judged AS
SELECT s.subject_id, s.custodian_id, s.expected_head, h.entry_id AS head, h.last_seq,
       h.custodian_id AS current_custodian_id,
       CASE WHEN j.id IS NULL THEN 'unknown_subject'
            WHEN h.subject_id IS NULL AND %(relation)s = 'custody' THEN 'not_open'
            WHEN h.custodian_id IS NULL AND %(relation)s = 'custody' THEN 'closed'
            WHEN COALESCE(h.entry_id, 0) <> COALESCE(s.expected_head, 0) THEN 'head_moved'
            WHEN r.custodian_id IS NULL THEN 'cannot_receive'
            WHEN h.since_date > %(effective_date)s THEN 'predates_head'
            ELSE 'ok' END AS verdict
FROM ledger_asked s
LEFT JOIN ledger_subject j ON j.id = s.subject_id
LEFT JOIN ledger_holding h ON h.subject_id = s.subject_id AND h.relation = %(relation)s
LEFT JOIN ledger_receivers r ON r.custodian_id = s.custodian_id
"""
_POST = f"""
INSERT INTO ledger_entry ({ENTRY_COLUMNS})
SELECT j.subject_id, %(relation)s, COALESCE(j.last_seq, 0) + 1, j.custodian_id, %(kind)s, %(effective_date)s,
       NULL,       %(recorded_at)s, %(recorded_date)s, %(by)s, %(batch)s, %(rule)s, %(reason_code)s
FROM ledger_judged j WHERE j.verdict = 'ok' ORDER BY j.subject_id
"""
LEFT_OUT = """
SELECT subject_id, custodian_id, expected_head, head, current_custodian_id, verdict
FROM ledger_judged WHERE verdict <> 'ok' ORDER BY subject_id
"""
_NOT_IN_BATCH = """
SELECT s.subject_id, s.custodian_id, s.expected_head, h.entry_id, h.custodian_id, 'left_out'
FROM ledger_asked s
LEFT JOIN ledger_holding h ON h.subject_id = s.subject_id AND h.relation = %(relation)s
WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e
                  WHERE e.subject_id = s.subject_id AND e.relation = %(relation)s AND +e.batch_id = %(batch)s)
ORDER BY s.subject_id
"""


def post_batch(
    frame: pl.DataFrame,
    *,
    kind: str = EntryKind.RELEASE,
    relation: str = Relation.CUSTODY,
    key: str,
    by: int,
    approved_by: int | None,
    effective_date: date,
    recorded_at: datetime,
    rule: str,
    reason_code: str,
) -> BatchResult:
    """Post frame[subject_id, custodian_id, expected_head] as one sealed batch of kind release, transfer or
    return_to_pool.

    expected_head: entry id of the holding that the plan saw; null = the subject has no entry in this
    relation yet (not for custody). Rows whose head moved, whose receiver may not receive, that are closed
    or unknown come back in `stale` (columns STALE, reasons REASONS). The same key again: nothing new,
    `already` true. LedgerError: no second person, a day to come, duplicate subjects; KeyReusedError: same
    key, other content.
    """
    act = Act(kind, by, recorded_at, rule, reason_code, approved_by)
    asked = _checked(frame, act, effective_date)
    digest = content_digest(asked)
    with staged({"ledger_asked": asked}) as cursor:
        before = posted_before(key, digest)
        if before is not None:
            params = act.params(relation=str(relation), batch=before.pk)
            stale = fetch(cursor, STALE, _NOT_IN_BATCH, params)
            return BatchResult(before.pk, before.posted, stale, already=True, seal_number=None)
        latest = latest_recorded(
            cursor, "SELECT subject_id, %s AS relation FROM ledger_asked", [str(relation)]
        )
        act = act.not_before(latest)
        posted = _judge(cursor, act, str(relation), effective_date)
        batch = create_batch(
            act, relation=relation, posted=posted, effective_date=effective_date, key=key, digest=digest
        )
        cursor.execute(_POST, act.params(relation=str(relation), effective_date=effective_date, batch=batch))
        derive_holdings(cursor, batch, kind)
        stale = fetch(cursor, STALE, LEFT_OUT)
        drop(cursor, "ledger_judged", "ledger_receivers")
        counted(cursor, posted, "ledger_entry", "ledger_holding")
        seal = seal_within(by=by, recorded_at=act.recorded_at)
    return BatchResult(batch, posted, stale, already=False, seal_number=seal.number)


def _checked(frame: pl.DataFrame, act: Act, effective_date: date) -> pl.DataFrame:
    """The asked rows by subject; LedgerError for what makes the whole batch senseless."""
    asked = frame.select(pl.col(name).cast(dtype) for name, dtype in ASKED.items()).sort("subject_id")
    if act.kind not in _KINDS:
        raise LedgerError(f"批次类型 {act.kind} 不能这样过账")
    if effective_date > act.today:
        raise LedgerError("生效日期不得晚于记账日")
    if asked["subject_id"].null_count() or asked["custodian_id"].null_count():
        raise LedgerError("批次中有空的对象或接收人")
    if asked["subject_id"].is_duplicated().any():
        raise LedgerError("批次中同一对象出现两次")
    return asked


def _judge(cursor: Cursor, act: Act, relation: str, effective_date: date) -> int:
    """Give every asked row its verdict; returns how many will be posted."""
    receivers = pl.DataFrame({"custodian_id": org.receiving(act.today)}, schema={"custodian_id": pl.Int64})
    load(cursor, "ledger_receivers", receivers)
    drop(cursor, "ledger_judged")
    cursor.execute(JUDGE, act.params(relation=relation, effective_date=effective_date))
    cursor.execute("SELECT COUNT(*) FROM ledger_judged WHERE verdict = 'ok'")
    (posted,) = cursor.fetchone()
    return int(posted)


def transfer(
    subject_id: int,
    custodian_id: int,
    *,
    expected_head: int,
    relation: str = Relation.CUSTODY,
    key: str,
    by: int,
    approved_by: int,
    effective_date: date,
    recorded_at: datetime,
    rule: str,
    reason_code: str,
) -> BatchResult:
    """Move one subject to another custodian: a batch of one, with its second person."""
    row = pl.DataFrame(
        {"subject_id": [subject_id], "custodian_id": [custodian_id], "expected_head": [expected_head]},
        schema=ASKED,
    )
    return post_batch(
        row,
        kind=EntryKind.TRANSFER,
        relation=relation,
        key=key,
        by=by,
        approved_by=approved_by,
        effective_date=effective_date,
        recorded_at=recorded_at,
        rule=rule,
        reason_code=reason_code,
    )
