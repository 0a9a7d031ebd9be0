"""The models that chances are read from, as they were learned. Private to this room; append-only; see `models`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tuogu.core.chance.tables import TARGETS

PERSONAL = {
    "ChanceModel": {
        "id": "C0", "target": "C1", "trained_on": "C1", "rulebook": "C1", "rulebook_digest": "C0", "rows_digest": "C0",
        "content": "C1", "figures": "C1", "better": "C1", "digest": "C0", "by": "C1", "at": "C1",
    },
}  # fmt: skip


class ChanceModel(models.Model):
    """One training (P-07): the model as plain data and how good it was on the months held out."""

    target = models.TextField()
    trained_on = models.DateField()  # nothing that was not known on this day went in
    rulebook = models.TextField()
    rulebook_digest = models.TextField()
    rows_digest = models.TextField()  # of the rows that it was learned from and judged by
    content = models.JSONField()  # the model as plain data
    figures = models.JSONField()
    better = (
        models.BooleanField()
    )  # than the base rate, on the months held out; otherwise it is never shown as advice
    digest = models.TextField()  # SHA-256 of model and figures
    by = models.ForeignKey("org.Custodian", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="reports_chance_newest", fields=["target", "id"])]
        constraints = [
            models.CheckConstraint(name="reports_chance_target", condition=Q(target__in=sorted(TARGETS)))
        ]
