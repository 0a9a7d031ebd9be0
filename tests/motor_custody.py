"""Custody of the motor book as the database says it, by SQL alone.

In: a day. Out: faults as lines; who was last responsible. Never: a line of the product's queries.
"""

from __future__ import annotations

from datetime import date

from django.db import connection

_OPEN = """NOT EXISTS (
  SELECT 1 FROM renewals_ended e WHERE e.subject_id = m.subject_id AND NOT e.withdrawn
  AND e.outcome IN ('renewed', 'scrapped') AND e.seq = (
    SELECT MAX(x.seq) FROM renewals_ended x WHERE x.subject_id = m.subject_id))"""
_HELD = "LEFT JOIN ledger_holding h ON h.subject_id = m.subject_id AND h.relation = 'custody'"
_NOBODY = f"SELECT COUNT(*) FROM renewals_motorpolicy m {_HELD} WHERE h.custodian_id IS NULL AND {_OPEN}"
_CLOSED = (
    f"SELECT COUNT(*) FROM renewals_motorpolicy m {_HELD} WHERE h.custodian_id IS NOT NULL AND NOT ({_OPEN})"
)
_OUT_OF_POST = f"""
SELECT COUNT(*) FROM renewals_motorpolicy m {_HELD} JOIN org_custodian c ON c.id = h.custodian_id AND c.kind = 'person'
WHERE NOT EXISTS (SELECT 1 FROM org_staffrecord s WHERE s.person_id = c.id AND s.until_date IS NULL
                  AND (s.left_date IS NULL OR s.left_date > %s))"""
_NO_DUTY = f"""
SELECT COUNT(*) FROM renewals_motorpolicy m {_HELD} JOIN org_custodian c ON c.id = h.custodian_id AND c.kind <> 'person'
WHERE NOT EXISTS (SELECT 1 FROM org_dutyroster d WHERE d.pool_id = c.id AND d.from_date <= %s
                  AND (d.until_date IS NULL OR d.until_date > %s))"""
_UNDEALT = f"""
SELECT COUNT(*) FROM renewals_motorpolicy m {_HELD} JOIN org_custodian c ON c.id = h.custodian_id AND c.kind <> 'person'
JOIN renewals_listedcase l ON l.subject_id = m.subject_id
WHERE EXISTS (SELECT 1 FROM renewals_firedstep f WHERE f.subject_id = m.subject_id AND f.step = 'dealt')
  AND NOT EXISTS (SELECT 1 FROM renewals_firedstep f WHERE f.subject_id = m.subject_id AND f.step LIKE 'second%%')
  AND NOT EXISTS (SELECT 1 FROM renewals_ended e WHERE e.subject_id = m.subject_id AND NOT e.withdrawn
    AND e.seq = (SELECT MAX(x.seq) FROM renewals_ended x WHERE x.subject_id = m.subject_id))"""
_LAST = """
SELECT m.number, e.custodian_id FROM renewals_motorpolicy m
JOIN ledger_entry e ON e.subject_id = m.subject_id AND e.relation = 'custody' AND e.custodian_id IS NOT NULL
WHERE m.expiry_date >= %s AND m.expiry_date <= %s AND e.seq = (
  SELECT MAX(x.seq) FROM ledger_entry x WHERE x.subject_id = m.subject_id AND x.relation = 'custody'
  AND x.custodian_id IS NOT NULL)"""


def faults(day: date, *, morning: bool) -> list[str]:
    """What is wrong now; in the morning, after the roll, nothing that was dealt may lie in a pool again."""
    adapted = connection.ops.adapt_datefield_value(day)
    asked = {
        "nobody is responsible": (_NOBODY, []),
        "ended, but held": (_CLOSED, []),
        "held by somebody who has left": (_OUT_OF_POST, [adapted]),
        "a pool without its person": (_NO_DUTY, [adapted, adapted]),
    }
    if morning:
        asked["dealt before, in a pool"] = (_UNDEALT, [])
    found = {words: _count(sql, parameters) for words, (sql, parameters) in asked.items()}
    return [f"{day}: {count} policies: {words}" for words, count in found.items() if count]


def last_responsible(day: date) -> dict[str, int]:
    """Policies whose cover ends in the month of a day → who was last responsible by now."""
    days = [connection.ops.adapt_datefield_value(one) for one in (day.replace(day=1), day)]
    with connection.cursor() as cursor:
        cursor.execute(_LAST, days)
        return dict(cursor.fetchall())


def _count(sql: str, parameters: list[object]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters) if parameters else cursor.execute(sql.replace("%%", "%"))
        return int(cursor.fetchone()[0])
