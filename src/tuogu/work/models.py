"""The tables of this room. Private: other rooms use `actions` and `queries`. All of them are append-only.

No row says who must do something: that is the ledger's. A person in a row acted, or held the customer at that moment.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from tuogu.work.kinds import (
    Attitude,
    Collection,
    Decision,
    Kind,
    NoVisit,
    Outcome,
    Purpose,
    Reason,
    TaskOutcome,
)

PERSONAL = {  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
    "Task": {
        "id": "C0", "subject": "C0", "obligation": "C1", "key": "C0", "anchor_date": "C1", "opens_date": "C1",
        "due_date": "C1", "needed": "C1", "reason": "C1", "rulebook": "C1", "made_at": "C1",
    },
    "TaskEnd": {
        "task": "C0", "outcome": "C1", "ended_date": "C1", "record": "C0", "reason": "C1", "by": "C1", "at": "C1",
    },
    "Record": {
        "id": "C0", "client_key": "C0", "customer_number": "C1", "kind": "C1", "purpose": "C1", "outcome": "C1",
        "reason": "C1", "attitude": "C1", "no_visit": "C1", "collection_method": "C1", "services": "C1",
        "happened_at": "C1", "happened_date": "C1", "recorded_at": "C1", "person": "C1", "by": "C1", "next_at": "C1",
        "next_kind": "C1", "detail_sealed": "C2", "place_sealed": "C2", "offline": "C0", "corrects": "C0",
        "why_corrected": "C1",
    },
    "RecordPolicy": {"id": "C0", "record": "C0", "subject": "C0", "checked": "C1"},
    "Attachment": {
        "id": "C0", "record": "C0", "kind": "C1", "media_type": "C0", "digest": "C0", "content_sealed": "C2",
    },
    "SatisfactionForm": {"record": "C0", "answers": "C1", "signature": "C0", "at": "C1"},
    "Referral": {
        "id": "C0", "record": "C0", "customer_number": "C1", "to_customer_number": "C1", "name_sealed": "C2",
        "phone_sealed": "C2", "by": "C1", "at": "C1",
    },
    "FamilyMember": {
        "id": "C0", "customer_number": "C1", "relation": "C1", "name_sealed": "C2", "sex": "C1", "birth_sealed": "C2",
        "withdraws": "C0", "by": "C1", "at": "C1",
    },
    "OutsidePolicy": {
        "id": "C0", "customer_number": "C1", "member": "C0", "detail_sealed": "C2", "withdraws": "C0", "by": "C1",
        "at": "C1",
    },
    "Conflict": {
        "id": "C0", "client_key": "C0", "payload_sealed": "C2", "customer_number": "C1", "by": "C1", "held_by": "C1",
        "received_at": "C1", "why": "C1",
    },
    "ConflictEnd": {
        "conflict": "C0", "decision": "C1", "record": "C0", "reason": "C1", "by": "C1", "at": "C1",
    },
    "WeekPlan": {"id": "C0", "person": "C1", "week_date": "C1", "filed_at": "C1", "by": "C1"},
    "WeekPlanLine": {
        "id": "C0", "plan": "C0", "place": "C0", "day": "C1", "customer_number": "C1", "kind": "C1", "reason": "C1",
    },
    "Escalation": {"id": "C0", "task": "C0", "step": "C1", "at": "C1", "told": "C1"},
    "Rolled": {"day": "C0", "made": "C0", "ended": "C0", "at": "C0"},
}  # fmt: skip


def _person(**more: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False, **more)


def _one_of(name: str, field: str, choices: type[models.TextChoices], *, empty: bool = False) -> Any:
    return models.CheckConstraint(
        name=name, condition=Q(**{f"{field}__in": [*choices.values, *([""] if empty else [])]})
    )


class Task(models.Model):
    """Something owed for a subject between two days. What ends it is a TaskEnd."""

    subject = models.ForeignKey("ledger.Subject", models.PROTECT, related_name="tasks", db_index=False)
    obligation = models.TextField()  # a key of [obligation] in the rulebook, or of a task asked for
    key = models.TextField(blank=True)  # tells tasks apart that people asked for on one day
    anchor_date = models.DateField()
    opens_date = models.DateField()
    due_date = models.DateField()  # the last day in time
    needed = models.IntegerField()
    reason = models.TextField(choices=Reason.choices)
    rulebook = models.TextField()  # the version whose limits hold for this task for good
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="work_task_due", fields=["due_date", "subject"])]
        constraints = [
            models.UniqueConstraint(
                name="work_task_once", fields=["subject", "obligation", "anchor_date", "key"]
            ),
            models.CheckConstraint(name="work_task_days", condition=Q(due_date__gte=F("opens_date"))),
            models.CheckConstraint(name="work_task_needed", condition=Q(needed__gte=1)),
        ]


class Record(models.Model):
    """One call, visit or message to a customer, or an attempt. Never changed: a correction is a further row."""

    client_key = models.TextField(unique=True)  # named by the device that captured it: it arrives once
    customer_number = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    purpose = models.TextField(choices=Purpose.choices)
    outcome = models.TextField(choices=Outcome.choices)
    reason = models.TextField(choices=Reason.choices)
    attitude = models.TextField(choices=Attitude.choices, blank=True)
    no_visit = models.TextField(choices=NoVisit.choices, blank=True)
    collection_method = models.TextField(choices=Collection.choices, blank=True)
    services = models.JSONField(default=list)  # of kinds.Service
    happened_at = models.DateTimeField()
    happened_date = models.DateField()  # its business day
    recorded_at = models.DateTimeField()
    person = _person()  # who held the customer when it happened
    by = _person()  # who did it: perhaps a substitute
    next_at = models.DateTimeField(null=True)  # the appointment made
    next_kind = models.TextField(choices=Kind.choices, blank=True)
    detail_sealed = models.BinaryField(null=True)  # answers, the card's three items, conduct, note
    place_sealed = models.BinaryField(null=True)  # the check-in
    offline = models.BooleanField(default=False)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    why_corrected = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(name="work_record_customer", fields=["customer_number", "happened_date"]),
            models.Index(name="work_record_by", fields=["by", "happened_date"]),
        ]
        constraints = [
            _one_of("work_record_kind", "kind", Kind),
            _one_of("work_record_purpose", "purpose", Purpose),
            _one_of("work_record_outcome", "outcome", Outcome),
            _one_of("work_record_reason", "reason", Reason),
            _one_of("work_record_attitude", "attitude", Attitude, empty=True),
            _one_of("work_record_no_visit", "no_visit", NoVisit, empty=True),
            _one_of("work_record_collection", "collection_method", Collection, empty=True),
            models.CheckConstraint(
                name="work_record_not_ahead", condition=Q(happened_at__lte=F("recorded_at"))
            ),
            models.CheckConstraint(  # S1-24: who will not meet anybody says how the premium is collected
                name="work_record_refusal", condition=~Q(outcome="refused") | ~Q(collection_method="")
            ),
            models.CheckConstraint(  # only a face visit is met at the door
                name="work_record_met", condition=~Q(outcome="met") | Q(kind__in=["visit", "event", "handed"])
            ),
        ]


class TaskEnd(models.Model):
    """How a task ended."""

    task = models.OneToOneField(Task, models.PROTECT, primary_key=True, related_name="end")
    outcome = models.TextField(choices=TaskOutcome.choices)
    ended_date = models.DateField()
    record = models.ForeignKey(Record, models.PROTECT, null=True, related_name="ended")
    reason = models.TextField(blank=True)
    by = _person(null=True)  # null: by itself
    at = models.DateTimeField()

    class Meta:
        constraints = [
            _one_of("work_end_outcome", "outcome", TaskOutcome),
            models.CheckConstraint(
                name="work_end_waived_by",
                condition=~Q(outcome="waived") | (Q(by__isnull=False) & ~Q(reason="")),
            ),
        ]


class RecordPolicy(models.Model):
    """A policy of the customer that a record served; `checked`: verified and tidied up (S4-17)."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="policies")
    subject = models.ForeignKey("ledger.Subject", models.PROTECT, related_name="records")
    checked = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(name="work_recordpolicy_once", fields=["record", "subject"])]


class Attachment(models.Model):
    """A photo, a signature or a form of a record, byte for byte."""

    class What(models.TextChoices):
        PHOTO = "photo", "照片"
        SIGNATURE = "signature", "签名"
        FORM = "form", "表单"

    record = models.ForeignKey(Record, models.PROTECT, related_name="attachments")
    kind = models.TextField(choices=What.choices)
    media_type = models.TextField()
    digest = models.TextField()  # SHA-256 of the content in clear
    content_sealed = models.BinaryField(null=True)  # null after erasure

    class Meta:
        constraints = [models.UniqueConstraint(name="work_attachment_once", fields=["record", "digest"])]


class SatisfactionForm(models.Model):
    """The questionnaire of the first visit with the customer's own signature (S1-33)."""

    record = models.OneToOneField(Record, models.PROTECT, primary_key=True, related_name="satisfaction")
    answers = models.JSONField()
    signature = models.OneToOneField(Attachment, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Referral(models.Model):
    """Somebody whom a customer named (S4-33); linked once that person is a customer."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="referrals")
    customer_number = models.TextField(db_index=True)
    to_customer_number = models.TextField(blank=True, db_index=True)
    name_sealed = models.BinaryField(null=True)
    phone_sealed = models.BinaryField(null=True)
    by = _person()
    at = models.DateTimeField()


class FamilyMember(models.Model):
    """A member of a customer's family, as told; a change withdraws the row before."""

    customer_number = models.TextField(db_index=True)
    relation = models.TextField()
    name_sealed = models.BinaryField(null=True)
    sex = models.TextField(blank=True)
    birth_sealed = models.BinaryField(null=True)
    withdraws = models.OneToOneField("self", models.PROTECT, null=True, related_name="withdrawn_by")
    by = _person()
    at = models.DateTimeField()


class OutsidePolicy(models.Model):
    """A policy of another insurer, as the customer told; a change withdraws the row before."""

    customer_number = models.TextField(db_index=True)
    member = models.ForeignKey(FamilyMember, models.PROTECT, null=True, related_name="+")
    detail_sealed = models.BinaryField(null=True)
    withdraws = models.OneToOneField("self", models.PROTECT, null=True, related_name="withdrawn_by")
    by = _person()
    at = models.DateTimeField()


class Conflict(models.Model):
    """A record that came for a customer who has another custodian by now; a person decides what becomes of it."""

    client_key = models.TextField(unique=True)
    payload_sealed = models.BinaryField(null=True)
    customer_number = models.TextField(db_index=True)
    by = _person()
    held_by = _person(null=True)
    received_at = models.DateTimeField()
    why = models.TextField()


class ConflictEnd(models.Model):
    """What became of it."""

    conflict = models.OneToOneField(Conflict, models.PROTECT, primary_key=True, related_name="end")
    decision = models.TextField(choices=Decision.choices)
    record = models.OneToOneField(Record, models.PROTECT, null=True, related_name="+")
    reason = models.TextField()
    by = _person()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            _one_of("work_conflict_decision", "decision", Decision),
            models.CheckConstraint(
                name="work_conflict_record", condition=Q(decision="drop") | Q(record__isnull=False)
            ),
        ]


class WeekPlan(models.Model):
    """What a person means to do in a week; the newest filed before the week began counts (S4-26)."""

    person = _person()
    week_date = models.DateField()  # its Monday
    filed_at = models.DateTimeField()
    by = _person()

    class Meta:
        indexes = [models.Index(name="work_weekplan_of", fields=["person", "week_date"])]


class WeekPlanLine(models.Model):
    """One customer on one day of a plan."""

    plan = models.ForeignKey(WeekPlan, models.PROTECT, related_name="lines")
    place = models.IntegerField()
    day = models.DateField()
    customer_number = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    reason = models.TextField(choices=Reason.choices)

    class Meta:
        constraints = [models.UniqueConstraint(name="work_planline_once", fields=["plan", "place"])]


class Escalation(models.Model):
    """A late task was brought before somebody; each step once (P-20)."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="escalations")
    step = models.IntegerField()
    at = models.DateTimeField()
    told = _person(null=True)  # null: nobody holds that post

    class Meta:
        constraints = [models.UniqueConstraint(name="work_escalation_once", fields=["task", "step"])]


class Rolled(models.Model):
    """A day whose duties were turned into tasks. Duties that ended before the first of these days are nobody's debt."""

    day = models.DateField(primary_key=True)
    made = models.IntegerField()
    ended = models.IntegerField()
    at = models.DateTimeField()
