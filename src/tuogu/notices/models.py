"""The tables of this room. Private: other rooms use `actions` and `queries`.

Departure        one leave of one person, with both days from which a clock runs; its earlier days stay in DepartureChange
LeaveRead        a LEAVE batch of the ledger whose cases are opened: what makes opening idempotent
NoticeCase       one contract whose holder must be told; `state` follows from its messages, proofs and decisions
Template         one version of a wording; TemplateDecision says who else approved it
Message          the outbox: one letter, text or WeCom message to one holder; MessageCase says for which contracts
MessageEvent     what happened to a message, line by line
Proof            what shows that a holder was told; Waiver: a case closed without proof, by two people
ContactLink      with whom of the staff a customer is connected in WeCom; ContactChange: how that came about
ContactTransfer  one customer to be handed over in WeCom, and what became of it

Names, numbers and texts of customers (C2) are ciphertext. The append-only ones are guarded by triggers (apps.py).
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

PERSONAL = {  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
    "Departure": {
        "id": "C0", "person": "C1", "cause": "C1", "leave_date": "C1", "formalities_date": "C1", "clock_days": "C1",
        "counts": "C1", "opened_by": "C1", "opened_at": "C1",
    },
    "DepartureChange": {
        "id": "C0", "departure": "C0", "what": "C1", "before_date": "C1", "after_date": "C1", "by": "C1", "at": "C1",
    },
    "LeaveRead": {"batch_id": "C0", "departure": "C0", "opened": "C1", "at": "C1"},
    "NoticeCase": {
        "id": "C0", "departure": "C0", "subject": "C0", "policy_number": "C1", "holder_number": "C1",
        "institution_code": "C1", "why": "C1", "state": "C1", "trouble": "C1", "internal_due_date": "C1",
        "statutory_due_date": "C1", "due_date": "C1", "proved_date": "C1", "opened_at": "C1",
    },
    "Template": {
        "id": "C0", "channel": "C1", "version": "C1", "title": "C1", "body": "C1", "drafted_by": "C1",
        "drafted_at": "C1",
    },
    "TemplateDecision": {
        "id": "C0", "template": "C0", "approved": "C1", "drafted_by": "C1", "by": "C1", "at": "C1", "reason": "C1",
    },
    "Message": {
        "id": "C0", "key": "C0", "departure": "C0", "channel": "C1", "holder_number": "C1", "template_version": "C1",
        "title": "C1", "to_sealed": "C2", "body_sealed": "C2", "body_digest": "C0", "state": "C1", "attempts": "C0",
        "next_at": "C0", "claimed_at": "C0", "provider_id": "C0", "trouble": "C1", "tracking_number": "C1",
        "prepared_by": "C1", "prepared_at": "C1",
    },
    "MessageCase": {"id": "C0", "message": "C0", "case": "C0"},
    "MessageEvent": {"id": "C0", "message": "C0", "kind": "C1", "code": "C0", "by": "C1", "at": "C1"},
    "Proof": {
        "id": "C0", "case": "C0", "message": "C0", "kind": "C1", "outcome": "C1", "counts": "C1", "on_date": "C1",
        "script": "C1", "evidence_digest": "C0", "evidence_sealed": "C2", "note_sealed": "C2", "by": "C1", "at": "C1",
    },
    "Waiver": {
        "id": "C0", "case": "C0", "state": "C1", "reason": "C1", "asked_by": "C1", "asked_at": "C1",
        "decided_by": "C1", "decided_at": "C1",
    },
    "ContactLink": {
        "id": "C0", "customer_number": "C1", "external_sealed": "C2", "external_hash": "C2", "person": "C1",
        "state": "C1", "since_date": "C1", "recorded_at": "C1",
    },
    "ContactChange": {
        "id": "C0", "customer_number": "C1", "before": "C1", "after": "C1", "why": "C1", "by": "C1", "at": "C1",
    },
    "ContactTransfer": {
        "id": "C0", "link": "C0", "customer_number": "C1", "kind": "C1", "giver": "C1", "receiver": "C1",
        "state": "C1", "code": "C0", "left_date": "C1", "asked_by": "C1", "asked_at": "C1", "sent_at": "C1",
        "next_at": "C0", "settled_at": "C1",
    },
}  # fmt: skip

_CUSTODIAN = "org.Custodian"
CHANNELS = ("sms", "wecom", "letter", "mail")
CASE_STATES = ("waiting", "prepared", "sent", "proved", "waived")
MESSAGE_STATES = (
    "queued",
    "sending",
    "accepted",
    "delivered",
    "failed",
    "unsure",
    "cancelled",
    "printed",
    "posted",
)
OPEN_MESSAGES = ("queued", "sending", "accepted", "unsure", "printed", "posted")  # may still lead to a proof
TRANSFER_STATES = ("planned", "sending", "waiting", "done", "refused", "full", "failed")
OPEN_TRANSFERS = ("planned", "sending", "waiting")


def _person(*, null: bool = False) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+", db_index=False, null=null)


class Departure(models.Model):
    """One leave. `clock_days` is the rule on the day it was opened: a running case keeps it."""

    person = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+")
    cause = models.TextField()  # code of core.labels.LEAVE_REASONS
    leave_date = models.DateField()
    formalities_date = models.DateField(
        null=True
    )  # when the leaving formalities were complete; null = not known yet
    clock_days = models.IntegerField()
    counts = models.JSONField(default=dict)  # contracts left out, by reason
    opened_by = _person()
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="notices_departure_once", fields=["person", "leave_date"])
        ]


class DepartureChange(models.Model):
    """A day of a departure that was another before. Append-only."""

    departure = models.ForeignKey(Departure, models.PROTECT, related_name="changes")
    what = models.TextField()  # leave_date | formalities_date
    before_date = models.DateField(null=True)
    after_date = models.DateField(null=True)
    by = _person()
    at = models.DateTimeField()


class LeaveRead(models.Model):
    """A LEAVE batch of the ledger that was read, with how many cases it opened. Append-only."""

    batch_id = models.BigIntegerField(primary_key=True)
    departure = models.ForeignKey(Departure, models.PROTECT, related_name="reads")
    opened = models.BigIntegerField()
    at = models.DateTimeField()


class NoticeCase(models.Model):
    """One contract of one leaver. `due_date` is the clock that the red list goes by; the two others stand beside it."""

    departure = models.ForeignKey(Departure, models.PROTECT, related_name="cases", db_index=False)
    subject = models.ForeignKey("ledger.Subject", models.PROTECT, related_name="+")
    policy_number = models.TextField(db_index=True)
    holder_number = models.TextField(db_index=True)
    institution_code = models.TextField(null=True)
    why = models.TextField()  # served: the leaver was responsible | sold: the leaver had sold it
    state = models.TextField(default="waiting")
    trouble = models.TextField(default="")  # why nobody could be told yet: no_contact, message_failed
    internal_due_date = models.DateField()
    statutory_due_date = models.DateField()
    due_date = models.DateField()
    proved_date = models.DateField(null=True)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="notices_case_once", fields=["departure", "subject"]),
            models.CheckConstraint(name="notices_case_state", condition=Q(state__in=CASE_STATES)),
            models.CheckConstraint(
                name="notices_case_proved",
                condition=Q(state="proved", proved_date__isnull=False)
                | (~Q(state="proved") & Q(proved_date__isnull=True)),
            ),
        ]
        indexes = [models.Index(name="notices_case_due", fields=["state", "due_date", "id"])]


class Template(models.Model):
    """One version of the wording of a channel. Append-only."""

    channel = models.TextField()
    version = models.IntegerField()
    title = models.TextField()
    body = models.TextField()
    drafted_by = _person()
    drafted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="notices_template_once", fields=["channel", "version"])]


class TemplateDecision(models.Model):
    """What a second person said of a version. Append-only."""

    template = models.OneToOneField(Template, models.PROTECT, related_name="decision")
    approved = models.BooleanField()
    drafted_by = _person()
    by = _person()
    at = models.DateTimeField()
    reason = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="notices_template_second_person", condition=~Q(by=F("drafted_by")))
        ]


class Message(models.Model):
    """One message to one holder, from its wording to its end. `key` is ours, and the provider is told it."""

    key = models.TextField(unique=True)
    departure = models.ForeignKey(Departure, models.PROTECT, related_name="+")
    channel = models.TextField()
    holder_number = models.TextField(db_index=True)
    template_version = models.TextField()
    title = models.TextField()
    to_sealed = models.BinaryField()  # the phone, contact or address that was used
    body_sealed = models.BinaryField()
    body_digest = models.TextField()
    state = models.TextField(default="queued")
    attempts = models.IntegerField(default=0)
    next_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    provider_id = models.TextField(default="", db_index=True)
    trouble = models.TextField(default="")
    tracking_number = models.TextField(default="", db_index=True)  # of a letter, as the post gave it
    prepared_by = _person()
    prepared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="notices_message_channel", condition=Q(channel__in=CHANNELS)),
            models.CheckConstraint(name="notices_message_state", condition=Q(state__in=MESSAGE_STATES)),
        ]
        indexes = [models.Index(name="notices_message_next", fields=["state", "next_at"])]


class MessageCase(models.Model):
    """A message tells of this case."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="links")
    case = models.ForeignKey(NoticeCase, models.PROTECT, related_name="links")

    class Meta:
        constraints = [models.UniqueConstraint(name="notices_told_once", fields=["message", "case"])]


class MessageEvent(models.Model):
    """One thing that happened to a message. Append-only."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="events")
    kind = models.TextField()
    code = models.TextField(default="")  # the provider's word, never a text of a person
    by = _person()
    at = models.DateTimeField()


class Proof(models.Model):
    """What shows that the holder of a case was told, or (`counts` False) an attempt that did not reach. Append-only."""

    case = models.ForeignKey(NoticeCase, models.PROTECT, related_name="proofs")
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.TextField()  # see words.PROOF_KINDS
    outcome = models.TextField(default="told")
    counts = models.BooleanField()
    on_date = models.DateField()
    script = models.TextField(default="")
    evidence_digest = models.TextField(default="")
    evidence_sealed = models.BinaryField(null=True)  # an uploaded scan, base64
    note_sealed = models.BinaryField(null=True)
    by = _person()
    at = models.DateTimeField()


class Waiver(models.Model):
    """A wish to close a case without proof, and what a second person decided."""

    case = models.ForeignKey(NoticeCase, models.PROTECT, related_name="waivers")
    state = models.TextField(default="asked")  # asked | granted | declined
    reason = models.TextField()
    asked_by = _person()
    asked_at = models.DateTimeField()
    decided_by = _person(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="notices_waiver_open_once", fields=["case"], condition=Q(state="asked")
            ),
            models.CheckConstraint(
                name="notices_waiver_second_person",
                condition=~Q(state="granted") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
            ),
        ]


class ContactLink(models.Model):
    """The staff member with whom a customer is connected in WeCom. Apart from custody and ownership (N-08)."""

    customer_number = models.TextField(unique=True)
    external_sealed = models.BinaryField()  # WeCom's id of the customer
    external_hash = models.BinaryField(unique=True)
    person = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+")
    state = models.TextField(default="active")  # active | pending | refused
    since_date = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="notices_link_state", condition=Q(state__in=["active", "pending", "refused"])
            )
        ]


class ContactChange(models.Model):
    """A contact that came to somebody. Append-only."""

    customer_number = models.TextField(db_index=True)
    before = _person(null=True)
    after = _person()
    why = models.TextField()  # import | transfer
    by = _person()
    at = models.DateTimeField()


class ContactTransfer(models.Model):
    """One customer asked to be handed over. At most one is open for a customer."""

    link = models.ForeignKey(ContactLink, models.PROTECT, related_name="transfers")
    customer_number = models.TextField(db_index=True)
    kind = models.TextField()  # leaver: inherited from who has left | in_post
    giver = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+")
    receiver = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+")
    state = models.TextField(default="planned")
    code = models.TextField(default="")
    left_date = models.DateField(null=True)
    asked_by = _person()
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="notices_transfer_open_once", fields=["link"], condition=Q(state__in=OPEN_TRANSFERS)
            ),
            models.CheckConstraint(name="notices_transfer_state", condition=Q(state__in=TRANSFER_STATES)),
            models.CheckConstraint(name="notices_transfer_kind", condition=Q(kind__in=["leaver", "in_post"])),
            models.CheckConstraint(name="notices_transfer_other", condition=~Q(giver=F("receiver"))),
        ]
        indexes = [models.Index(name="notices_transfer_next", fields=["state", "next_at"])]
