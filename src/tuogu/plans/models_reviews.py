"""A human looks again at an automated decision (L-08). Private to this room; see `models`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

PERSONAL = {
    "ReviewCase": {
        "id": "C0", "subject": "C0", "plan": "C0", "asked_by": "C1", "asked_for": "C1", "asked_at": "C1",
        "due_date": "C1", "statement_sealed": "C2",
    },
    "ReviewOutcome": {
        "id": "C0", "case": "C0", "reviewer": "C1", "at": "C1", "outcome": "C1", "reason_sealed": "C2", "leads_to": "C1",
    },
}  # fmt: skip


class ReviewCase(models.Model):
    """Somebody asks that a person look at a policy's allocation again. Append-only."""

    class AskedFor(models.TextChoices):
        CUSTOMER = "customer", "客户本人"
        RELATIVE = "relative", "客户的代理人"
        STAFF = "staff", "服务人员"

    subject = models.ForeignKey("ledger.Subject", models.PROTECT, related_name="+")
    plan = models.ForeignKey("plans.StoredPlan", models.PROTECT, null=True, related_name="+")  # that decided
    asked_by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    asked_for = models.CharField(max_length=10, choices=AskedFor.choices)
    asked_at = models.DateTimeField()
    due_date = models.DateField()
    statement_sealed = models.BinaryField()  # what was said may name people

    class Meta:
        indexes = [models.Index(fields=["due_date"], name="review_due")]


class ReviewOutcome(models.Model):
    """What the reviewer decided; at most one a case. Append-only."""

    class Outcome(models.TextChoices):
        KEPT = "kept", "维持"
        CHANGED = "changed", "更改"

    class LeadsTo(models.TextChoices):
        NOTHING = "", "无"
        TRANSFER = "transfer", "调整责任人"
        ADJUSTMENT = "adjustment", "调整待审批的方案"

    case = models.OneToOneField(ReviewCase, models.PROTECT, related_name="decided")
    reviewer = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason_sealed = models.BinaryField()
    leads_to = models.CharField(max_length=10, choices=LeadsTo.choices, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="kept", leads_to="") | (Q(outcome="changed") & ~Q(leads_to="")),
                name="review_change_leads_somewhere",
            ),
        ]
