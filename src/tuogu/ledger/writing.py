"""The statements that every act over many subjects shares: the batch row, its entries, and what is derived
from them.

In: a cursor inside a locked transaction and a temporary table of judged rows. Out: entries and holdings.
Never: an entry without its holding, a holding without its entry.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any

import polars as pl
from django.db import connection

from tuogu.bulk import Cursor
from tuogu.core.custody import business_date
from tuogu.ledger.failures import KeyReusedError, LedgerError
from tuogu.ledger.kinds import APPROVED_KINDS, EntryKind
from tuogu.ledger.models import Batch
from tuogu.org import queries as org

ENTRY_COLUMNS = (
    "subject_id, relation, seq, custodian_id, kind, effective_date, effective_until, recorded_at,"
    " recorded_date, by_id, batch_id, rule, reason_code"
)


@dataclass(frozen=True)
class Act:
    """Who does what, when, by which rule: the columns that all entries of one act have in common."""

    kind: str
    by: int
    recorded_at: datetime
    rule: str
    reason_code: str
    approved_by: int | None = None

    def __post_init__(self) -> None:
        for text in (self.rule, self.reason_code):
            if not text or not text.isprintable():
                raise LedgerError("规则与原因代码不得为空，也不得含控制字符")
        if self.kind in APPROVED_KINDS:
            if self.approved_by is None or self.approved_by == self.by:
                raise LedgerError("下发、调整和撤销须由另一人复核")
            if not org.is_person(self.approved_by):
                raise LedgerError("复核人必须是在册人员")

    @property
    def today(self) -> date:
        """The business day of the act."""
        return business_date(self.recorded_at)

    def not_before(self, latest: datetime | None) -> Act:
        """The same act, recorded no earlier than `latest`: a slow clock never reorders a history."""
        if latest is None or latest <= self.recorded_at:
            return self
        return Act(self.kind, self.by, latest, self.rule, self.reason_code, self.approved_by)

    def params(self, **more: Any) -> dict[str, Any]:
        """Named parameters for SQL, in the form that the database at hand stores."""
        ops = connection.ops
        return {
            "kind": str(self.kind),
            "by": self.by,
            "recorded_at": ops.adapt_datetimefield_value(self.recorded_at),
            "recorded_date": ops.adapt_datefield_value(self.today),
            "rule": self.rule,
            "reason_code": self.reason_code,
            **{name: ops.adapt_datefield_value(v) if isinstance(v, date) else v for name, v in more.items()},
        }


def content_digest(frame: pl.DataFrame) -> str:
    """SHA-256 of what a batch asks for: subject and receiver, by subject."""
    rows = frame.select("subject_id", "custodian_id").sort("subject_id", "custodian_id")
    return hashlib.sha256(rows.write_csv(include_header=False).encode()).hexdigest()


def posted_before(key: str, digest: str) -> Batch | None:
    """The batch that already has this key; KeyReusedError when it asked for something else."""
    batch = Batch.objects.filter(key=key).first()
    if batch is not None and batch.content_digest != digest:
        raise KeyReusedError(f"批次键 {key} 已用于另一份内容")
    return batch


def latest_recorded(cursor: Cursor, subjects: str, params: Any = None) -> datetime | None:
    """When the last entry of these subjects was recorded; `subjects` is a SELECT of subject_id, relation."""
    cursor.execute(
        f"""SELECT MAX(e.recorded_at) FROM ({subjects}) s
            JOIN ledger_holding h ON h.subject_id = s.subject_id AND h.relation = s.relation
            JOIN ledger_entry e
              ON e.subject_id = h.subject_id AND e.relation = h.relation AND e.seq = h.last_seq""",
        params,
    )
    (latest,) = cursor.fetchone()
    return as_moment(latest)


def as_moment(value: Any) -> datetime | None:
    """A moment as raw SQL returns it: text in UTC on SQLite, an aware datetime on PostgreSQL."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=timezone.utc)  # noqa: UP017 - reads as the word
    return value if isinstance(value, datetime) else None


def create_batch(
    act: Act,
    *,
    relation: str,
    posted: int,
    effective_date: date,
    key: str | None = None,
    digest: str = "",
    undoes: int | None = None,
    leaver: int | None = None,
) -> int:
    """Insert the batch row; returns its id."""
    if key is not None and (not key or not key.isprintable()):
        raise LedgerError("批次键不得为空，也不得含控制字符")
    row = Batch.objects.create(
        kind=act.kind,
        relation=relation,
        key=key,
        content_digest=digest,
        posted=posted,
        undoes_id=undoes,
        leaver_id=leaver,
        by_id=act.by,
        approved_by_id=act.approved_by,
        effective_date=effective_date,
        recorded_at=act.recorded_at,
        rule=act.rule,
        reason_code=act.reason_code,
    )
    return int(row.pk)


def derive_holdings(cursor: Cursor, batch_id: int, kind: str) -> None:
    """Bring Holding up to the entries of this batch, in three statements."""
    cursor.execute(
        """INSERT INTO ledger_holding (subject_id, relation, custodian_id, since_date, entry_id, last_seq)
           SELECT subject_id, relation, custodian_id, effective_date, id, seq FROM ledger_entry
           WHERE batch_id = %s AND seq = 1""",
        [batch_id],
    )
    if kind == EntryKind.OPEN:
        return
    cursor.execute(
        """UPDATE ledger_holding
           SET custodian_id = e.custodian_id, since_date = e.effective_date, entry_id = e.id, last_seq = e.seq
           FROM ledger_entry e
           WHERE e.batch_id = %s AND e.seq > 1 AND e.effective_until IS NULL
             AND ledger_holding.subject_id = e.subject_id AND ledger_holding.relation = e.relation""",
        [batch_id],
    )
    if kind == EntryKind.LEAVE:
        cursor.execute(
            """UPDATE ledger_holding SET last_seq = t.last_seq
               FROM (SELECT subject_id, relation, MAX(seq) AS last_seq FROM ledger_entry
                     WHERE batch_id = %s GROUP BY subject_id, relation) t
               WHERE ledger_holding.subject_id = t.subject_id AND ledger_holding.relation = t.relation""",
            [batch_id],
        )
