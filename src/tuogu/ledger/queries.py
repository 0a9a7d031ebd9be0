"""Reads of the ledger. Lists take a Scope; custodians, subjects and batches are ids.

"Who held it on day d, as known at k" is the fold of the entries recorded up to k; `tuogu.core.custody` is
its slow twin. Nothing here decrypts; `org.queries.labels` and `names` say who an id is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import Count, Q, QuerySet

from tuogu.bulk import drop, fetch, in_parts, load
from tuogu.core.custody import Entry as PureEntry
from tuogu.core.custody import custodian_on as fold
from tuogu.ledger.audited import Link, audit_tables, links, sealed_lines
from tuogu.ledger.circulation import circulation
from tuogu.ledger.feed import sealed_until
from tuogu.ledger.first_entries import opened_by, opening_batches
from tuogu.ledger.given import still_given
from tuogu.ledger.guards import missing_guards as _missing_guards
from tuogu.ledger.guards import missing_triggers as _missing_triggers
from tuogu.ledger.kinds import Relation, SubjectKind
from tuogu.ledger.leave_batches import (
    Leave,
    TakenBack,
    first_day,
    leavers_of,
    leaves_not_in,
    leaves_taken_back,
    pieces_of,
    subjects_of_batch,
)
from tuogu.ledger.leaving import preview_leave
from tuogu.ledger.measured import assigned, stood, touched
from tuogu.ledger.models import Batch, Entry, Holding, Seal, Subject
from tuogu.ledger.moment import version
from tuogu.ledger.numbered import (
    Head,
    heads_by_number,
    numbers_held_by,
    numbers_of,
    oldest_held,
    received,
)
from tuogu.ledger.previewing import preview_batch, preview_undo
from tuogu.ledger.recent import RecentBatch, RecentLeave, recent_batches, recent_leaves, seal_mark
from tuogu.ledger.records import (
    Assignment,
    PostedBatch,
    SealState,
    Turn,
    entries,
    entries_of_kind,
    of_kind,
    posted_batches,
    seal_state,
    told,
    told_batches,
    turns,
    turns_of,
)
from tuogu.ledger.results import BatchPreview, BatchResult, LeavePreview, UndoPreview, VerifyReport
from tuogu.ledger.single import entrusted, own_business
from tuogu.ledger.verifying import verify
from tuogu.org import queries as org
from tuogu.org.scope import Scope

__all__ = [
    "Assignment",
    "BatchPreview",
    "BatchResult",
    "Head",
    "Holder",
    "Leave",
    "LeavePreview",
    "Link",
    "PostedBatch",
    "RecentBatch",
    "RecentLeave",
    "SealState",
    "TakenBack",
    "Turn",
    "UndoPreview",
    "VerifyReport",
    "assigned",
    "audit_tables",
    "batch",
    "batch_by_key",
    "batches",
    "circulation",
    "custodian_on",
    "custodians_on",
    "customer_subjects",
    "entries",
    "entries_of_kind",
    "entrusted",
    "first_day",
    "heads_by_number",
    "held_by",
    "held_counts",
    "held_kinds",
    "history",
    "holders_by_number",
    "holders_of",
    "holdings",
    "last_holders",
    "last_seal_mark",
    "leavers_of",
    "leaves_not_in",
    "leaves_taken_back",
    "links",
    "loads",
    "missing_guards",
    "missing_triggers",
    "numbers_held_by",
    "numbers_of",
    "of_kind",
    "oldest_held",
    "open_subjects",
    "opened_by",
    "opening_batches",
    "pieces_of",
    "posted_batches",
    "preview_batch",
    "preview_leave",
    "preview_undo",
    "received",
    "recent_batches",
    "recent_leaves",
    "relations_of",
    "relations_of_many",
    "seal_mark",
    "seal_state",
    "sealed_lines",
    "sealed_until",
    "standing_of",
    "still_given",
    "stood",
    "subject_ids",
    "subjects_of_batch",
    "told",
    "told_batches",
    "touched",
    "turns",
    "turns_of",
    "verify",
    "version",
]
_AT_ONCE = 5000  # subjects of one query: below the parameter limits of both databases

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


NOW = {"subject_id": pl.Int64, "number": pl.String, "holder_id": pl.Int64, "head": pl.Int64}


def standing_of(subjects: QuerySet[Any], *, relation: str = Relation.CUSTODY) -> pl.DataFrame:
    """Who holds each of `subjects` (a query of one column of ids, by `values`) now in one relation, by subject: columns NOW.

    holder null = closed, or nobody yet; head null = no entry in this relation. For the caller that has already applied a
    scope to what the ids stand for. The ids are read first and joined as a table of their own: as a query within the
    query, a database that has not yet counted the caller's tables may read every holding once for each of them.
    """
    asked = pl.DataFrame(
        {"subject_id": [i for row in subjects for i in row.values()]}, schema={"subject_id": pl.Int64}
    )
    with connection.cursor() as cursor:
        load(cursor, "ledger_asked", asked.unique())
        now = fetch(cursor, NOW, _STANDING_SQL, [relation])
        drop(cursor, "ledger_asked")
    return now


_STANDING_SQL = """
SELECT s.id, s.number, h.custodian_id, h.entry_id
FROM ledger_asked asked
JOIN ledger_subject s ON s.id = asked.subject_id
LEFT JOIN ledger_holding h ON h.subject_id = s.id AND h.relation = %s
ORDER BY s.id
"""


def last_holders(subjects: Iterable[int]) -> dict[int, int]:
    """Who had custody of each of some subjects last: now, or before it was closed. One query for each few thousand."""
    wanted, found = sorted(set(subjects)), dict[int, int]()
    for part in in_parts(wanted, _AT_ONCE):
        rows = Entry.objects.filter(subject__in=part, relation=Relation.CUSTODY, custodian__isnull=False)
        found |= dict(rows.order_by("subject_id", "seq").values_list("subject_id", "custodian_id"))
    return found


def holders_by_number(
    numbers: Iterable[str], *, kind: str, relation: str = Relation.CUSTODY
) -> dict[str, int | None]:
    """Who holds each of some subjects of one kind now, by number; None = closed. One query."""
    rows = Holding.objects.filter(
        relation=relation, subject__kind=kind, subject__number__in=sorted(set(numbers))
    )
    return {
        str(number): custodian for number, custodian in rows.values_list("subject__number", "custodian_id")
    }


@dataclass(frozen=True)
class Holder:
    """Who holds a subject now (None = closed), since when, by which entry."""

    custodian_id: int | None
    since_date: date
    entry_id: int


def held_by(custodian_ids: Iterable[int], *, relation: str = Relation.CUSTODY) -> QuerySet[Any]:
    """Subject ids held by these custodians now, as a subquery for the lists of other rooms."""
    return Holding.objects.filter(relation=relation, custodian_id__in=sorted(set(custodian_ids))).values(
        "subject_id"
    )


def held_counts(custodian_ids: Iterable[int], *, relation: str = Relation.CUSTODY) -> dict[int, int]:
    """How many subjects each of these custodians holds now; who holds none is absent. One query."""
    held = Holding.objects.filter(relation=relation, custodian_id__in=sorted(set(custodian_ids)))
    return dict(held.values("custodian_id").annotate(n=Count("subject_id")).values_list("custodian_id", "n"))


def open_subjects(*, relation: str = Relation.CUSTODY) -> QuerySet[Any]:
    """Ids of the subjects that somebody holds now, as a subquery: whoever is live and absent is a gap."""
    return Holding.objects.filter(relation=relation, custodian_id__isnull=False).values("subject_id")


def holders_of(subject_ids: Iterable[int], *, relation: str = Relation.CUSTODY) -> dict[int, Holder]:
    """Who holds some subjects now, by id: one query; subjects without this relation are absent."""
    rows = Holding.objects.filter(relation=relation, subject_id__in=sorted(set(subject_ids)))
    fields = rows.values_list("subject_id", "custodian_id", "since_date", "entry_id")
    return {subject: Holder(custodian, since, entry) for subject, custodian, since, entry in fields}


def relations_of(subject_id: int) -> dict[str, Holder]:
    """Who holds one subject now, by relation; a relation that nobody ever had is absent."""
    rows = Holding.objects.filter(subject_id=subject_id)
    fields = rows.values_list("relation", "custodian_id", "since_date", "entry_id")
    return {relation: Holder(custodian, since, entry) for relation, custodian, since, entry in fields}


def relations_of_many(subject_ids: Iterable[int]) -> dict[tuple[int, str], Holder]:
    """`relations_of` of some subjects at once, by subject and relation: one query."""
    rows = Holding.objects.filter(subject_id__in=sorted(set(subject_ids)))
    fields = rows.values_list("subject_id", "relation", "custodian_id", "since_date", "entry_id")
    return {
        (subject, name): Holder(custodian, since, entry) for subject, name, custodian, since, entry in fields
    }


def customer_subjects(number: str) -> QuerySet[Any]:
    """Subject ids of the customers of this number, as a subquery for the lists of other rooms."""
    return Subject.objects.filter(number=number, kind=SubjectKind.CUSTOMER).values("pk")


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


def held_kinds(custodian_id: int) -> list[tuple[str, str, int]]:
    """(relation, kind of subject, how many) of what one custodian holds now."""
    rows = Holding.objects.filter(custodian_id=custodian_id).values_list("relation", "subject__kind")
    return [
        tuple(row) for row in rows.annotate(held=Count("subject_id")).order_by("relation", "subject__kind")
    ]


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
        pl.DataFrame({"number": sorted(set(numbers))}, schema={"number": pl.String}),
        on="number",
        how="semi",
        maintain_order="left",
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


def last_seal_mark() -> str:
    """First eight digits of the newest seal's digest, as people compare them: '9c41·e07b'; '' before the first."""
    digest = Seal.objects.order_by("-number").values_list("digest", flat=True).first()
    return seal_mark(digest)


def missing_guards() -> list[str]:
    """Names of append-only triggers that are absent, switched off or altered."""
    return _missing_guards(connection)


def missing_triggers() -> list[str]:
    """`missing_guards` without the constraints, by one query: what pages ask."""
    return _missing_triggers(connection)
