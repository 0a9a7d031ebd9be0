"""The tables of this room. Private: other rooms use `actions` and `queries`.

What a customer said, an old or a new value and the files made of them are ciphertext (`*_sealed`). Everything but the two
rows that have a state (a batch, on its road from collection to filing) is append-only by triggers: see apps.py.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from tuogu.corrections.words import RETURN_VISIT

PERSONAL: dict[str, dict[str, str]] = {  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
    "Script": {
        "id": "C0", "name": "C1", "version": "C1", "use": "C1", "effective_date": "C1", "opening": "C1", "questions": "C1",
        "closing": "C1", "digest": "C0", "made_by": "C1", "made_at": "C1",
    },
    "ScriptApproval": {"script": "C0", "made_by": "C1", "by": "C1", "at": "C1"},
    "Programme": {
        "id": "C0", "name": "C1", "institution_code": "C1", "purpose": "C1", "script": "C0", "first_date": "C1",
        "until_date": "C1", "selection": "C1", "size": "C1", "digest": "C0", "completeness_bp": "C1", "made_by": "C1",
        "made_at": "C1",
    },
    "Target": {"id": "C0", "programme": "C0", "place": "C0", "customer_number": "C1"},
    "ReturnVisit": {
        "id": "C0", "programme": "C0", "customer_number": "C1", "script": "C0", "visited_at": "C1", "recorded_at": "C1",
        "by": "C1", "channel": "C1", "outcome": "C1", "answers_sealed": "C2", "next_at": "C1", "corrects": "C0",
        "why_corrected_sealed": "C2",
    },
    "Amendment": {
        "id": "C0", "customer_number": "C1", "institution_code": "C1", "field": "C1", "old_sealed": "C2",
        "old_hash": "C2", "new_sealed": "C2", "new_hash": "C2", "source": "C1", "visit": "C0", "undoes": "C0",
        "evidence_sealed": "C2", "by": "C1", "recorded_at": "C1",
    },
    "Withdrawal": {"amendment": "C0", "reason": "C1", "by": "C1", "at": "C1"},
    "Batch": {
        "id": "C0", "institution_code": "C1", "custodian": "C1", "first_date": "C1", "until_date": "C1", "undoes": "C0",
        "state": "C1", "rows": "C1", "content_digest": "C0", "file_digest": "C0", "made_by": "C1", "made_at": "C1",
        "signed_by": "C1", "signed_at": "C1", "signed_digest": "C0", "applied_by": "C1", "applied_at": "C1",
        "applied_digest": "C0",
    },
    "BatchEvent": {"id": "C0", "batch": "C0", "state": "C1", "reason": "C1", "by": "C1", "at": "C1"},
    "BatchLine": {"id": "C0", "batch": "C0", "place": "C0", "amendment": "C0"},
    "LineOutcome": {"line": "C0", "outcome": "C1", "at": "C1"},
    "BatchPaper": {
        "id": "C0", "batch": "C0", "kind": "C1", "content_sealed": "C2", "digest": "C0", "by": "C1", "at": "C1",
    },
    "TruthCheck": {"id": "C0", "customers": "C1", "counts": "C1", "by": "C1", "at": "C1"},
    "Finding": {"id": "C0", "check_run": "C0", "customer_number": "C1", "kind": "C1"},
    "Hold": {
        "id": "C0", "customer_number": "C1", "reason": "C1", "programme": "C0", "by": "C1", "at": "C1",
    },
    "HoldEnd": {"hold": "C0", "reason": "C1", "by": "C1", "at": "C1"},
    "Sample": {
        "id": "C0", "code": "C1", "institution_code": "C1", "listed": "C1", "list_digest": "C0", "seed_hex": "C0",
        "seed_source": "C1", "size": "C1", "by": "C1", "at": "C1",
    },
    "SampleItem": {"id": "C0", "sample": "C0", "place": "C0", "customer_number": "C1"},
    "Verdict": {
        "id": "C0", "item": "C0", "verdict": "C1", "wrong_fields": "C1", "note_sealed": "C2", "by": "C1", "at": "C1",
    },
}  # fmt: skip


def _person(**more: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False, **more)


class Script(models.Model):
    """A version of what callers say and ask. Another wording is another version."""

    name = models.TextField()
    version = models.IntegerField()
    use = models.TextField(default=RETURN_VISIT)  # of words.USES
    effective_date = models.DateField()
    opening = models.TextField()
    questions = models.JSONField()  # [{"field": key of scripts.ASKS of its use, "ask": words}]
    closing = models.TextField()
    digest = models.TextField()  # SHA-256 of all of the above
    made_by = _person()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="corrections_script_once", fields=["name", "version"]),
            models.CheckConstraint(name="corrections_script_version", condition=Q(version__gt=0)),
        ]


class ScriptApproval(models.Model):
    """A second person found the script fit for use."""

    script = models.OneToOneField(Script, models.PROTECT, primary_key=True, related_name="approval")
    made_by = _person()  # of the script, so that the database can compare
    by = _person()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="corrections_script_second_person", condition=~Q(by=F("made_by")))
        ]


class Programme(models.Model):
    """A round of return visits over a frozen list of customers (S0-06)."""

    name = models.TextField()
    institution_code = models.TextField()
    purpose = models.TextField()
    script = models.ForeignKey(Script, models.PROTECT, related_name="+")
    first_date = models.DateField()
    until_date = models.DateField()  # the first day after it
    selection = models.JSONField()  # what the list was chosen by
    size = models.IntegerField()
    digest = models.TextField()  # core.draw.list_digest of the customer numbers
    completeness_bp = models.IntegerField()  # mean of the targets when the list was frozen
    made_by = _person()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="corrections_programme_days", condition=Q(until_date__gt=F("first_date"))
            ),
            models.CheckConstraint(name="corrections_programme_size", condition=Q(size__gt=0)),
        ]


class Target(models.Model):
    """One customer of a programme, at a place in its list."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="targets")
    place = models.IntegerField()
    customer_number = models.TextField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="corrections_target_once", fields=["programme", "customer_number"]),
        ]


class ReturnVisit(models.Model):
    """One visit or attempt. Never changed (L-04): a correction is a further row that names this one."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="visits")
    customer_number = models.TextField(db_index=True)
    script = models.ForeignKey(Script, models.PROTECT, related_name="+")
    visited_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = _person()
    channel = models.TextField()
    outcome = models.TextField()
    answers_sealed = models.BinaryField(null=True)
    next_at = models.DateTimeField(null=True)  # the appointment made
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    why_corrected_sealed = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="corrections_visit_why",
                condition=Q(corrects__isnull=True) | Q(why_corrected_sealed__isnull=False),
            ),
            models.CheckConstraint(
                name="corrections_visit_order", condition=Q(recorded_at__gte=F("visited_at"))
            ),
        ]


class Amendment(models.Model):
    """What one field of one customer should say instead of what it says. Null = nothing."""

    customer_number = models.TextField(db_index=True)
    institution_code = models.TextField()  # that managed the customer when it was written down
    field = models.TextField()
    old_sealed = models.BinaryField(null=True)
    old_hash = models.BinaryField(null=True)
    new_sealed = models.BinaryField(null=True)
    new_hash = models.BinaryField(null=True)
    source = models.TextField()
    visit = models.ForeignKey(ReturnVisit, models.PROTECT, null=True, related_name="amendments")
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")
    evidence_sealed = models.BinaryField(null=True)
    by = _person()
    recorded_at = models.DateTimeField(db_index=True)


class Withdrawal(models.Model):
    """An amendment that shall not be carried out after all."""

    amendment = models.OneToOneField(Amendment, models.PROTECT, primary_key=True, related_name="withdrawal")
    reason = models.TextField()
    by = _person()
    at = models.DateTimeField()


class Batch(models.Model):
    """A list of amendments on its road: collected, signed, applied by hash, filed (S0-07)."""

    class State(models.TextChoices):
        COLLECTING = "collecting", "归集中"
        AWAITING = "awaiting", "待签名"
        SIGNED = "signed", "已签名"
        WITH_IT = "with_it", "信息技术部处理中"
        APPLIED = "applied", "已更改"
        FILED = "filed", "已备档"
        RETURNED = "returned", "已退回"

    institution_code = models.TextField()
    custodian = _person(null=True)  # only the customers of this account manager, who then signs
    first_date = models.DateField()
    until_date = models.DateField()
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")
    state = models.TextField(choices=State.choices, default=State.COLLECTING)
    rows = models.IntegerField(default=0)
    content_digest = models.TextField(null=True)  # SHA-256 of the canonical lines, once frozen
    file_digest = models.TextField(null=True)  # SHA-256 of the workbook that goes to IT
    made_by = _person()
    made_at = models.DateTimeField()
    signed_by = _person(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_digest = models.TextField(null=True)
    applied_by = _person(null=True)
    applied_at = models.DateTimeField(null=True)
    applied_digest = models.TextField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="corrections_batch_second_person",
                condition=Q(signed_by__isnull=True) | ~Q(signed_by=F("made_by")),
            ),
            models.CheckConstraint(  # unsigned, or signed for another content: cannot be applied
                name="corrections_batch_unsigned",
                condition=Q(applied_by__isnull=True, state__in=["collecting", "awaiting", "signed", "with_it", "returned"])
                | Q(
                    applied_by__isnull=False, state__in=["applied", "filed"], signed_by__isnull=False,
                    signed_digest=F("content_digest"), applied_digest=F("file_digest"),
                ),
            ),
            models.CheckConstraint(
                name="corrections_batch_applier",
                condition=Q(applied_by__isnull=True) | ~Q(applied_by=F("signed_by")),
            ),
            models.CheckConstraint(
                name="corrections_batch_frozen",
                condition=Q(state="collecting") | Q(content_digest__isnull=False, file_digest__isnull=False)
                | Q(state="returned"),
            ),
        ]  # fmt: skip


class BatchEvent(models.Model):
    """A step of a batch."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="events")
    state = models.TextField()
    reason = models.TextField(blank=True)
    by = _person()
    at = models.DateTimeField()


class BatchLine(models.Model):
    """One amendment in a frozen batch."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="lines")
    place = models.IntegerField()
    amendment = models.ForeignKey(Amendment, models.PROTECT, related_name="lines")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="corrections_line_once", fields=["batch", "amendment"]),
        ]


class LineOutcome(models.Model):
    """What applying did with a line: `applied`, or `conflict` where the stored value was another by then."""

    line = models.OneToOneField(BatchLine, models.PROTECT, primary_key=True, related_name="outcome")
    outcome = models.TextField()
    at = models.DateTimeField()


class BatchPaper(models.Model):
    """A file of a batch, byte for byte: `list` (to IT), `filed` (what was applied), `scan` (the signed paper)."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="papers")
    kind = models.TextField()
    content_sealed = models.BinaryField()
    digest = models.TextField()
    by = _person()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="corrections_paper_once", fields=["batch", "kind"])]


class TruthCheck(models.Model):
    """One look of the validators over every stored customer (L-09)."""

    customers = models.IntegerField()
    counts = models.JSONField()  # kind of finding → customers
    by = _person()
    at = models.DateTimeField()


class Finding(models.Model):
    """What a check found wrong with a customer."""

    check_run = models.ForeignKey(TruthCheck, models.PROTECT, related_name="findings")
    customer_number = models.TextField()
    kind = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["check_run", "kind", "customer_number"], name="corrections_finding_kind")
        ]


class Hold(models.Model):
    """Until the data is corrected, a consequence: the customer is marked."""

    customer_number = models.TextField(db_index=True)
    reason = models.TextField()
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, related_name="holds")
    by = _person()
    at = models.DateTimeField()


class HoldEnd(models.Model):
    """Why a hold no longer counts."""

    hold = models.OneToOneField(Hold, models.PROTECT, primary_key=True, related_name="end")
    reason = models.TextField()
    by = _person()
    at = models.DateTimeField()


class Sample(models.Model):
    """Customers drawn by lot for checks by hand; whoever has the list and the seed draws the same."""

    code = models.TextField(unique=True)
    institution_code = models.TextField()
    listed = models.IntegerField()
    list_digest = models.TextField()
    seed_hex = models.TextField()
    seed_source = models.TextField()
    size = models.IntegerField()
    by = _person()
    at = models.DateTimeField()


class SampleItem(models.Model):
    """One drawn customer, in the order of the draw."""

    sample = models.ForeignKey(Sample, models.PROTECT, related_name="items")
    place = models.IntegerField()
    customer_number = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="corrections_item_once", fields=["sample", "customer_number"]),
        ]


class Verdict(models.Model):
    """What the check by hand said of one drawn customer; the newest counts."""

    item = models.ForeignKey(SampleItem, models.PROTECT, related_name="verdicts")
    verdict = models.TextField()  # true | wrong | unreachable
    wrong_fields = models.JSONField(default=list)
    note_sealed = models.BinaryField(null=True)
    by = _person()
    at = models.DateTimeField()
