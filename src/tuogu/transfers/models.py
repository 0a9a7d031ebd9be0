"""The tables of this room. Private: other rooms use `actions` and `queries`. All of them are append-only: where a request
stands is its last step."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

PERSONAL = {  # model -> {field: class}; C2 personal, C1 business, C0 technical
    "TransferRequest": {
        "id": "C0", "receiver": "C1", "reason": "C1", "source": "C1", "rows": "C1", "digest": "C0",
        "institution_codes": "C1", "asked_by": "C1", "asked_at": "C1",
    },
    "TransferRow": {"id": "C0", "request": "C0", "subject": "C0", "expected_head": "C0"},
    "TransferStep": {
        "id": "C0", "request": "C0", "number": "C0", "step": "C1", "by": "C1", "at": "C1", "reason": "C1", "batch": "C0",
        "outcome": "C1",
    },
}  # fmt: skip


class TransferRequest(models.Model):
    """Who shall receive what was chosen, and why. Its rows were frozen when it was asked."""

    receiver = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    reason = models.TextField()
    source = models.TextField(
        blank=True
    )  # the filter that found the rows, as a query string without searches
    rows = models.IntegerField()
    digest = models.TextField()  # of subjects and heads: what the person who asked had confirmed
    institution_codes = models.JSONField()  # that manage the rows: whose scope covers all sees the request
    asked_by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="transfers_says_why", condition=~Q(reason="")),
            models.CheckConstraint(name="transfers_has_rows", condition=Q(rows__gte=1)),
        ]


class TransferRow(models.Model):
    """One subject with the head of its custody when it was chosen."""

    request = models.ForeignKey(TransferRequest, models.PROTECT, db_index=False)
    subject = models.ForeignKey("ledger.Subject", models.PROTECT, related_name="+")
    expected_head = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "subject"], name="transfers_row_once")]


class TransferStep(models.Model):
    """One line of what became of a request, and of the wish to take it back."""

    class Step(models.TextChoices):
        ASKED = "asked", "待复核"
        WITHDRAWN = "withdrawn", "已撤回"
        REFUSED = "refused", "未同意"
        POSTED = "posted", "已调整"
        UNDO_ASKED = "undo_asked", "申请撤销"
        UNDO_WITHDRAWN = "undo_withdrawn", "撤回撤销申请"
        UNDO_REFUSED = "undo_refused", "不同意撤销"
        UNDONE = "undone", "已撤销"

    request = models.ForeignKey(TransferRequest, models.PROTECT, related_name="steps", db_index=False)
    number = models.SmallIntegerField()  # 1, 2, 3 …: of two who decide at once, one is refused
    step = models.TextField(choices=Step.choices)
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    batch = models.ForeignKey("ledger.Batch", models.PROTECT, null=True, related_name="+")
    outcome = models.JSONField(default=dict)  # counts: posted, stale; or posted, conflicts, redirected

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="transfers_step_once"),
            models.CheckConstraint(
                name="transfers_step_kind",
                condition=Q(
                    step__in=[
                        "asked", "withdrawn", "refused", "posted", "undo_asked", "undo_withdrawn", "undo_refused", "undone",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="transfers_step_says_why",
                condition=~Q(step__in=["refused", "undo_asked", "undo_refused"]) | ~Q(reason=""),
            ),
        ]  # fmt: skip
