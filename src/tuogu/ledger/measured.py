"""What figures ask of the ledger: who held what on a day, and what was given to whom, as known at a moment (N-16).

In: days, a moment of knowledge (None = now). Out: whole-column frames. Never: an entry recorded after that moment, an
assignment that had been taken back by then.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import connection

from tuogu.bulk import drop, fetch, load
from tuogu.ledger.kinds import SubjectKind

STOOD: dict[str, Any] = {
    "subject_id": pl.Int64,
    "kind": pl.String,
    "custodian_id": pl.Int64,  # null = closed by then
    "last_custodian_id": pl.Int64,  # who had it last, also where it is closed
}
TOUCHED: dict[str, Any] = {"subject_id": pl.Int64, "kind": pl.String, "number": pl.String}
ASSIGNED: dict[str, Any] = {
    "subject_id": pl.Int64,
    "kind": pl.String,
    "number": pl.String,
    "relation": pl.String,
    "custodian_id": pl.Int64,
    "effective_date": pl.Date,
}
_STOOD = """
SELECT t.subject_id, s.kind, e.custodian_id, h.custodian_id FROM
    (SELECT e.subject_id, MAX(e.seq) AS seq, MAX(CASE WHEN e.custodian_id IS NULL THEN NULL ELSE e.seq END) AS held_seq
     FROM ledger_entry e
     WHERE e.relation = 'custody' AND e.effective_date <= %(on_date)s
       AND (e.effective_until IS NULL OR e.effective_until > %(on_date)s)
       AND (CAST(%(known_at)s AS {moment}) IS NULL OR e.recorded_at <= %(known_at)s) {which}
     GROUP BY e.subject_id) t
JOIN ledger_subject s ON s.id = t.subject_id
JOIN ledger_entry e ON e.subject_id = t.subject_id AND e.relation = 'custody' AND e.seq = t.seq
LEFT JOIN ledger_entry h ON h.subject_id = t.subject_id AND h.relation = 'custody' AND h.seq = t.held_seq
ORDER BY t.subject_id
"""
_OF_KINDS = "AND e.subject_id IN (SELECT id FROM ledger_subject WHERE kind IN ({kinds}))"
_MOVED = """
AND e.subject_id IN (SELECT m.subject_id FROM ledger_entry m WHERE m.relation = 'custody' AND (
    (m.effective_date > %(on_date)s AND m.effective_date <= %(until)s)
    OR (m.effective_until > %(on_date)s AND m.effective_until <= %(until)s)))
"""
_AMONG = "AND e.subject_id IN (SELECT subject_id FROM measured_among)"
_TOUCHED = """
SELECT DISTINCT e.subject_id, s.kind, s.number FROM ledger_entry e JOIN ledger_subject s ON s.id = e.subject_id
WHERE e.custodian_id IN (SELECT person_id FROM measured_persons) ORDER BY e.subject_id
"""
_ASSIGNED = """
SELECT e.subject_id, s.kind, s.number, e.relation, e.custodian_id, e.effective_date FROM ledger_entry e
JOIN ledger_subject s ON s.id = e.subject_id
JOIN org_custodian c ON c.id = e.custodian_id AND c.kind = 'person'
WHERE e.kind IN ('release', 'claim') AND e.relation IN ('custody', 'development')
  AND s.kind IN ('policy', 'customer') AND e.effective_date >= %(first)s AND e.effective_date < %(until)s
  AND (CAST(%(known_at)s AS {moment}) IS NULL OR e.recorded_at <= %(known_at)s)
  AND NOT EXISTS (SELECT 1 FROM ledger_entry u JOIN ledger_batch b ON b.id = u.batch_id
                  WHERE u.subject_id = e.subject_id AND u.relation = e.relation AND b.undoes_id = e.batch_id
                    AND (CAST(%(known_at)s AS {moment}) IS NULL OR u.recorded_at <= %(known_at)s))
ORDER BY e.effective_date, e.id
"""


def stood(
    on_date: date,
    *,
    kinds: Collection[str] = (),
    moved_until: date | None = None,
    among: pl.Series | None = None,
    known_at: datetime | None = None,
) -> pl.DataFrame:
    """STOOD of every subject that was ever in somebody's custody by a day, by subject; `kinds`: only of such subjects;
    `among`: only of these. `moved_until`: only of those whose custody may have changed after that day and by this one."""
    some = bool(kinds) and set(kinds) != set(SubjectKind)
    which = (
        _OF_KINDS.format(kinds=", ".join(f"'{SubjectKind(one)}'" for one in sorted(kinds))) if some else ""
    )
    which += _MOVED if moved_until else ""
    given = _given(on_date=on_date, until=moved_until or on_date, known_at=known_at)
    with connection.cursor() as cursor:
        if among is None:
            return fetch(cursor, STOOD, _sql(_STOOD, which=which), given)
        load(cursor, "measured_among", pl.DataFrame({"subject_id": among}, schema={"subject_id": pl.Int64}))
        found = fetch(cursor, STOOD, _sql(_STOOD, which=which + _AMONG), given)
        drop(cursor, "measured_among")
        return found


def touched(persons: Collection[int]) -> pl.DataFrame:
    """TOUCHED: every subject that any of these custodians ever had, in whatever relation."""
    with connection.cursor() as cursor:
        load(
            cursor,
            "measured_persons",
            pl.DataFrame({"person_id": sorted(persons)}, schema={"person_id": pl.Int64}),
        )
        found = fetch(cursor, TOUCHED, _TOUCHED)
        drop(cursor, "measured_persons")
        return found


def assigned(first: date, until: date, *, known_at: datetime | None = None) -> pl.DataFrame:
    """ASSIGNED: what releases and claims gave to people from `first` to `until` (half open) and was not taken back."""
    with connection.cursor() as cursor:
        return fetch(cursor, ASSIGNED, _sql(_ASSIGNED), _given(first=first, until=until, known_at=known_at))


def _sql(text: str, which: str = "") -> str:
    moment = "timestamptz" if connection.vendor == "postgresql" else "text"
    return text.format(moment=moment, which=which)


def _given(*, known_at: datetime | None, **days: date) -> dict[str, Any]:
    ops = connection.ops
    return {
        **{name: ops.adapt_datefield_value(day) for name, day in days.items()},
        "known_at": ops.adapt_datetimefield_value(known_at) if known_at else None,
    }
