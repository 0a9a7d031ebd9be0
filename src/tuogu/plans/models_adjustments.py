"""Adjustments by hand: which draft was revised into which, by whom and why. Private to this room; see `models`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

PERSONAL = {
    "Adjustment": {
        "id": "C0", "revision": "C0", "original": "C0", "number": "C0", "rows": "C1", "source": "C0", "reason": "C1",
        "openly": "C1", "by": "C1", "at": "C1",
    },
}  # fmt: skip


class Adjustment(models.Model):
    """One revision of a draft by hand (N-04). Append-only; the rows themselves are the revision's table `adjusted`."""

    class Source(models.TextChoices):
        SELECTION = "selection", "页面选择"
        SHEET = "sheet", "调整表"

    revision = models.OneToOneField("plans.StoredPlan", models.PROTECT, related_name="adjustment")
    original = models.ForeignKey("plans.StoredPlan", models.PROTECT, related_name="+")
    number = models.SmallIntegerField()  # 1, 2, 3 … of the plan that the program made
    rows = models.BigIntegerField()  # moved by this act; the revision may hold rows of earlier acts too
    source = models.CharField(max_length=10, choices=Source.choices)
    reason = models.TextField()
    openly = models.BigIntegerField()  # further breaches that a house lets a person make openly
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="adjustment_says_why"),
            models.CheckConstraint(condition=Q(rows__gte=1), name="adjustment_moves_something"),
            models.CheckConstraint(
                condition=~Q(revision=models.F("original")), name="adjustment_is_a_revision"
            ),
        ]
