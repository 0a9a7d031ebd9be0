"""Reads of the ledger. Lists take a Scope; custodians, subjects and batches are ids.

"Who held it on day d, as known at k" is the fold of the entries recorded up to k; `tuogu.core.custody` is
its slow twin. Nothing here decrypts; `org.queries.labels` and `names` say who an id is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import Count, Q, QuerySet

from tuogu.bulk import fetch
from tuogu.core.custody import Entry as PureEntry
from tuogu.core.custody import custodian_on as fold
from tuogu.ledger.guards import missing_guards as _missing_guards
from tuogu.ledger.kinds import Relation
from tuogu.ledger.models import Batch, Entry, Holding, Subject
from tuogu.ledger.results import BatchResult, VerifyReport
from tuogu.ledger.single import entrusted, own_business
from tuogu.ledger.verifying import verify
from tuogu.org import queries as org
from tuogu.org.scope import Scope

__all__ = [
    "BatchResult",
    "VerifyReport",
    "batch",
    "batch_by_key",
    "batches",
    "custodian_on",
    "custodians_on",
    "entrusted",
    "history",
    "holdings",
    "loads",
    "missing_guards",
    "subject_ids",
    "verify",
]

HOLDINGS = {
    "subject_id": pl.Int64,
    "kind": pl.String,
    "source_system": pl.String,
    "number": pl.String,
    "custodian_id": pl.Int64,
    "since_date": pl.Date,
    "head": pl.Int64,  # entry id: what `post_batch` wants as expected_head
    "head_kind": pl.String,
}
HISTORY: dict[str, pl.DataType | type[pl.DataType]] = {
    "subject_id": pl.Int64,
    "source_system": pl.String,
    "relation": pl.String,
    "seq": pl.Int64,
    "kind": pl.String,  # what triggered the assignment
    "old_custodian_id": pl.Int64,  # who held it on effective_date before this entry; null = nobody
    "new_custodian_id": pl.Int64,
    "effective_date": pl.Date,
    "effective_until": pl.Date,
    "recorded_at": pl.Datetime("us", "Asia/Shanghai"),
    "by": pl.Int64,
    "approved_by": pl.Int64,
    "rule": pl.String,
    "reason_code": pl.String,
    "batch_id": pl.Int64,
    "batch_key": pl.String,
}


def custodian_on(
    subject_id: int, relation: str, on_date: date, known_at: datetime | None = None
) -> int | None:
    """Who held the subject on `on_date`, as known at `known_at` (null = now); null = nobody."""
    entries = Entry.objects.filter(
        subject_id=subject_id, relation=relation, effective_date__lte=on_date
    ).filter(Q(effective_until__isnull=True) | Q(effective_until__gt=on_date))
    if known_at is not None:
        entries = entries.filter(recorded_at__lte=known_at)
    return entries.order_by("-seq").values_list("custodian_id", flat=True).first()


def custodians_on(relation: str, on_date: date, known_at: datetime | None = None) -> pl.DataFrame:
    """`custodian_on` of every subject at once: subject_id, custodian_id (null = closed), entry_id; by
    subject.
    """
    ops = connection.ops
    known = "AND e.recorded_at <= %(known_at)s" if known_at is not None else ""
    params = {
        "relation": str(relation),
        "on_date": ops.adapt_datefield_value(on_date),
        "known_at": ops.adapt_datetimefield_value(known_at),
    }
    with connection.cursor() as cursor:
        return fetch(
            cursor,
            {"subject_id": pl.Int64, "custodian_id": pl.Int64, "entry_id": pl.Int64},
            f"""SELECT e.subject_id, e.custodian_id, e.id FROM ledger_entry e
                JOIN (SELECT e.subject_id, MAX(e.seq) AS seq FROM ledger_entry e
                      WHERE e.relation = %(relation)s AND e.effective_date <= %(on_date)s
                        AND (e.effective_until IS NULL OR e.effective_until > %(on_date)s) {known}
                      GROUP BY e.subject_id) t ON t.subject_id = e.subject_id AND t.seq = e.seq
                WHERE e.relation = %(relation)s ORDER BY e.subject_id""",
            params,
        )


def history(number: str, *, source_system: str | None = None, relation: str | None = None) -> pl.DataFrame:
    """Every assignment of what carries this number, oldest first in each relation: columns HISTORY."""
    entries = Entry.objects.filter(subject__number=number).select_related("subject", "batch")
    if source_system is not None:
        entries = entries.filter(subject__source_system=source_system)
    if relation is not None:
        entries = entries.filter(relation=relation)
    rows, seen = [], dict[tuple[int, str], list[PureEntry]]()
    for e in entries.order_by("subject_id", "relation", "seq"):  # one subject: a handful of rows
        before = seen.setdefault((e.subject_id, e.relation), [])
        old = fold(before, e.effective_date)
        rows.append(_history_row(e, old))
        before.append(
            PureEntry(e.seq, e.custodian_id, e.kind, e.effective_date, e.effective_until, e.recorded_at)
        )
    return pl.DataFrame(rows, schema=HISTORY, orient="row")


def _history_row(e: Entry, old: int | None) -> dict[str, Any]:
    return {
        "subject_id": e.subject_id, "source_system": e.subject.source_system, "relation": e.relation,
        "seq": e.seq, "kind": e.kind, "old_custodian_id": old, "new_custodian_id": e.custodian_id,
        "effective_date": e.effective_date, "effective_until": e.effective_until,
        "recorded_at": e.recorded_at,
        "by": e.by_id, "approved_by": e.batch.approved_by_id if e.batch else None, "rule": e.rule,
        "reason_code": e.reason_code, "batch_id": e.batch_id, "batch_key": e.batch.key if e.batch else None,
    }  # fmt: skip


def holdings(
    scope: Scope,
    *,
    relation: str = Relation.CUSTODY,
    custodian_id: int | None = None,
    kind: str | None = None,
) -> pl.DataFrame:
    """What is held now by custodians within scope, by subject: columns HOLDINGS. Closed ones are absent."""
    rows = _held(scope, relation)
    if custodian_id is not None:
        rows = rows.filter(custodian_id=custodian_id)
    if kind is not None:
        rows = rows.filter(subject__kind=kind)
    fields = rows.order_by("subject_id").values_list(
        "subject_id", "subject__kind", "subject__source_system", "subject__number", "custodian_id",
        "since_date", "entry_id", "entry__kind",
    )  # fmt: skip
    return pl.DataFrame(list(fields), schema=HOLDINGS, orient="row")


def loads(scope: Scope, *, relation: str = Relation.CUSTODY, kind: str | None = None) -> pl.DataFrame:
    """How many subjects each custodian within scope holds now: custodian_id, held, entrusted; by custodian.

    entrusted = not the custodian's own business (held since the opening, or owned).
    """
    rows = _held(scope, relation)
    if kind is not None:
        rows = rows.filter(subject__kind=kind)
    counted = (
        rows.values("custodian_id")
        .annotate(held=Count("subject_id"), entrusted=Count("subject_id", filter=~own_business()))
        .order_by("custodian_id")
    )
    schema = {"custodian_id": pl.Int64, "held": pl.Int64, "entrusted": pl.Int64}
    return pl.DataFrame(list(counted), schema=schema, orient="row")


def _held(scope: Scope, relation: str) -> QuerySet[Holding]:
    rows = Holding.objects.filter(relation=relation, custodian_id__isnull=False)
    visible = org.custodians_within(scope)
    return rows if visible is None else rows.filter(custodian_id__in=visible)


def subject_ids(source_system: str, numbers: Iterable[str] | None = None) -> pl.DataFrame:
    """Ids of subjects by number: number, subject_id, kind; by number. Unknown numbers are absent."""
    rows = Subject.objects.filter(source_system=source_system, number__isnull=False)
    found = pl.DataFrame(
        list(rows.order_by("number").values_list("number", "id", "kind")),
        schema={"number": pl.String, "subject_id": pl.Int64, "kind": pl.String},
        orient="row",
    )
    if numbers is None:
        return found
    return found.join(
        pl.DataFrame({"number": sorted(set(numbers))}), on="number", how="semi", maintain_order="left"
    )


def batches(limit: int = 50) -> list[dict[str, Any]]:
    """The newest batches first: id, kind, key, posted, by_id, approved_by_id, effective_date, recorded_at,
    undoes_id.
    """
    rows = Batch.objects.order_by("-id").values(
        "id", "kind", "relation", "key", "posted", "by_id", "approved_by_id", "effective_date", "recorded_at",
        "undoes_id", "rule",
    )  # fmt: skip
    return [dict(row) for row in rows[:limit]]


def batch_by_key(key: str) -> dict[str, Any] | None:
    """The batch posted under this key, or None: {id, kind, posted, recorded_at, undone}."""
    row = Batch.objects.filter(key=key).values("id", "kind", "posted", "recorded_at").first()
    return row and {**row, "undone": Batch.objects.filter(undoes_id=row["id"]).exists()}


def batch(batch_id: int) -> pl.DataFrame:
    """The entries of a batch: subject_id, relation, seq, custodian_id, effective_date; by subject."""
    rows = Entry.objects.filter(batch_id=batch_id).order_by("subject_id", "relation", "seq")
    schema = {
        "subject_id": pl.Int64, "relation": pl.String, "seq": pl.Int64, "custodian_id": pl.Int64,
        "effective_date": pl.Date,
    }  # fmt: skip
    return pl.DataFrame(list(rows.values_list(*schema)), schema=schema, orient="row")


def missing_guards() -> list[str]:
    """Names of append-only triggers that are absent, switched off or altered."""
    return _missing_guards(connection)
