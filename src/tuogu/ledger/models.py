"""Tables of the custody ledger. Private to this room; foreign keys point down only.

Subject   what is held; its number may be emptied (erasure), nothing else ever changes
Batch     one act over many subjects: who posted it, who approved it, under which key
Entry     one line: from `effective_date` on (or until `effective_until`) the custodian is …; append-only
Seal      a link of the hash chain; SealedEntry ties each entry, with its digest, to its seal; append-only
Holding   derived: who holds what now; `rebuild_holdings` recreates it from the entries

The triggers that make this append-only stand in sql/ and are installed by guards.py.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tuogu.ledger.kinds import APPROVED_KINDS, EntryKind, Relation, SubjectKind

_CUSTODIAN = "org.Custodian"

PERSONAL = {  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
    "Subject": {"id": "C0", "kind": "C1", "source_system": "C1", "number": "C1"},
    "Batch": {
        "id": "C0", "kind": "C1", "relation": "C1", "key": "C0", "content_digest": "C0", "posted": "C1", "undoes": "C0",
        "leaver": "C1", "by": "C1", "approved_by": "C1", "effective_date": "C1", "recorded_at": "C1", "rule": "C1",
        "reason_code": "C1",
    },
    "Entry": {
        "id": "C0", "subject": "C0", "relation": "C1", "seq": "C0", "custodian": "C1", "kind": "C1",
        "effective_date": "C1", "effective_until": "C1", "recorded_at": "C1", "recorded_date": "C1", "by": "C1",
        "batch": "C0", "rule": "C1", "reason_code": "C1",
    },
    "Seal": {
        "number": "C0", "previous_digest": "C0", "digest": "C0", "entries": "C0", "lines_digest": "C0",
        "entries_digest": "C0", "last_entry_id": "C0", "by": "C1", "recorded_at": "C1",
    },
    "SealedEntry": {"id": "C0", "entry": "C0", "seal": "C0", "digest": "C0"},
    "Holding": {
        "subject": "C0", "relation": "C1", "custodian": "C1", "since_date": "C1", "entry": "C0",
        "last_seq": "C0",
    },
}  # fmt: skip


class Subject(models.Model):
    """A policy, customer or vehicle case. `books` points down to it; number: text, null after erasure."""

    kind = models.TextField(choices=SubjectKind.choices)
    source_system = models.TextField()
    number = models.TextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="ledger_subject_once", fields=["number", "source_system"]),
            models.CheckConstraint(name="ledger_subject_kind", condition=Q(kind__in=SubjectKind.values)),
        ]


class Batch(models.Model):
    """One atomic act. The same key never posts twice. Releases, transfers and undos carry a second person."""

    kind = models.TextField(choices=EntryKind.choices)
    relation = models.TextField(choices=Relation.choices)
    key = models.TextField(null=True, unique=True)
    content_digest = models.TextField()  # of (subject, custodian) asked for: one key, one content
    posted = models.BigIntegerField()  # number of its entries, known before they are written
    undoes = models.ForeignKey("self", models.PROTECT, null=True, related_name="undone_by")
    leaver = models.ForeignKey(
        _CUSTODIAN, models.PROTECT, null=True, related_name="+", db_index=False
    )  # whose leave it is, also where nothing moved
    by = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+", db_index=False)
    approved_by = models.ForeignKey(_CUSTODIAN, models.PROTECT, null=True, related_name="+", db_index=False)
    effective_date = models.DateField()
    recorded_at = models.DateTimeField()
    rule = models.TextField()
    reason_code = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="ledger_batch_kind", condition=Q(kind__in=EntryKind.values)),
            models.CheckConstraint(name="ledger_batch_relation", condition=Q(relation__in=Relation.values)),
            models.CheckConstraint(
                name="ledger_batch_second_person",
                condition=~Q(kind__in=APPROVED_KINDS)
                | (Q(approved_by__isnull=False) & ~Q(approved_by=F("by"))),
            ),
            models.CheckConstraint(
                name="ledger_batch_undoes",
                condition=Q(kind="undo", undoes__isnull=False) | (~Q(kind="undo") & Q(undoes__isnull=True)),
            ),
        ]


class Entry(models.Model):
    """One line of the ledger; never changed, never deleted. See `tuogu.core.custody` for what it means."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="entries", db_index=False)
    relation = models.TextField(choices=Relation.choices)
    seq = models.IntegerField()
    custodian = models.ForeignKey(_CUSTODIAN, models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.TextField(choices=EntryKind.choices)
    effective_date = models.DateField()
    effective_until = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_date = models.DateField()
    by = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+", db_index=False)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="entries")
    rule = models.TextField()
    reason_code = models.TextField()

    class Meta:
        indexes = [
            models.Index(name="ledger_entry_custodian", fields=["custodian", "relation"]),
            models.Index(name="ledger_entry_recorded", fields=["recorded_date", "id"]),  # the record's order
        ]
        constraints = [
            models.UniqueConstraint(name="ledger_entry_once", fields=["subject", "relation", "seq"]),
            models.CheckConstraint(name="ledger_entry_relation", condition=Q(relation__in=Relation.values)),
            models.CheckConstraint(name="ledger_entry_kind", condition=Q(kind__in=EntryKind.values)),
            models.CheckConstraint(
                name="ledger_entry_first",
                condition=Q(seq=1, kind="open")
                | (Q(seq=1) & ~Q(relation="custody"))
                | (Q(seq__gt=1) & ~Q(kind="open")),
            ),
            models.CheckConstraint(
                name="ledger_entry_not_ahead", condition=Q(effective_date__lte=F("recorded_date"))
            ),
            models.CheckConstraint(
                name="ledger_entry_slice",
                condition=Q(effective_until__isnull=True)
                | Q(
                    kind="leave",
                    effective_until__gt=F("effective_date"),
                    effective_until__lte=F("recorded_date"),
                ),
            ),
            models.CheckConstraint(
                name="ledger_entry_holder",
                condition=(Q(kind="close") & Q(custodian__isnull=True))
                | (~Q(kind="close") & Q(custodian__isnull=False))
                | (Q(kind="undo", custodian__isnull=True) & ~Q(relation="custody")),
            ),
            models.CheckConstraint(
                name="ledger_entry_in_batch", condition=~Q(kind__in=APPROVED_KINDS) | Q(batch__isnull=False)
            ),
        ]


class Seal(models.Model):
    """One link of the chain: `digest` covers the number, the digest before, and everything that is sealed."""

    number = models.BigIntegerField(primary_key=True)
    previous_digest = models.TextField()
    digest = models.TextField()
    entries = models.BigIntegerField()
    lines_digest = models.TextField()  # of the canonical lines: one quick hash says whether all are as sealed
    entries_digest = (
        models.TextField()
    )  # of the digests in SealedEntry, which name the entry when they are not
    last_entry_id = models.BigIntegerField()  # every entry up to this id is in this seal or an earlier one
    by = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()


class SealedEntry(models.Model):
    """Ties an entry to its seal. Ids grow in the order in which the entries were sealed."""

    entry = models.OneToOneField(Entry, models.PROTECT, related_name="sealed")
    seal = models.ForeignKey(Seal, models.PROTECT, related_name="sealed_entries", db_index=False)
    digest = models.BinaryField()  # SHA-256 of the entry's canonical line, see sealing.py


class Holding(models.Model):
    """Derived: who holds a subject now, since when, by which entry. custodian null = closed."""

    pk = models.CompositePrimaryKey("subject_id", "relation")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="holdings", db_index=False)
    relation = models.TextField(choices=Relation.choices)
    custodian = models.ForeignKey(_CUSTODIAN, models.PROTECT, null=True, related_name="+", db_index=False)
    since_date = models.DateField()
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+", db_index=False)  # the head
    last_seq = models.IntegerField()  # of the history; above the head's seq after a back-dated leave

    class Meta:
        indexes = [models.Index(name="ledger_holding_custodian", fields=["custodian", "relation"])]
