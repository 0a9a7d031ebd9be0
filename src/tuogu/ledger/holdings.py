"""The one derived table: recreates Holding from the entries, and finds where the two differ.

In: the entries. Out: Holding, or the differences. Never: a custodian that no entry names.
"""

from __future__ import annotations

from tuogu.ledger.staging import Cursor, staged

_COLUMNS = "subject_id, relation, custodian_id, since_date, entry_id, last_seq"
FOLD = """
SELECT t.subject_id, t.relation, e.custodian_id, e.effective_date AS since_date, e.id AS entry_id, t.last_seq
FROM (SELECT subject_id, relation, MAX(seq) AS last_seq,
             MAX(CASE WHEN effective_until IS NULL THEN seq END) AS head_seq
      FROM ledger_entry GROUP BY subject_id, relation) t
JOIN ledger_entry e ON e.subject_id = t.subject_id AND e.relation = t.relation AND e.seq = t.head_seq
"""


def differences(cursor: Cursor, limit: int) -> list[tuple[int, str]]:
    """(subject_id, relation) of the first `limit` holdings that are not what the entries say, by subject."""
    cursor.execute(
        f"""SELECT f.subject_id, f.relation FROM ({FOLD}) f
            LEFT JOIN ledger_holding h ON h.subject_id = f.subject_id AND h.relation = f.relation
            WHERE h.entry_id IS NULL OR h.entry_id <> f.entry_id OR h.last_seq <> f.last_seq
               OR h.since_date <> f.since_date OR COALESCE(h.custodian_id, 0) <> COALESCE(f.custodian_id, 0)
            UNION ALL
            SELECT h.subject_id, h.relation FROM ledger_holding h
            WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e
                              WHERE e.subject_id = h.subject_id AND e.relation = h.relation AND e.seq = 1)
            ORDER BY 1, 2 LIMIT %s""",
        [limit],
    )
    return [(int(subject), str(relation)) for subject, relation in cursor.fetchall()]


def rebuild_holdings() -> int:
    """Recreate Holding under the exclusive lock; returns how many rows it has now."""
    with staged({}) as cursor:
        cursor.execute("DELETE FROM ledger_holding")
        cursor.execute(f"INSERT INTO ledger_holding ({_COLUMNS}) {FOLD}")
        cursor.execute("SELECT COUNT(*) FROM ledger_holding")
        (rows,) = cursor.fetchone()
    return int(rows)
