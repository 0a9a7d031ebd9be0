"""A leaver's whole book passes to the buffer group at once, in the transaction that writes the leave date.

In: the person and the first day out of post. Out: one LEAVE batch that names the person, with an entry that names the
buffer group for every period from that day on in which the person was the holder: none, for somebody who held nothing.
Never: a later holder's days touched; ownership moved (whose business it is stays, P-04); the leave date written without
the book moved, or the other way round; a leave, from whatever face or file, without its batch.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from django.db import connection

from tuogu.bulk import Cursor, drop, fetch
from tuogu.ledger.failures import LedgerError
from tuogu.ledger.kinds import EntryKind, Relation
from tuogu.ledger.models import Batch
from tuogu.ledger.results import LEAVING, LeavePreview, LeaveResult
from tuogu.ledger.staging import staged
from tuogu.ledger.writing import ENTRY_COLUMNS, Act, create_batch, derive_holdings, latest_recorded
from tuogu.org import actions as org_actions
from tuogu.org import queries as org

_BATCH_ROWS = 2_000  # rows of one INSERT
# Endless entries of one history start on days that never decrease (see `predates_head`), so each holds from
# its own day to that of the next. Slices of earlier leaves always reach to the end of the stint they were
# cut from, so what is left of a stint ends where the first of them begins. tuogu.core.custody.leaver_slices
# says the same the slow way.
_FOUND = """
SELECT t.subject_id, t.relation, t.last_seq, t.from_date, t.until_date,
       ROW_NUMBER() OVER (PARTITION BY t.subject_id, t.relation ORDER BY t.from_date) AS place
FROM (
  SELECT s.subject_id, s.relation, h.last_seq,
         CASE WHEN s.effective_date > %(leave_date)s THEN s.effective_date
              ELSE %(leave_date)s END AS from_date,
         COALESCE((SELECT MIN(x.effective_date) FROM ledger_entry x
                   WHERE x.subject_id = s.subject_id AND x.relation = s.relation AND x.seq > s.seq
                     AND x.effective_until IS NOT NULL AND x.effective_date >= s.effective_date
                     AND x.effective_date < s.next_date), s.next_date) AS until_date
  FROM (
    SELECT e.subject_id, e.relation, e.seq, e.custodian_id, e.effective_date,
           LEAD(e.effective_date) OVER (PARTITION BY e.subject_id, e.relation ORDER BY e.seq) AS next_date
    FROM ledger_entry e
    WHERE e.effective_until IS NULL AND e.relation <> 'ownership'
      AND e.subject_id IN (SELECT subject_id FROM ledger_entry WHERE custodian_id = %(person)s)
  ) s
  JOIN ledger_holding h ON h.subject_id = s.subject_id AND h.relation = s.relation
  WHERE s.custodian_id = %(person)s
) t
WHERE t.until_date IS NULL OR t.until_date > t.from_date
"""
_SLICES = f"CREATE TEMPORARY TABLE ledger_slices AS {_FOUND}"
_PREVIEW = f"""
SELECT f.relation, j.kind, COUNT(*) - COUNT(f.until_date), COUNT(f.until_date)
FROM ({_FOUND}) f JOIN ledger_subject j ON j.id = f.subject_id GROUP BY f.relation, j.kind ORDER BY f.relation, j.kind
"""
_POST = f"""
INSERT INTO ledger_entry ({ENTRY_COLUMNS})
SELECT s.subject_id, s.relation, s.last_seq + s.place, %(buffer)s, %(kind)s, s.from_date, s.until_date,
       %(recorded_at)s, %(recorded_date)s, %(by)s, %(batch)s, %(rule)s, %(reason_code)s
FROM ledger_slices s ORDER BY s.subject_id, s.relation, s.place
"""


def preview_leave(person: int, *, leave_date: date) -> LeavePreview:
    """What `leave` would move if it were called now: the same statement, counted; nothing is written."""
    day = connection.ops.adapt_datefield_value(leave_date)
    with connection.cursor() as cursor:
        rows = fetch(cursor, LEAVING, _PREVIEW, {"person": person, "leave_date": day})
    return LeavePreview(int(rows["moved"].sum()), int(rows["past_slices"].sum()), rows)


def leave(
    person: int, *, leave_date: date, recorded_at: datetime, by: int, rule: str, reason_code: str = "left"
) -> LeaveResult:
    """Write the leave date (first day out of post) and move the book. Calling it again moves nothing more.

    An earlier date than the one written before corrects it. LedgerError for a day to come or a pool.
    """
    act = Act(EntryKind.LEAVE, by, recorded_at, rule, reason_code)
    if not org.is_person(person):
        raise LedgerError("只有人员可以离司")
    if leave_date > act.today:
        raise LedgerError("离司日期不得晚于记账日")
    with staged({}) as cursor:
        pools = org_actions.record_leaving(person, left_date=leave_date, by=by, at=recorded_at)
        drop(cursor, "ledger_slices")
        cursor.execute(_SLICES, act.params(person=person, leave_date=leave_date))
        cursor.execute("SELECT COUNT(*), COUNT(until_date) FROM ledger_slices")
        total, past = (int(n) for n in cursor.fetchone())
        batch = (
            _post(cursor, act, person, leave_date, total) if total or _unnamed(person, leave_date) else None
        )
        drop(cursor, "ledger_slices")
    return LeaveResult(batch, total - past, past, pools)


def note_leaves(
    gone: pl.DataFrame, *, by: int, recorded_at: datetime, rule: str, reason_code: str = "left"
) -> int:
    """The LEAVE batches of people who had left when they became known (custodian_id, left_date), so held nothing; returns
    how many. Their policies open with the buffer group."""
    act = Act(EntryKind.LEAVE, by, recorded_at, rule, reason_code)
    rows = [
        Batch(
            kind=act.kind, relation=Relation.CUSTODY, content_digest="", posted=0, leaver_id=person, by_id=act.by,
            effective_date=left_date, recorded_at=act.recorded_at, rule=act.rule, reason_code=act.reason_code,
        )
        for person, left_date in gone.select("custodian_id", "left_date").sort("custodian_id").iter_rows()
    ]  # fmt: skip
    return len(Batch.objects.bulk_create(rows, batch_size=_BATCH_ROWS))


def _unnamed(person: int, leave_date: date) -> bool:
    """Whether this is the person's leave date, and no batch says so yet."""
    told = Batch.objects.filter(
        kind=EntryKind.LEAVE, leaver_id=person, effective_date=leave_date, undone_by=None
    )
    return org.left_dates([person]).get(person) == leave_date and not told.exists()


def _post(cursor: Cursor, act: Act, person: int, leave_date: date, total: int) -> int:
    act = act.not_before(latest_recorded(cursor, "SELECT DISTINCT subject_id, relation FROM ledger_slices"))
    batch = create_batch(
        act, relation=Relation.CUSTODY, posted=total, effective_date=leave_date, leaver=person
    )
    cursor.execute(_POST, act.params(buffer=org.buffer_group(), batch=batch))
    derive_holdings(cursor, batch, EntryKind.LEAVE)
    return batch
