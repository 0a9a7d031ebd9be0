"""The one derived table: recreates Holding from the entries, and finds where the two differ.

In: the entries. Out: Holding, or the differences. Never: a custodian that no entry names.
"""

from __future__ import annotations

from tuogu.bulk import Cursor
from tuogu.ledger.staging import staged

_COLUMNS = "subject_id, relation, custodian_id, since_date, entry_id, last_seq"
FOLD = """
SELECT t.subject_id, t.relation, e.custodian_id, e.effective_date AS since_date, e.id AS entry_id, t.last_seq
FROM (SELECT subject_id, relation, MAX(seq) AS last_seq,
             MAX(CASE WHEN effective_until IS NULL THEN seq END) AS head_seq
      FROM ledger_entry GROUP BY subject_id, relation) t
JOIN ledger_entry e ON e.subject_id = t.subject_id AND e.relation = t.relation AND e.seq = t.head_seq
"""


# Each history counted once: are its seqs 1, 2, 3 …, and does its holding state its head? Duplicate seqs that add up
# all the same need unique(subject, relation, seq) to be gone, which `missing_guards` reports.
_HISTORIES = """
SELECT subject_id, relation, gap, differs FROM (
  SELECT t.subject_id, t.relation,
         CASE WHEN t.first_seq <> 1 OR t.last_seq <> t.entries OR 2 * t.total <> t.entries * (t.entries + 1)
              THEN 1 ELSE 0 END AS gap,
         CASE WHEN h.last_seq = t.last_seq AND e.seq = t.head_seq AND e.subject_id = t.subject_id
               AND e.relation = t.relation AND h.since_date = e.effective_date
               AND COALESCE(h.custodian_id, 0) = COALESCE(e.custodian_id, 0)
              THEN 0 ELSE 1 END AS differs
  FROM (SELECT subject_id, relation, COUNT(*) AS entries, MIN(seq) AS first_seq, MAX(seq) AS last_seq,
               SUM(seq) AS total, MAX(CASE WHEN effective_until IS NULL THEN seq END) AS head_seq
        FROM ledger_entry GROUP BY subject_id, relation) t
  LEFT JOIN ledger_holding h ON h.subject_id = t.subject_id AND h.relation = t.relation
  LEFT JOIN ledger_entry e ON e.id = h.entry_id
) found WHERE gap = 1 OR differs = 1
ORDER BY 1, 2 LIMIT %s
"""
_COUNTS = "SELECT (SELECT COUNT(*) FROM ledger_holding), (SELECT COUNT(*) FROM ledger_entry WHERE seq = 1)"
_WITHOUT_HISTORY = """
SELECT h.subject_id, h.relation, 0, 1 FROM ledger_holding h
WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e
                  WHERE e.subject_id = h.subject_id AND e.relation = h.relation AND e.seq = 1)
ORDER BY 1, 2 LIMIT %s
"""


def faulty_histories(cursor: Cursor, limit: int) -> list[tuple[int, str, bool, bool]]:
    """(subject_id, relation, seq has a gap, holding is not what the entries say) of the first `limit` histories
    with one of the two, by subject.
    """
    cursor.execute(_HISTORIES, [limit])
    rows = cursor.fetchall()
    cursor.execute(_COUNTS)
    stored, histories = cursor.fetchone()
    if (
        stored != histories
    ):  # every history has its holding, so there are holdings that no history accounts for
        cursor.execute(_WITHOUT_HISTORY, [limit])
        rows += cursor.fetchall()
    return [
        (int(subject), str(relation), bool(gap), bool(differs)) for subject, relation, gap, differs in rows
    ]


def rebuild_holdings() -> int:
    """Recreate Holding under the exclusive lock; returns how many rows it has now."""
    with staged({}) as cursor:
        cursor.execute("DELETE FROM ledger_holding")
        cursor.execute(f"INSERT INTO ledger_holding ({_COLUMNS}) {FOLD}")
        cursor.execute("SELECT COUNT(*) FROM ledger_holding")
        (rows,) = cursor.fetchone()
    return int(rows)
