"""What figures ask of the ledger: who held what on a day, and what was given to whom, as known at a moment (N-16).

In: days, a moment of knowledge (None = now). Out: whole-column frames. Never: an entry recorded after that moment, an
assignment that had been taken back by then.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import connection

from tuogu.bulk import fetch

STOOD: dict[str, Any] = {
    "subject_id": pl.Int64,
    "kind": pl.String,
    "number": pl.String,  # null = erased
    "custodian_id": pl.Int64,  # null = closed by then
    "last_custodian_id": pl.Int64,  # who had it last, also where it is closed
    "since_date": pl.Date,
}
ASSIGNED: dict[str, Any] = {
    "subject_id": pl.Int64,
    "kind": pl.String,
    "number": pl.String,
    "relation": pl.String,
    "custodian_id": pl.Int64,
    "effective_date": pl.Date,
}
_STOOD = """
SELECT e.subject_id, s.kind, s.number, e.custodian_id, e.effective_date FROM ledger_entry e
JOIN (SELECT e.subject_id, MAX(e.seq) AS seq FROM ledger_entry e
      WHERE e.relation = 'custody' AND e.effective_date <= %(on_date)s {more}
        AND (e.effective_until IS NULL OR e.effective_until > %(on_date)s)
        AND (CAST(%(known_at)s AS {moment}) IS NULL OR e.recorded_at <= %(known_at)s)
      GROUP BY e.subject_id) t ON t.subject_id = e.subject_id AND t.seq = e.seq
JOIN ledger_subject s ON s.id = e.subject_id
WHERE e.relation = 'custody' ORDER BY e.subject_id
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


def stood(on_date: date, *, known_at: datetime | None = None) -> pl.DataFrame:
    """STOOD of every subject that was ever in somebody's custody by a day, by subject."""
    given = _given(on_date=on_date, known_at=known_at)
    plain = {name: STOOD[name] for name in ("subject_id", "kind", "number", "custodian_id", "since_date")}
    with connection.cursor() as cursor:
        now = fetch(cursor, plain, _sql(_STOOD), given)
        if not now["custodian_id"].null_count():
            return now.with_columns(last_custodian_id="custodian_id").select(*STOOD)
        had = fetch(cursor, plain, _sql(_STOOD, more="AND e.custodian_id IS NOT NULL"), given)
    last = had.select("subject_id", last_custodian_id="custodian_id")
    return now.join(last, on="subject_id", how="left", maintain_order="left").select(*STOOD)


def assigned(first: date, until: date, *, known_at: datetime | None = None) -> pl.DataFrame:
    """ASSIGNED: what releases and claims gave to people from `first` to `until` (half open) and was not taken back."""
    with connection.cursor() as cursor:
        return fetch(cursor, ASSIGNED, _sql(_ASSIGNED), _given(first=first, until=until, known_at=known_at))


def _sql(text: str, more: str = "") -> str:
    moment = "timestamptz" if connection.vendor == "postgresql" else "text"
    return text.format(moment=moment, more=more)


def _given(*, known_at: datetime | None, **days: date) -> dict[str, Any]:
    ops = connection.ops
    return {
        **{name: ops.adapt_datefield_value(day) for name, day in days.items()},
        "known_at": ops.adapt_datetimefield_value(known_at) if known_at else None,
    }
