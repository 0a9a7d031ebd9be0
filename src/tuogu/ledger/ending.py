"""Closes what is no longer live and reopens what lives again, many subjects at once, without a second person.

In: subjects and days. Out: close or reopen entries in one batch. Never: a closed subject closed again, a
close that reaches back behind the present custodian (it then counts from that custodian's first day).
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from tuogu.bulk import Cursor, drop, fetch, load
from tuogu.ledger.failures import LedgerError
from tuogu.ledger.kinds import EntryKind
from tuogu.ledger.results import STALE, BatchResult
from tuogu.ledger.staging import staged
from tuogu.ledger.writing import ENTRY_COLUMNS, Act, create_batch, derive_holdings, latest_recorded
from tuogu.org import queries as org

CLOSED = {"subject_id": pl.Int64, "effective_date": pl.Date}
REOPENED = {"subject_id": pl.Int64, "custodian_id": pl.Int64, "effective_date": pl.Date}

_JUDGE = """
CREATE TEMPORARY TABLE ledger_judged AS
SELECT s.subject_id, h.entry_id AS head, h.last_seq, h.custodian_id AS current_custodian_id,
       CASE WHEN %(kind)s = 'close' THEN NULL
            WHEN r.custodian_id IS NULL THEN %(buffer)s ELSE s.custodian_id END AS custodian_id,
       CASE WHEN s.effective_date > %(recorded_date)s THEN %(recorded_date)s
            WHEN s.effective_date < h.since_date THEN h.since_date
            ELSE s.effective_date END AS effective_date,
       CASE WHEN j.id IS NULL THEN 'unknown_subject'
            WHEN h.subject_id IS NULL THEN 'not_open'
            WHEN %(kind)s = 'close' AND h.custodian_id IS NULL THEN 'closed'
            WHEN %(kind)s = 'reopen' AND h.custodian_id IS NOT NULL THEN 'not_closed'
            ELSE 'ok' END AS verdict
FROM ledger_asked s
LEFT JOIN ledger_subject j ON j.id = s.subject_id
LEFT JOIN ledger_holding h ON h.subject_id = s.subject_id AND h.relation = 'custody'
LEFT JOIN ledger_receivers r ON r.custodian_id = s.custodian_id
"""
_POST = f"""
INSERT INTO ledger_entry ({ENTRY_COLUMNS})
SELECT j.subject_id, 'custody', j.last_seq + 1, j.custodian_id, %(kind)s, j.effective_date, NULL,
       %(recorded_at)s, %(recorded_date)s, %(by)s, %(batch)s, %(rule)s, %(reason_code)s
FROM ledger_judged j WHERE j.verdict = 'ok' ORDER BY j.subject_id
"""
_LEFT_OUT = """
SELECT subject_id, custodian_id, NULL, head, current_custodian_id, verdict
FROM ledger_judged WHERE verdict <> 'ok' ORDER BY subject_id
"""


def close(
    frame: pl.DataFrame,
    *,
    by: int,
    approved_by: int | None = None,
    recorded_at: datetime,
    rule: str,
    reason_code: str,
) -> BatchResult | None:
    """End custody of frame[subject_id, effective_date]; null result when the frame is empty or all is
    closed already.

    Rows already closed or unknown come back in `stale`. Ownership and development rights stay. A second person is
    not asked for here, but kept where there is one.
    """
    rows = frame.select(pl.col(name).cast(dtype) for name, dtype in CLOSED.items())
    nobody = pl.lit(None, dtype=pl.Int64).alias("custodian_id")
    act = Act(EntryKind.CLOSE, by, recorded_at, rule, reason_code, approved_by)
    return _end(rows.with_columns(nobody), act)


def reopen(
    frame: pl.DataFrame, *, by: int, recorded_at: datetime, rule: str, reason_code: str
) -> BatchResult | None:
    """Give frame[subject_id, custodian_id, effective_date] a custodian again; who may not receive or is
    null is replaced by the buffer group. Rows that are not closed come back in `stale`.
    """
    rows = frame.select(pl.col(name).cast(dtype) for name, dtype in REOPENED.items())
    return _end(rows, Act(EntryKind.REOPEN, by, recorded_at, rule, reason_code))


def _end(rows: pl.DataFrame, act: Act) -> BatchResult | None:
    if rows["subject_id"].is_duplicated().any() or rows.select(
        "subject_id", "effective_date"
    ).null_count().row(0) != (0, 0):
        raise LedgerError("终止或恢复的数据有空值或重复")
    with staged({"ledger_asked": rows.sort("subject_id")}) as cursor:
        latest = latest_recorded(cursor, "SELECT subject_id, 'custody' AS relation FROM ledger_asked")
        act = act.not_before(latest)
        posted = _judge(cursor, act)
        batch = _post(cursor, act, posted) if posted else None
        stale = fetch(cursor, STALE, _LEFT_OUT)
        drop(cursor, "ledger_judged", "ledger_receivers")
    if batch is None:
        return None
    return BatchResult(batch, posted, stale, already=False, seal_number=None)


def _judge(cursor: Cursor, act: Act) -> int:
    receivers = pl.DataFrame({"custodian_id": org.receiving(act.today)}, schema={"custodian_id": pl.Int64})
    load(cursor, "ledger_receivers", receivers)
    drop(cursor, "ledger_judged")
    cursor.execute(_JUDGE, act.params(buffer=org.buffer_group()))
    cursor.execute("SELECT COUNT(*) FROM ledger_judged WHERE verdict = 'ok'")
    (posted,) = cursor.fetchone()
    return int(posted)


def _post(cursor: Cursor, act: Act, posted: int) -> int:
    batch = create_batch(act, relation="custody", posted=posted, effective_date=act.today)
    cursor.execute(_POST, act.params(batch=batch))
    derive_holdings(cursor, batch, act.kind)
    return batch
