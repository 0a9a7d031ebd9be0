"""The tables of this room. Private: other rooms use `actions` and `queries`.

Append-only (triggers, see apps.py): Consent, RequestStep, BlockStep, Party, Sharing, RetentionRun, KeyEvent. What is
current is derived from them. Nothing here is a personal value: customers stand by number, free text is the office's own.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tuogu.privacy.kinds import (
    DUTIES,
    SENSITIVE,
    Channel,
    IdentityCheck,
    LegalGround,
    Outcome,
    Purpose,
    RequestKind,
    RequestState,
    Said,
    Source,
)

_CUSTODIAN = "org.Custodian"

PERSONAL: dict[str, dict[str, str]] = {  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
    "Consent": {
        "id": "C0", "customer_number": "C1", "purpose": "C1", "channel": "C1", "said": "C1", "said_at": "C1",
        "source": "C1", "source_ref": "C1", "text_version": "C1", "by": "C1", "recorded_at": "C0",
    },
    "SubjectRequest": {
        "id": "C0", "customer_number": "C1", "kind": "C1", "state": "C1", "asked_date": "C1", "due_date": "C1",
        "identity_check": "C1", "outcome": "C1", "wish_sealed": "C2", "answered_at": "C1", "by": "C1",
        "recorded_at": "C0",
    },
    "RequestStep": {
        "id": "C0", "request": "C0", "number": "C0", "state": "C1", "outcome": "C1", "note": "C1", "by": "C1",
        "at": "C1",
    },
    "SubjectCopy": {
        "id": "C0", "request": "C0", "content_sealed": "C2", "digest": "C0", "rows": "C1", "made_by": "C1",
        "made_at": "C1", "fetched_by": "C1", "fetched_at": "C1", "gone_at": "C1",
    },
    "BlockStep": {
        "id": "C0", "customer_number": "C1", "number": "C0", "blocked": "C1", "ground": "C1", "request": "C0",
        "by": "C1", "at": "C1",
    },
    "Party": {
        "id": "C0", "code": "C0", "name": "C1", "number": "C0", "purpose": "C1", "ground": "C1",
        "assessed_date": "C1", "assessment_ref": "C1", "until_date": "C1", "by": "C1", "recorded_at": "C0",
    },
    "Sharing": {
        "id": "C0", "party_code": "C1", "party_name": "C1", "purpose": "C1", "ground": "C1", "fields": "C1",
        "rows": "C1", "reference": "C1", "by": "C1", "at": "C1",
    },
    "RetentionRun": {
        "id": "C0", "kind": "C1", "cutoff_at": "C1", "removed": "C1", "digest": "C0", "by": "C1", "at": "C1",
    },
    "KeyEvent": {
        "id": "C0", "act": "C1", "key_id": "C0", "values": "C1", "by": "C1", "at": "C1",
    },
}  # fmt: skip


class Consent(models.Model):
    """One thing that a customer said about one purpose and one channel. The latest counts."""

    customer_number = models.TextField()
    purpose = models.TextField(choices=Purpose.choices)
    channel = models.TextField(choices=Channel.choices)
    said = models.TextField(choices=Said.choices)
    said_at = models.DateTimeField()
    source = models.TextField(choices=Source.choices)
    source_ref = models.TextField(blank=True)  # script version, visit or call id
    text_version = models.TextField()  # of the words that the customer was told
    by = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(name="privacy_consent_of", fields=["customer_number", "-said_at"]),
            models.Index(name="privacy_consent_for", fields=["purpose", "said_at"]),
        ]
        constraints = [
            models.CheckConstraint(name="privacy_consent_purpose", condition=Q(purpose__in=Purpose.values)),
            models.CheckConstraint(name="privacy_consent_channel", condition=Q(channel__in=Channel.values)),
            models.CheckConstraint(name="privacy_consent_said", condition=Q(said__in=Said.values)),
            models.CheckConstraint(  # a duty of service is neither granted nor refused
                name="privacy_consent_no_duty", condition=~Q(purpose__in=[str(duty) for duty in DUTIES])
            ),
            models.CheckConstraint(  # what is taken at a visit has no channel
                name="privacy_consent_sensitive",
                condition=~Q(purpose__in=[str(one) for one in SENSITIVE]) | Q(channel="any"),
            ),
            models.CheckConstraint(
                name="privacy_consent_not_ahead", condition=Q(said_at__lte=F("recorded_at"))
            ),
        ]


class SubjectRequest(models.Model):
    """A request of a data subject. `state`, `outcome` repeat the last of its steps, so that lists can ask for them."""

    customer_number = models.TextField(db_index=True)
    kind = models.TextField(choices=RequestKind.choices)
    state = models.TextField(choices=RequestState.choices, default=RequestState.INTAKE)
    asked_date = models.DateField()
    due_date = models.DateField()
    identity_check = models.TextField(choices=IdentityCheck.choices, blank=True)
    outcome = models.TextField(choices=Outcome.choices, blank=True)
    wish_sealed = models.BinaryField(null=True)  # in the person's own words
    answered_at = models.DateTimeField(null=True)
    by = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="privacy_request_due", fields=["state", "due_date"])]
        constraints = [
            models.CheckConstraint(name="privacy_request_kind", condition=Q(kind__in=RequestKind.values)),
            models.CheckConstraint(name="privacy_request_state", condition=Q(state__in=RequestState.values)),
            models.CheckConstraint(
                name="privacy_request_answer",
                condition=Q(state="answered", answered_at__isnull=False)
                & ~Q(outcome="")
                & ~Q(identity_check="")
                | (~Q(state="answered") & Q(answered_at__isnull=True)),
            ),
        ]


class RequestStep(models.Model):
    """One step of a request: who did what, and the ground of an answer. Append-only."""

    request = models.ForeignKey(SubjectRequest, models.PROTECT, related_name="steps")
    number = models.SmallIntegerField()  # 1, 2, 3 …: of two who act at once, one is refused
    state = models.TextField(choices=RequestState.choices)
    outcome = models.TextField(choices=Outcome.choices, blank=True)
    note = models.TextField(blank=True)  # legal ground of an answer; the office's own words
    by = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="privacy_step_once", fields=["request", "number"]),
            models.CheckConstraint(
                name="privacy_refusal_has_a_ground",
                condition=~Q(outcome__in=["refused", "blocked"]) | ~Q(note=""),
            ),
        ]


class SubjectCopy(models.Model):
    """The file of everything that is stored about a person: made once, sealed; empty once it is gone."""

    request = models.OneToOneField(SubjectRequest, models.PROTECT, related_name="copy")
    content_sealed = models.BinaryField(null=True)
    digest = models.TextField()  # SHA-256 of the file
    rows = models.IntegerField()
    made_by = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    fetched_by = models.ForeignKey(_CUSTODIAN, models.PROTECT, null=True, related_name="+", db_index=False)
    fetched_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)


class BlockStep(models.Model):
    """Processing of a customer is limited (PIPL 47), or no longer. The highest number counts. Append-only."""

    customer_number = models.TextField()
    number = models.SmallIntegerField()
    blocked = models.BooleanField()
    ground = models.TextField()
    request = models.ForeignKey(SubjectRequest, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="privacy_block_once", fields=["customer_number", "number"]),
            models.CheckConstraint(name="privacy_block_has_a_ground", condition=~Q(ground="")),
        ]


class Party(models.Model):
    """An outside party that may receive personal data, as registered; the highest number of a code counts. Append-only."""

    code = models.TextField()
    number = models.SmallIntegerField()  # 1, 2, 3 … of its code
    name = models.TextField()
    purpose = models.TextField()
    ground = models.TextField(choices=LegalGround.choices)
    assessed_date = models.DateField(null=True)  # of the impact assessment (PIPL 55); null: none yet
    assessment_ref = models.TextField(blank=True)
    until_date = models.DateField(null=True)  # first day on which nothing may be shared any more
    by = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="privacy_party_once", fields=["code", "number"]),
            models.CheckConstraint(
                name="privacy_party_named", condition=~Q(code="") & ~Q(name="") & ~Q(purpose="")
            ),
            models.CheckConstraint(
                name="privacy_party_assessed", condition=Q(assessed_date__isnull=True) | ~Q(assessment_ref="")
            ),
        ]


class Sharing(models.Model):
    """Personal data went to an outside party (L-06). Append-only."""

    party_code = models.TextField()
    party_name = models.TextField()  # as it was called then
    purpose = models.TextField()
    ground = models.TextField(choices=LegalGround.choices)
    fields = models.TextField()
    rows = models.BigIntegerField()
    reference = models.TextField()  # export, notice or request: 'export:12'
    by = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="privacy_sharing_at", fields=["at"])]
        constraints = [
            models.UniqueConstraint(name="privacy_sharing_once", fields=["reference", "party_code"]),
            models.CheckConstraint(name="privacy_sharing_rows", condition=Q(rows__gte=0)),
        ]


class RetentionRun(models.Model):
    """What a removal took away of one kind of record: how many and a digest of which. Append-only."""

    kind = models.TextField()
    cutoff_at = models.DateTimeField()  # everything older was removed
    removed = models.BigIntegerField()
    digest = models.TextField()
    by = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="privacy_retention_of", fields=["kind", "-at"])]


class KeyEvent(models.Model):
    """An act on the ring of keys: a key added, values sealed anew, a key retired; of hash keys `key_id` is the generation.
    Append-only."""

    class Act(models.TextChoices):
        ADDED = "added", "启用新密钥"
        RESEALED = "resealed", "重新加密"
        RETIRED = "retired", "停用旧密钥"
        HASH_ADDED = "hash_added", "启用新的检索密钥"
        REHASHED = "rehashed", "重算检索值"

    act = models.TextField(choices=Act.choices)
    key_id = models.IntegerField()
    values = models.BigIntegerField(default=0)
    by = models.ForeignKey(_CUSTODIAN, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
