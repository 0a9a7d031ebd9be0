"""Gives subjects their first custodian and owner, in the caller's transaction where there is one (an import).

In: who holds what from which day. Out: subjects, their first entries, holdings. Never: a second opening of
the same subject, a live subject without custodian: who is unknown, or has left, is replaced by the buffer
group.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from tuogu.bulk import Cursor, counted, drop, load
from tuogu.ledger.failures import LedgerError
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.ledger.results import OpenResult
from tuogu.ledger.staging import staged
from tuogu.ledger.writing import ENTRY_COLUMNS, Act, create_batch, derive_holdings
from tuogu.org import queries as org

OPENED = {
    "kind": pl.String,
    "source_system": pl.String,
    "number": pl.String,
    "custodian_id": pl.Int64,  # null = the buffer group
    "owner_id": pl.Int64,  # owner of record; null = none known
    "effective_date": pl.Date,  # a day to come counts from the day of recording
    "reason_code": pl.String,
}
_SUBJECTS = """
INSERT INTO ledger_subject (kind, source_system, number)
SELECT s.kind, s.source_system, s.number FROM ledger_opening s
WHERE NOT EXISTS (SELECT 1 FROM ledger_subject j
                  WHERE j.number = s.number AND j.source_system = s.source_system)
ORDER BY s.place
"""
_FRESH = """
CREATE TEMPORARY TABLE ledger_fresh AS
SELECT s.place, j.id AS subject_id, s.owner_id, s.reason_code,
       CASE WHEN r.custodian_id IS NULL THEN %(buffer)s ELSE s.custodian_id END AS custodian_id,
       CASE WHEN r.custodian_id IS NULL THEN 1 ELSE 0 END AS to_buffer,
       CASE WHEN s.effective_date > %(recorded_date)s THEN %(recorded_date)s
            ELSE s.effective_date END AS effective_date
FROM ledger_opening s
JOIN ledger_subject j ON j.number = s.number AND j.source_system = s.source_system
LEFT JOIN ledger_receivers r ON r.custodian_id = s.custodian_id
WHERE NOT EXISTS (SELECT 1 FROM ledger_holding h WHERE h.subject_id = j.id AND h.relation = 'custody')
"""
_ENTRIES = f"""
INSERT INTO ledger_entry ({ENTRY_COLUMNS})
SELECT f.subject_id, %(relation)s, 1, {{holder}}, %(kind)s, f.effective_date, NULL, %(recorded_at)s,
       %(recorded_date)s, %(by)s, %(batch)s, %(rule)s, f.reason_code
FROM ledger_fresh f WHERE {{holder}} IS NOT NULL ORDER BY f.place
"""


REGISTERED = {"kind": pl.String, "source_system": pl.String, "number": pl.String}


def register_subjects(frame: pl.DataFrame) -> int:
    """Make subjects of REGISTERED rows known that are not yet, without any holder; returns how many.

    For relations that nobody holds before the first release (development of a customer).
    """
    rows = frame.select(pl.col(name).cast(dtype) for name, dtype in REGISTERED.items()).unique()
    ordered = rows.sort("source_system", "number").with_row_index("place")
    with staged({"ledger_opening": ordered.with_columns(pl.col("place").cast(pl.Int64))}) as cursor:
        cursor.execute("SELECT COUNT(*) FROM ledger_subject")
        (before,) = cursor.fetchone()
        cursor.execute(_SUBJECTS)
        cursor.execute("SELECT COUNT(*) FROM ledger_subject")
        (after,) = cursor.fetchone()
    return int(after) - int(before)


def open_custody(frame: pl.DataFrame, *, by: int, recorded_at: datetime, rule: str) -> OpenResult:
    """Create the subjects of an OPENED frame that are not there yet, with custody and, where given,
    ownership.

    Subjects that exist are left alone, so the same frame again opens nothing. (source_system, number) must
    be unique in the frame, no field but custodian_id and owner_id may be null (LedgerError).
    """
    act = Act(EntryKind.OPEN, by, recorded_at, rule, "opening")
    rows = _checked(frame)
    with staged({"ledger_opening": rows}) as cursor:
        receivers = pl.DataFrame(
            {"custodian_id": org.receiving(act.today)}, schema={"custodian_id": pl.Int64}
        )
        load(cursor, "ledger_receivers", receivers)
        cursor.execute(_SUBJECTS)
        drop(cursor, "ledger_fresh")
        cursor.execute(_FRESH, act.params(buffer=org.buffer_group()))
        cursor.execute("SELECT COUNT(*), COUNT(owner_id), COALESCE(SUM(to_buffer), 0) FROM ledger_fresh")
        opened, owned, to_buffer = cursor.fetchone()
        batch = _post(cursor, act, int(opened), int(owned)) if opened else None
        drop(cursor, "ledger_fresh", "ledger_receivers")
    return OpenResult(batch, int(opened), rows.height - int(opened), int(to_buffer))


def _checked(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in order of (source_system, number), numbered, so that ids do not depend on input order."""
    rows = frame.select(pl.col(name).cast(dtype) for name, dtype in OPENED.items())
    required = rows.drop("custodian_id", "owner_id")
    if sum(required.null_count().row(0)):
        raise LedgerError("建档数据有空的必填项")
    if rows.select("source_system", "number").is_duplicated().any():
        raise LedgerError("建档数据中同一号码出现两次")
    ordered = rows.sort("source_system", "number")
    return ordered.with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))


def _post(cursor: Cursor, act: Act, opened: int, owned: int) -> int:
    batch = create_batch(act, relation=Relation.CUSTODY, posted=opened + owned, effective_date=act.today)
    for relation, holder in ((Relation.CUSTODY, "f.custodian_id"), (Relation.OWNERSHIP, "f.owner_id")):
        cursor.execute(_ENTRIES.format(holder=holder), act.params(batch=batch, relation=str(relation)))
    derive_holdings(cursor, batch, EntryKind.OPEN)
    counted(cursor, opened, "ledger_subject", "ledger_entry", "ledger_holding")
    return batch
