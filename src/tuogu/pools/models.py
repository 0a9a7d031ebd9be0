"""The tables of this room. Private: other rooms use `actions` and `queries`. All of them are append-only; who holds a piece
now is the ledger's to say: a claim stands as long as its entry is the head."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

PERSONAL = {  # model -> {field: class}; C2 personal, C1 business, C0 technical
    "Claim": {
        "id": "C0", "subject": "C0", "relation": "C1", "entry": "C0", "pool": "C1", "pool_kind": "C1", "person": "C1",
        "customer_number": "C1", "claimed_date": "C1", "at": "C1", "rule": "C1",
    },
    "ClaimStep": {
        "id": "C0", "claim": "C0", "step": "C1", "counted_from": "C1", "due_date": "C1", "step_date": "C1", "reason": "C1",
        "by": "C1", "at": "C1", "rule": "C1",
    },
    "Contacted": {
        "id": "C0", "customer_number": "C1", "policy_number": "C1", "person": "C1", "channel": "C1", "outcome": "C1",
        "contacted_date": "C1", "next_date": "C1", "note_sealed": "C2", "by": "C1", "at": "C1",
    },
}  # fmt: skip


class PoolKind(models.TextChoices):
    """What the rulebook tells pools apart by."""

    BUFFER = "buffer", "保全组"
    DEPARTMENT = "department", "部门池"
    CAMPAIGN = "campaign", "活动回收池"
    OTHER = "other", "其他池"


class Claim(models.Model):
    """A piece that a person took out of a pool, with the ledger's entry that moved it."""

    subject = models.ForeignKey("ledger.Subject", models.PROTECT, related_name="claims")
    relation = models.TextField()
    entry = models.OneToOneField("ledger.Entry", models.PROTECT, related_name="claim")
    pool = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    pool_kind = models.TextField(choices=PoolKind.choices)
    person = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    customer_number = models.TextField(db_index=True)  # the holder, or the customer itself
    claimed_date = models.DateField()
    at = models.DateTimeField()
    rule = models.TextField()

    class Meta:
        indexes = [models.Index(name="pools_claim_person", fields=["person", "claimed_date"])]
        constraints = [
            models.CheckConstraint(name="pools_claim_kind", condition=Q(pool_kind__in=PoolKind.values)),
        ]


class ClaimStep(models.Model):
    """What became of a claim: a warning that it will go back, or how it went back."""

    class Step(models.TextChoices):
        WARNED = "warned", "将退回"
        RECLAIMED = "reclaimed", "逾期退回"
        GIVEN_BACK = "given_back", "本人退回"
        TAKEN_BACK = "taken_back", "主管收回"

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="steps", db_index=False)
    step = models.TextField(choices=Step.choices)
    counted_from = models.DateField()  # day of the claim, or of the last follow-up before
    due_date = models.DateField(null=True)  # the day on which it goes back; of warnings and reclaims
    step_date = models.DateField(db_index=True)
    reason = models.TextField()
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    rule = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="pools_step_once", fields=["claim", "step", "counted_from"]),
            models.CheckConstraint(name="pools_step_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="pools_step_kind",
                condition=Q(step__in=["warned", "reclaimed", "given_back", "taken_back"]),
            ),
        ]


class Contacted(models.Model):
    """A customer was contacted, or somebody tried. A follow-up of every piece of that customer."""

    class Channel(models.TextChoices):
        PHONE = "phone", "电话"
        VISIT = "visit", "上门"
        WECHAT = "wechat", "微信"
        SMS = "sms", "短信"
        OTHER = "other", "其他"

    class Outcome(models.TextChoices):
        REACHED = "reached", "已联系上"
        APPOINTED = "appointed", "已约下次"
        NO_ANSWER = "no_answer", "未接通"
        WRONG_CONTACT = "wrong_contact", "联系方式不对"
        REFUSED = "refused", "不愿再联系"

    customer_number = models.TextField()
    policy_number = models.TextField(blank=True)
    person = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")  # who holds the piece
    channel = models.TextField(choices=Channel.choices)
    outcome = models.TextField(choices=Outcome.choices)
    contacted_date = models.DateField()
    next_date = models.DateField(null=True)
    note_sealed = models.BinaryField(null=True)
    by = models.ForeignKey(
        "org.Custodian", models.PROTECT, related_name="+"
    )  # who contacted: perhaps a substitute
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(name="pools_contacted_customer", fields=["customer_number", "contacted_date"])
        ]
        constraints = [
            models.CheckConstraint(
                name="pools_contacted_next",
                condition=Q(next_date__isnull=True) | Q(next_date__gte=models.F("contacted_date")),
            ),
            models.CheckConstraint(
                name="pools_contacted_appointed",
                condition=~Q(outcome="appointed") | Q(next_date__isnull=False),
            ),
            models.CheckConstraint(
                name="pools_contacted_channel",
                condition=Q(channel__in=["phone", "visit", "wechat", "sms", "other"]),
            ),
            models.CheckConstraint(
                name="pools_contacted_outcome",
                condition=Q(outcome__in=["reached", "appointed", "no_answer", "wrong_contact", "refused"]),
            ),
        ]
