"""The tables of rulebooks: adopted versions, append-only by triggers, and the drafts that may become one. Private."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

PERSONAL = {  # model -> {field: class}; C3 secret, C2 personal, C1 business, C0 technical
    "RulebookVersion": {
        "id": "C0", "name": "C1", "version": "C1", "effective_date": "C1", "content": "C1", "digest": "C0", "by": "C1",
        "adopted_at": "C1", "approved_by": "C1",
    },
    "RulebookDraft": {
        "id": "C0", "base_version": "C1", "version": "C1", "effective_date": "C1", "source": "C1", "reason": "C1",
        "changes": "C1", "state": "C1", "made_by": "C1", "made_at": "C1", "decided_by": "C1", "decided_at": "C1",
        "note": "C1",
    },
}  # fmt: skip


class RulebookVersion(models.Model):
    """A rulebook as adopted: its whole content, so that a decision can be recomputed years later."""

    name = models.TextField()
    version = models.TextField()
    effective_date = models.DateField()
    content = models.JSONField()  # list of parameters, see content.py
    digest = models.TextField()  # Rulebook.digest()
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    adopted_at = models.DateTimeField()
    approved_by = (
        models.ForeignKey(  # null: the shipped book, which changes nothing, or adopted before this was asked
            "org.Custodian", models.PROTECT, null=True, related_name="+", db_index=False
        )
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="rules_version_once", fields=["name", "version"]),
            models.CheckConstraint(
                name="rules_version_second_person",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("by")),
            ),
        ]


class RulebookDraft(models.Model):
    """Changes to the standard rulebook that somebody prepares, and what a second person decided."""

    class State(models.TextChoices):
        OPEN = "open", "起草中"
        SUBMITTED = "submitted", "待审批"
        APPROVED = "approved", "已批准"
        DECLINED = "declined", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"

    base_version = models.TextField()  # the book in force on the effective date when the draft was begun
    version = models.TextField()
    effective_date = models.DateField()
    source = models.TextField()  # the paper that orders the change
    reason = models.TextField()
    changes = models.JSONField(
        default=dict
    )  # key → {"value": …, "note": …}, values as content.py writes them
    state = models.TextField(choices=State.choices, default=State.OPEN)
    made_by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        "org.Custodian", models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="rules_draft_state",
                condition=Q(state__in=["open", "submitted", "approved", "declined", "withdrawn"]),
            ),
            models.CheckConstraint(
                name="rules_draft_second_person",
                condition=~Q(state="approved") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("made_by"))),
            ),
            models.UniqueConstraint(name="rules_draft_version_once", fields=["version"]),
        ]
