"""The distribution record (分单记录): entries as people look for them, batches, and the state of the chain (P-18).

In: entries chosen by the caller, who has applied a scope to what they are about. Out: each with who held it before. Never:
a model of this room outside it: `entries` and `posted_batches` are queries that other rooms narrow and hand back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery

from tuogu.core.custody import Entry as PureEntry
from tuogu.core.custody import Stint, timeline
from tuogu.core.custody import custodian_on as fold
from tuogu.ledger import seal_file
from tuogu.ledger.models import Batch, Entry, Seal, SealedEntry


@dataclass(frozen=True)
class Assignment:
    """One entry: what triggered it, from whom to whom, from which day, recorded when and by whom, under which rule."""

    id: int
    subject_id: int
    subject_kind: str
    number: str | None  # null once erased
    relation: str
    seq: int
    kind: str
    old_custodian_id: int | None  # who held it on the effective day before this entry; null = nobody
    new_custodian_id: int | None
    effective_date: date
    effective_until: date | None
    recorded_at: datetime
    by: int
    approved_by: int | None
    rule: str
    reason_code: str
    batch_id: int | None
    batch_key: str | None


@dataclass(frozen=True)
class Turn:
    """One entry of a history with the days that it decides today; none when later entries took all of them."""

    assignment: Assignment
    stints: tuple[Stint, ...]


@dataclass(frozen=True)
class PostedBatch:
    """One batch with its second person, what undid it, and the seal that its entries lie under (null = pending)."""

    id: int
    kind: str
    relation: str
    key: str | None
    posted: int
    by: int
    approved_by: int | None
    effective_date: date
    recorded_at: datetime
    rule: str
    reason_code: str
    undoes: int | None
    undone_by: int | None
    seal: int | None


@dataclass(frozen=True)
class SealState:
    """The newest link of the chain and what waits for the next. `outside`: the file outside the database has it too."""

    number: int | None
    digest: str
    recorded_at: datetime | None
    entries: int
    pending: int
    outside: bool


def entries() -> QuerySet[Entry]:
    """Every entry; callers narrow it and hand a page of it to `told`."""
    return Entry.objects.all()


def posted_batches() -> QuerySet[Batch]:
    """Every batch; callers narrow it and hand a page of it to `told_batches`."""
    return Batch.objects.all()


def of_kind(kind: str) -> Q:
    """Entries of a kind, found by their batches: a batch has one kind, and batches are few. Single acts have none.

    The batches are named one by one, so that the database may go by their index even where nothing is found.
    """
    batches = list(Batch.objects.filter(kind=kind).values_list("pk", flat=True))
    return Q(kind=kind) & (Q(batch__in=batches) | Q(batch__isnull=True))


def entries_of_kind(kind: str) -> QuerySet[Any]:
    """Ids of the entries of a kind, as a subquery for the lists of other rooms."""
    return Entry.objects.filter(of_kind(kind)).values("pk")


def told(page: Sequence[Entry]) -> list[Assignment]:
    """The entries with everything that people read of them: two queries, however many."""
    ids = [entry.pk for entry in page]
    rows = {entry.pk: entry for entry in Entry.objects.filter(pk__in=ids).select_related("subject", "batch")}
    before = _before(list(rows.values()))
    return [_assignment(rows[i], before[i]) for i in ids]


def _before(page: Sequence[Entry]) -> dict[int, int | None]:
    """Who held what each entry is about, on its effective day, without it and what came after it."""
    wanted = {(e.subject_id, e.relation) for e in page}
    histories: dict[tuple[int, str], list[PureEntry]] = defaultdict(list)
    for e in Entry.objects.filter(subject_id__in={subject for subject, _ in wanted}).order_by("seq"):
        histories[e.subject_id, e.relation].append(_pure(e))
    return {
        e.pk: fold([p for p in histories[e.subject_id, e.relation] if p.seq < e.seq], e.effective_date)
        for e in page
    }


def _assignment(e: Entry, old: int | None) -> Assignment:
    return Assignment(
        e.pk, e.subject_id, e.subject.kind, e.subject.number, e.relation, e.seq, e.kind, old, e.custodian_id,
        e.effective_date, e.effective_until, e.recorded_at, e.by_id, e.batch.approved_by_id if e.batch else None, e.rule,
        e.reason_code, e.batch_id, e.batch.key if e.batch else None,
    )  # fmt: skip


def turns(subject_id: int, relation: str) -> list[Turn]:
    """The whole history of one subject in one relation, newest entry first: one query."""
    rows = Entry.objects.filter(subject_id=subject_id, relation=relation).order_by("seq")
    return _turns(list(rows.select_related("subject", "batch")))


def turns_of(subject_id: int) -> dict[str, list[Turn]]:
    """`turns` of every relation that the subject has ever had: one query."""
    rows = (
        Entry.objects.filter(subject_id=subject_id)
        .order_by("relation", "seq")
        .select_related("subject", "batch")
    )
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in rows:
        found[entry.relation].append(entry)
    return {relation: _turns(history) for relation, history in found.items()}


def _turns(history: Sequence[Entry]) -> list[Turn]:
    """Turns of one history given by seq."""
    pure = [_pure(entry) for entry in history]
    stints = timeline(pure)
    found = [
        Turn(
            _assignment(entry, fold(pure[:place], entry.effective_date)),
            tuple(stint for stint in stints if stint.seq == entry.seq),
        )
        for place, entry in enumerate(history)
    ]
    return found[::-1]


def _pure(e: Entry) -> PureEntry:
    return PureEntry(e.seq, e.custodian_id, e.kind, e.effective_date, e.effective_until, e.recorded_at)


def told_batches(page: Sequence[Batch]) -> list[PostedBatch]:
    """The batches with their undoing and their seal: three queries, however many."""
    ids = [batch.pk for batch in page]
    undone = dict(Batch.objects.filter(undoes_id__in=ids).values_list("undoes_id", "pk"))
    seals = _seals_of(ids)
    return [
        PostedBatch(
            b.pk, b.kind, b.relation, b.key, b.posted, b.by_id, b.approved_by_id, b.effective_date, b.recorded_at,
            b.rule, b.reason_code, b.undoes_id, undone.get(b.pk), seals.get(b.pk),
        )
        for b in page
    ]  # fmt: skip


def _seals_of(batch_ids: Sequence[int]) -> dict[int, int]:
    """The seal of each batch's first entry: a batch is sealed whole."""
    first = Entry.objects.filter(batch_id=OuterRef("pk")).order_by("pk").values("pk")[:1]
    firsts = Batch.objects.filter(pk__in=batch_ids).annotate(first=Subquery(first)).values_list("first", "pk")
    batch_of = {entry: batch for entry, batch in firsts if entry is not None}
    sealed = SealedEntry.objects.filter(entry_id__in=batch_of).values_list("entry_id", "seal_id")
    return {batch_of[entry]: int(seal) for entry, seal in sealed}


def seal_state() -> SealState:
    """What a page says of the chain without reading the whole ledger (`verify` does that)."""
    seal = Seal.objects.order_by("-number").first()
    if seal is None:
        return SealState(None, "", None, 0, Entry.objects.count(), outside=True)
    pending = Entry.objects.filter(pk__gt=seal.last_entry_id).count()
    outside = seal_file.read(settings.TUOGU_SEAL_FILE).get(seal.number) == seal.digest
    return SealState(seal.number, seal.digest, seal.recorded_at, seal.entries, pending, outside)
